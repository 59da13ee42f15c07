"""A token's past: candles of an interval, and the lists of [milliseconds, value] that plain charts draw."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from core.lib.clock import from_seconds
from core.lib.errors import NotEnoughHistory
from markets.candles.intervals import interval_name
from markets.candles.resample import resample
from markets.candles.series import CandleSeries
from markets.freshness import Freshness, candle_freshness, quote_freshness
from markets.models import Quote, Token
from markets.selectors.coverage import newest_candles
from markets.selectors.panel import HOUR, QUARTER, Series, series

DAY = 86_400
INTERVALS = (QUARTER, HOUR, 4 * HOUR, DAY)
Point = tuple[int, float]
_DAILY_BEYOND_DAYS = 90
_QUARTERS_UP_TO_DAYS = 2


@dataclass(frozen=True)
class Candles:
    """Candles ascending; `more_from` is the opening time of the first one that the limit left out."""

    token: Token
    interval: int
    series: CandleSeries
    source: str
    observed_at: datetime
    freshness: Freshness
    more_from: datetime | None


@dataclass(frozen=True)
class History:
    token: Token
    prices: list[Point]
    volumes: list[Point]
    market_caps: list[Point]
    source: str
    observed_at: datetime
    freshness: Freshness


def candles(
    token: Token, interval: int, *, since: datetime | None, until: datetime, limit: int, now: datetime
) -> Candles:
    """With `since` the first `limit` candles from there on, else the last `limit` ones closed by `until`.

    Four hours and days are made of stored hours, whole ones only. Raises NotEnoughHistory where none is.
    """
    stored = interval if interval in (QUARTER, HOUR) else HOUR
    newest = newest_candles([token.pk], stored).get(token.pk)
    if newest is None:
        raise NotEnoughHistory(f"{token.symbol} has no {interval_name(stored)} candles yet.")
    start = since or min(until, now) - timedelta(seconds=interval * (limit + 2))
    rows = series(token.pk, stored, _floor(start, interval), min(until, now))
    found = resample(_as_candles(rows), stored, interval)
    if since is None:
        return _answer(
            token, interval, stored, found.pick(slice(-limit, None)), rows, newest.open_time, now, None
        )
    found = found.pick(found.open_times >= since.timestamp())
    more = from_seconds(int(found.open_times[limit])) if len(found) > limit else None
    return _answer(token, interval, stored, found.pick(slice(0, limit)), rows, newest.open_time, now, more)


def _answer(
    token: Token,
    interval: int,
    stored: int,
    found: CandleSeries,
    rows: Series,
    newest_open: datetime,
    now: datetime,
    more: datetime | None,
) -> Candles:
    return Candles(
        token=token,
        interval=interval,
        series=found,
        source=rows.source,
        observed_at=newest_open + timedelta(seconds=stored),
        freshness=candle_freshness(newest_open, stored, now),
        more_from=more,
    )


def history(token: Token, days: int, now: datetime) -> History:
    """Closes of candles, and volumes and caps as they were quoted; what was never observed is not there.

    Quarter hours up to two days, hours up to ninety, days beyond. Raises NotEnoughHistory without any.
    """
    step = QUARTER if days <= _QUARTERS_UP_TO_DAYS else HOUR if days <= _DAILY_BEYOND_DAYS else DAY
    stored = min(step, HOUR)
    since = now - timedelta(days=days)
    rows = series(token.pk, stored, since, now)
    quotes = list(
        Quote.objects.filter(token=token, observed_at__gte=since, observed_at__lte=now)
        .order_by("observed_at")
        .values_list("observed_at", "volume_24h", "market_cap", "source")
    )
    if not len(rows.times) and not quotes:
        raise NotEnoughHistory(f"Nothing about {token.symbol} is stored for the last {days} days.")
    last_of_step = np.flatnonzero(np.diff((rows.times - 1) // step, append=np.iinfo(np.int64).max) > 0)
    prices = zip(rows.times[last_of_step].tolist(), rows.close[last_of_step].tolist(), strict=True)
    observed_at = from_seconds(int(rows.times[-1])) if len(rows.times) else quotes[-1][0]
    return History(
        token=token,
        prices=[(at * 1000, close) for at, close in prices],
        volumes=_thinned([(at, volume) for at, volume, _, _ in quotes], step),
        market_caps=_thinned([(at, cap) for at, _, cap, _ in quotes], step),
        source=rows.source or quotes[-1][3],
        observed_at=observed_at,
        freshness=candle_freshness(observed_at - timedelta(seconds=stored), stored, now)
        if len(rows.times)
        else quote_freshness(observed_at, now),
    )


def _thinned(values: list[tuple[datetime, float | None]], step: int) -> list[Point]:
    """The last value of each step."""
    last: dict[int, Point] = {}
    for at, value in values:
        if value is not None:
            last[int(at.timestamp()) // step] = (int(at.timestamp() * 1000), value)
    return list(last.values())


def _as_candles(rows: Series) -> CandleSeries:
    return CandleSeries(rows.times - rows.interval, rows.open, rows.high, rows.low, rows.close, rows.volume)


def _floor(moment: datetime, interval: int) -> datetime:
    return from_seconds(int(moment.timestamp()) // interval * interval)
