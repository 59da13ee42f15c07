"""Writes the table into the database scheduler at start; staff own only `enabled`."""

from django.conf import settings
from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

from khalsi.schedule.table import Job, jobs


@transaction.atomic
def install_schedule() -> None:
    """Rows of the table are created or re-timed; rows that are not in it are switched off."""
    table = jobs()
    for job in table:
        _install(job)
    PeriodicTask.objects.exclude(name__in=[job.name for job in table]).update(enabled=False)
    PeriodicTasks.update_changed()


def _install(job: Job) -> None:
    interval, _ = IntervalSchedule.objects.get_or_create(every=job.every, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.update_or_create(
        name=job.name,
        defaults={
            "task": job.task,
            "queue": job.queue,
            "interval": interval,
            "description": f"{job.what}. In market time, {job.offset} s after each slot.",
            "expire_seconds": max(1, int(job.too_late / settings.MARKET.speed)),
        },
    )
