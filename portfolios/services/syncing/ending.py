"""What came of a synchronisation: when the connection is due next, what is told of it, and whether it must stop."""

import random
from datetime import datetime

import structlog
from django.db import transaction

from core.jobs.slots import finish
from core.lib.redaction import hidden_in_text
from core.models import JobRun
from portfolios.exchanges.errors import ExchangeFailure, LimitReached
from portfolios.models import SyncRun
from portfolios.services.connecting.stopping import stop
from portfolios.services.syncing.backoff import (
    RETRIES,
    due_after_failure,
    due_after_success,
    due_after_wait,
)
from portfolios.services.syncing.leasing import Held, give_back, mine

log = structlog.get_logger(__name__)
_DRAWN = random.SystemRandom()
State = SyncRun.State


@transaction.atomic
def end_well(held: Held, now: datetime) -> None:
    """Who asked while it was read wants what happened until then: it is his turn next."""
    began, job = held.run.began_at, _job_of(held)
    is_answer = job in {None, held.connection.job_id}
    done = {"due_at": due_after_success(began, now), "asked_at": None, "job_id": None} if is_answer else {}
    is_mine = give_back(
        held,
        last_sync_at=began,
        failures=0,
        last_error="",
        last_error_class="",
        last_error_at=None,
        **done,
    )
    _close(held, State.DONE if is_mine else State.LOST, now)
    if is_mine and is_answer:
        _finish_job(job, JobRun.State.DONE, f"{held.connection.get_exchange_display()}: up to date")


@transaction.atomic
def pause(held: Held, now: datetime) -> None:
    """There is more to read: it goes on in its turn, and whoever waits sees how far it is."""
    is_mine = give_back(held, due_at=now, asked_at=None)
    _close(held, State.PAUSED if is_mine else State.LOST, now)


@transaction.atomic
def wait(held: Held, failure: LimitReached, now: datetime) -> None:
    """A limit is used up, which is nobody's fault: no try is counted."""
    due, job = due_after_wait(now, failure.seconds, _DRAWN.random()), _job_of(held)
    is_mine = give_back(held, due_at=due)
    if is_mine:
        JobRun.objects.filter(pk=job or 0, state=JobRun.State.RUNNING).update(detail=told(failure)[1])
    _close(held, State.PAUSED if is_mine else State.LOST, now, failure)


@transaction.atomic
def end_badly(held: Held, failure: Exception, now: datetime) -> None:
    """It is tried again, three times soon and then at its regular times."""
    failures = held.connection.failures + 1
    asked = failure.retry_after if isinstance(failure, ExchangeFailure) else None
    (name, words), job = told(failure), _job_of(held)
    gone_on = {"asked_at": None, "job_id": None} if failures > RETRIES else {}
    is_mine = give_back(
        held,
        due_at=due_after_failure(now, failures, _DRAWN.random(), asked),
        failures=failures,
        last_error=words,
        last_error_class=name,
        last_error_at=now,
        **gone_on,
    )
    _close(held, State.FAILED if is_mine else State.LOST, now, failure)
    if is_mine and gone_on:
        _finish_job(job, JobRun.State.FAILED, words)
    log.info("exchange_sync_failed", connection=str(held.connection.id), error=name, failures=failures)


@transaction.atomic
def end_for_good(held: Held, failure: Exception, now: datetime) -> None:
    """Only its owner can mend it."""
    (name, words), job = told(failure), _job_of(held)
    is_mine = give_back(held, job_id=None)
    _close(held, State.FAILED if is_mine else State.LOST, now, failure)
    if is_mine and stop(held.connection.id, because=words, error_class=name, now=now):
        _finish_job(job, JobRun.State.FAILED, words)
        log.warning("exchange_connection_stopped", connection=str(held.connection.id), error=name)


def told(failure: Exception) -> tuple[str, str]:
    """Class and words. Of what nobody reckoned with only the class: its text may repeat anything."""
    name = type(failure).__name__
    if isinstance(failure, ExchangeFailure):
        return name, hidden_in_text(failure.message)[:300]
    return name[:40], f"Khalsi could not read it ({name[:40]})."


def _close(held: Held, state: State, now: datetime, failure: Exception | None = None) -> None:
    name, words = told(failure) if failure is not None else ("", "")
    SyncRun.objects.filter(pk=held.run.pk, state=State.RUNNING).update(
        state=state, ended_at=now, calls=held.run.calls, error_class=name, error=words
    )


def _job_of(held: Held) -> int | None:
    """The run that its owner watches now; he may have asked after the connection was taken."""
    return mine(held).select_for_update().values_list("job_id", flat=True).first()


def _finish_job(job_id: int | None, state: JobRun.State, words: str) -> None:
    run = JobRun.objects.filter(pk=job_id or 0, state=JobRun.State.RUNNING).first()
    if run is not None:
        finish(run, state, words)
