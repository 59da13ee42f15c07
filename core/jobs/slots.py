"""A slot of a job runs once, whoever asks: the unique row decides, so two schedulers do no harm."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction

from core.lib.clock import wall_now
from core.models import JobRun


def claim(job: str, slot: datetime | None = None) -> JobRun | None:
    """The run that now belongs to the caller, or None where somebody has this slot already."""
    try:
        with transaction.atomic():
            return JobRun.objects.create(job=job, slot=slot, started_at=wall_now())
    except IntegrityError:
        return None


@contextmanager
def running(run: JobRun) -> Iterator[JobRun]:
    """Close the run as done, or as failed with the error's class and message, which goes on to the caller."""
    try:
        yield run
    except Exception as error:
        finish(run, JobRun.State.FAILED, f"{type(error).__name__}: {error}"[:2000])
        raise
    finish(run, JobRun.State.DONE, run.detail)


def finish(run: JobRun, state: JobRun.State, detail: str) -> None:
    run.state, run.detail, run.finished_at = state, detail, wall_now()
    run.progress = 1.0 if state == JobRun.State.DONE else run.progress
    run.save(update_fields=["state", "detail", "finished_at", "progress"])


def report_progress(run: JobRun, progress: float, detail: str = "") -> None:
    run.progress, run.detail = progress, detail or run.detail
    run.save(update_fields=["progress", "detail"])
