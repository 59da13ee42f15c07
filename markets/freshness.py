"""How old is stale, for each kind of market data. Decided at the moment of use, from `observed_at`."""

from datetime import datetime, timedelta
from typing import Literal

Freshness = Literal["live", "stale"]

QUOTE_LIMIT = timedelta(minutes=10)
CANDLE_GRACE = timedelta(minutes=5)
TRENDING_LIMIT = timedelta(hours=1)


def quote_stale_after(observed_at: datetime) -> datetime:
    return observed_at + QUOTE_LIMIT


def candle_stale_after(open_time: datetime, interval: int) -> datetime:
    """A candle's close, one interval more (when its successor is due), and five minutes of grace."""
    return open_time + timedelta(seconds=2 * interval) + CANDLE_GRACE


def trending_stale_after(observed_at: datetime) -> datetime:
    return observed_at + TRENDING_LIMIT


def quote_freshness(observed_at: datetime | None, now: datetime) -> Freshness:
    return _judged(observed_at and quote_stale_after(observed_at), now)


def candle_freshness(open_time: datetime | None, interval: int, now: datetime) -> Freshness:
    return _judged(open_time and candle_stale_after(open_time, interval), now)


def trending_freshness(observed_at: datetime | None, now: datetime) -> Freshness:
    return _judged(observed_at and trending_stale_after(observed_at), now)


def _judged(stale_after: datetime | None, now: datetime) -> Freshness:
    """Exactly at the limit is still live. What was never observed is stale."""
    return "live" if stale_after is not None and now <= stale_after else "stale"
