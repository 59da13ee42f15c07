"""`manage.py beating`: exit 0 while the scheduler is alive (the health check of its container)."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from core.lib.clock import market_now
from khalsi.health import HEALTHY, scheduler_check


class Command(BaseCommand):
    help = "Fail unless the scheduler has written down market time within the last half minute."

    def handle(self, *args: Any, **options: Any) -> None:
        finding = scheduler_check(market_now())
        if finding.status != HEALTHY:
            raise CommandError(f"scheduler: {finding.detail}")
