"""Which timeframes are due when, and how long a forecast may be acted on."""

from datetime import datetime, timedelta

from predictions.horizons import TIMEFRAMES, Timeframe

LATE_AFTER = timedelta(seconds=120)
"""In market time. A forecast that is made later is marked, and counted apart."""


def due_at(as_of: datetime) -> list[Timeframe]:
    """15m, 1h and 4h at each quarter hour, 1d hourly, 7d and longer every six hours."""
    return [timeframe for timeframe in TIMEFRAMES if _falls_on(as_of, timeframe.stored_every)]


def counts_at(as_of: datetime, timeframe: Timeframe) -> bool:
    """Whether a forecast of this instant counts in statistics."""
    return _falls_on(as_of, timeframe.counts_every)


def expires_at(as_of: datetime, timeframe: Timeframe) -> datetime:
    """When its horizon is over or its successor is overdue (twice the time between two runs), whichever is
    first.
    """
    return as_of + timedelta(seconds=min(timeframe.seconds, 2 * timeframe.stored_every))


def is_late(as_of: datetime, now: datetime) -> bool:
    return now - as_of > LATE_AFTER


def _falls_on(as_of: datetime, seconds: int) -> bool:
    return int(as_of.timestamp()) % seconds == 0
