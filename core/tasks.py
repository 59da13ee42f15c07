"""The ground's own jobs."""

import structlog
from celery import shared_task

from core.jobs.slots import close_lost_runs
from core.jobs.tasks import JobTask

log = structlog.get_logger(__name__)


@shared_task(base=JobTask, name="core.close_lost_runs")
def close_lost(slot: str = "") -> None:
    closed = close_lost_runs()
    if closed:
        log.warning("lost_runs_closed", runs=closed)
