"""A slot of a job runs once, whoever asks: the unique row decides, so two schedulers do no harm."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from celery import current_task
from django.db import IntegrityError, transaction
from django.db.models import Q

from core.lib.clock import wall_now
from core.lib.redaction import hidden_in_text
from core.models import JobRun

ABANDONED_AFTER = timedelta(minutes=20)
"""A run that is "running" for longer belongs to a worker that died; the task that is handed on may take it over."""
_longer: dict[str, timedelta] = {}


def may_take(job: str, longest: timedelta) -> timedelta:
    """Says that runs of this job may last longer than others; whoever owns the job says it on import."""
    _longer[job] = longest
    return longest


def claim(job: str, slot: datetime | None = None) -> JobRun | None:
    """The run that now belongs to the caller, or None where somebody has this slot already.

    A failed run, or one whose worker died, may be claimed again: a retry is the same slot.
    """
    try:
        with transaction.atomic():
            return JobRun.objects.create(job=job, slot=slot, started_at=wall_now())
    except IntegrityError:
        return _take_over(job, slot)


def begin_for(owner: UUID, job: str, detail: str = "") -> JobRun:
    """A run that a user started for himself, and may watch; what it may tell in `detail` is his to read."""
    return JobRun.objects.create(job=job, started_at=wall_now(), owner=owner, detail=detail)


def _take_over(job: str, slot: datetime | None) -> JobRun | None:
    now = wall_now()
    abandoned = Q(state=JobRun.State.RUNNING)
    if not _is_handed_out_again():
        abandoned &= Q(started_at__lt=now - _longer.get(job, ABANDONED_AFTER))
    taken = JobRun.objects.filter(Q(state=JobRun.State.FAILED) | abandoned, job=job, slot=slot).update(
        state=JobRun.State.RUNNING, started_at=now, finished_at=None, progress=0.0
    )
    return JobRun.objects.get(job=job, slot=slot) if taken else None


def _is_handed_out_again() -> bool:
    """Whether this very task was given to a worker before, which then died: its run need not be waited for."""
    return bool(current_task and (current_task.request.delivery_info or {}).get("redelivered"))


@contextmanager
def running(run: JobRun) -> Iterator[JobRun]:
    """Close the run as done, or as failed with the error's class and message, which goes on to the caller."""
    try:
        yield run
    except Exception as error:
        finish(run, JobRun.State.FAILED, hidden_in_text(f"{type(error).__name__}: {error}")[:2000])
        raise
    finish(run, JobRun.State.DONE, run.detail)


def finish(run: JobRun, state: JobRun.State, detail: str) -> None:
    run.state, run.detail, run.finished_at = state, detail, wall_now()
    run.progress = 1.0 if state == JobRun.State.DONE else run.progress
    run.save(update_fields=["state", "detail", "finished_at", "progress"])


def report_progress(run: JobRun, progress: float, detail: str = "") -> None:
    run.progress, run.detail = progress, detail or run.detail
    run.save(update_fields=["progress", "detail"])


def close_interrupted_runs() -> int:
    """Embedded start: whatever was running died with the process, and its slot may be claimed again."""
    return JobRun.objects.filter(state=JobRun.State.RUNNING).update(
        state=JobRun.State.FAILED, detail="Interrupted: the process ended.", finished_at=wall_now()
    )


def close_lost_runs() -> int:
    """Runs that last longer than their job ever does: their worker was killed, and nobody else will close them."""
    now = wall_now()
    lost = Q(started_at__lt=now - ABANDONED_AFTER) & ~Q(job__in=list(_longer))
    for job, longest in _longer.items():
        lost |= Q(job=job, started_at__lt=now - longest)
    return JobRun.objects.filter(lost, state=JobRun.State.RUNNING).update(
        state=JobRun.State.FAILED,
        detail="Lost: its worker died or was killed before it ended.",
        finished_at=now,
    )
