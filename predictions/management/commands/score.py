"""Give matured forecasts their outcome now."""

from typing import Any

from django.core.management.base import BaseCommand

from core.lib.clock import market_now
from predictions.services.scoring import score_matured


class Command(BaseCommand):
    help = "Give every matured forecast its outcome now (the scheduler does so every five minutes)."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{score_matured(market_now())} forecasts got their outcome.")
