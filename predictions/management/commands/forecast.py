"""Make forecasts now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.lib.clock import floor_to, market_now
from predictions.horizons import TIMEFRAMES
from predictions.services.forecasting import make_forecasts

QUARTER = 900


class Command(BaseCommand):
    help = "Make the forecasts of the newest quarter hour now; what exists already stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        names = [timeframe.name for timeframe in TIMEFRAMES]
        parser.add_argument(
            "--timeframe", action="append", choices=names, help="Only this one; may be repeated."
        )
        parser.add_argument(
            "--all", action="store_true", help="Every timeframe, whether due at this quarter hour or not."
        )

    def handle(self, **options: Any) -> None:
        now = market_now()
        wanted = [timeframe.name for timeframe in TIMEFRAMES] if options["all"] else options["timeframe"]
        for run in make_forecasts(floor_to(now, QUARTER), now, wanted, market_now):
            none = "; ".join(f"{reason}: {', '.join(symbols)}" for reason, symbols in run.abstentions.items())
            self.stdout.write(
                f"{run.timeframe:>4} {run.as_of:%Y-%m-%d %H:%M}: {run.forecasts} of {run.tokens} tokens"
                f"{', ' + str(run.late) + ' late' if run.late else ''}{' – none for ' + none if none else ''}"
            )
