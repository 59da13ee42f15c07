"""Celery's database scheduler, told the time by the market's clock.

Entries are due at the slots of `khalsi.schedule.table`, which lie in market time: in a replay at 60× a quarter hour
passes in 15 s of wall time. The slot goes to the task, which claims it; a slot missed for long is skipped.
"""

import time
from typing import Any

from celery import schedules
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from core.jobs.market_time import keep_market_time
from core.lib.clock import iso, market_clock, market_now
from khalsi.schedule.table import Job, job_named

KEEP_TIME_EVERY_SECONDS = 2.0
DISABLED_CHECK_SECONDS = 5.0


class MarketEntry(ModelEntry):  # type: ignore[misc]  # the library ships no types
    """An entry whose due time is a slot of its job; `last_run_at` stays wall time, as the library keeps it."""

    def is_due(self) -> Any:
        job = job_named(self.name)
        if job is None or not self.model.enabled:
            return schedules.schedstate(False, DISABLED_CHECK_SECONDS)
        slot = job.slot_at(market_now())
        due = self._slot_of_last_run(job) < slot
        self.kwargs = {"slot": iso(slot)}
        wait = (job.due_after(slot) - market_now()).total_seconds() / market_clock().speed
        return schedules.schedstate(due, max(wait, 0.05))

    def _slot_of_last_run(self, job: Job) -> Any:
        return job.slot_at(market_clock().at(self.last_run_at))


class MarketScheduler(DatabaseScheduler):  # type: ignore[misc]
    """Also writes down how far market time has come, so that a restarted replay goes on where it was."""

    Entry = MarketEntry
    _time_kept = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self._time_kept > KEEP_TIME_EVERY_SECONDS:
            self._time_kept = time.monotonic()
            keep_market_time()
        return float(min(super().tick(*args, **kwargs), KEEP_TIME_EVERY_SECONDS))
