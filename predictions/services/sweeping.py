"""Finds the forecast run that a lost message left out. Only the newest: older candles are stale, and stay
unforecast.
"""

from datetime import datetime, timedelta

from core.lib.clock import floor_to
from markets.models import Candle
from predictions.models import ForecastRun
from predictions.services.instants import due_at

QUARTER, HOUR = 900, 3600


def missed_run(now: datetime) -> datetime | None:
    """The newest quarter hour, if candles closed at it and a timeframe that was due then has no run."""
    as_of = floor_to(now, QUARTER)
    due = {timeframe.name for timeframe in due_at(as_of)}
    made = set(ForecastRun.objects.filter(as_of=as_of).values_list("timeframe", flat=True))
    return as_of if due - made and _candles_closed_at(as_of) else None


def _candles_closed_at(as_of: datetime) -> bool:
    return any(
        Candle.objects.filter(interval=interval, open_time=as_of - timedelta(seconds=interval)).exists()
        for interval in (QUARTER, HOUR)
    )
