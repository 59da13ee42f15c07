"""Finds candles that a lost message left out: a worker that was killed keeps its messages for an hour."""

from datetime import datetime, timedelta

from core.lib.clock import floor_to
from markets.models import Candle
from markets.services.candles import INTERVALS, Stored, fetch_closed_candles

PATIENCE = timedelta(minutes=3)
"""Within so long after its close a candle comes by the ordinary way, tries again included."""


def fetch_missed_candles(now: datetime) -> Stored:
    """Fetch what closed last where no token has it yet, three minutes after its close; nothing where all came.

    What one token lacks is left to the gaps. Raises SourceFailure as `fetch_closed_candles` does. Run twice, it finds
    nothing the second time.
    """
    missed = any(_is_missed(interval, now) for interval in INTERVALS)
    return fetch_closed_candles(now) if missed else {interval: [] for interval in INTERVALS}


def _is_missed(interval: int, now: datetime) -> bool:
    closed = floor_to(now, interval)
    if now - closed < PATIENCE:
        return False
    candles = Candle.objects.filter(interval=interval)
    opened = closed - timedelta(seconds=interval)
    return candles.exists() and not candles.filter(open_time=opened).exists()
