"""`manage.py fetch quotes|candles|trending|details`: one cycle now, whatever the schedule says."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from core.lib.clock import market_now
from core.lib.errors import SourceFailure
from markets.services.candles import fetch_closed_candles
from markets.services.details import fetch_details
from markets.services.fetching import fetch_quotes
from markets.services.trending import fetch_trending


def _quotes(now: datetime) -> str:
    fetched = fetch_quotes(now)
    missing = f", no answer for {', '.join(fetched.missing[:10])}" if fetched.missing else ""
    return f"{len(fetched.token_ids)} new quotes, {len(fetched.refusals)} refused{missing}"


def _candles(now: datetime) -> str:
    stored = fetch_closed_candles(now)
    return f"{len(stored[900])} tokens have a new quarter hour, {len(stored[3600])} a new hour"


WORK: dict[str, Callable[[datetime], str]] = {
    "quotes": _quotes,
    "candles": _candles,
    "trending": lambda now: f"{fetch_trending(now)} trending places",
    "details": lambda now: f"{fetch_details(now).tokens} tokens looked up",
}


class Command(BaseCommand):
    help = "Fetch once, now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=sorted(WORK))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(f"{WORK[options['what']](market_now())}.")
        except SourceFailure as failure:
            raise CommandError(failure.message) from failure
