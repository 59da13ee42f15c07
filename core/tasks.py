"""The ground's own jobs."""

from datetime import datetime

import structlog
from celery import shared_task

from core.jobs.slots import claim, close_lost_runs, running
from core.jobs.tasks import JobTask

log = structlog.get_logger(__name__)


@shared_task(base=JobTask, name="core.close_lost_runs")
def close_lost(slot: str = "") -> None:
    run = claim("lost-runs", datetime.fromisoformat(slot) if slot else None)
    if run is None:
        return
    with running(run):
        closed = close_lost_runs()
        run.detail = f"{closed} closed"
    if closed:
        log.warning("lost_runs_closed", runs=closed)
