"""Parses `/coins/{id}/market_chart` into closes on the candles' grid, where no exchange lists a token.

Points lie off the grid, may repeat, step back or be unfinished at the end, and their volumes are rolling sums
of 24 hours that no candle may carry. So: sort, put each point into its bucket, keep the last one of each, and
leave out the newest bucket, which is not over. A close is the last price in its bucket, never a later one.
"""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.lib.errors import ReplyRefused
from markets.candles.series import CandleSeries
from markets.providers.base import CandleBundle, Refusal
from markets.providers.plausible import believable_closes
from markets.providers.reading import moment, positive

Floats = NDArray[np.float64]
AHEAD = timedelta(hours=1)
"""A long job's `now` lies behind the source's. Such points are in no bucket that is over, so they do no harm."""


def parse_points(body: Any, interval: int, now: datetime, subject: str = "") -> CandleBundle:
    points = body.get("prices") if isinstance(body, dict) else None
    if not isinstance(points, list):
        raise ReplyRefused("CoinGecko's chart has no list of prices; nothing of it is used.")
    times, prices = _readable(points, now)
    refused = len(points) - len(times)
    if refused * 2 > len(points):
        raise ReplyRefused(
            f"{refused} of {len(points)} points of CoinGecko's chart make no sense; none is used."
        )
    series = _closes(times, prices, interval, now)
    believed = believable_closes(series.open_times, series.close)
    refusals = [Refusal(subject, f"{refused} points that are no positive price at a time up to now")] * bool(
        refused
    )
    if not believed.all():
        refusals.append(Refusal(subject, f"{int((~believed).sum())} closes that jump beyond belief"))
    return CandleBundle(series.pick(believed), refusals, rows=len(points))


def _readable(points: list[Any], now: datetime) -> tuple[Floats, Floats]:
    """Times in seconds and prices of the points that make sense."""
    latest = now + AHEAD
    read = [(moment(point[0]), positive(point[1])) for point in points if _is_pair(point)]
    kept = [(at.timestamp(), price) for at, price in read if at and price and at <= latest]
    table = np.array(kept, np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _is_pair(point: Any) -> bool:
    return isinstance(point, list) and len(point) == 2


def _closes(times: Floats, prices: Floats, interval: int, now: datetime) -> CandleSeries:
    if not len(times):
        return CandleSeries.empty()
    order = np.argsort(times, kind="stable")
    buckets = (times[order] // interval).astype(np.int64)
    last_of_each = np.flatnonzero(np.r_[np.diff(buckets) > 0, False])  # the newest bucket has no successor
    over = last_of_each[(buckets[last_of_each] + 1) * interval <= now.timestamp()]
    nothing = np.full(len(over), np.nan)
    return CandleSeries(buckets[over] * interval, nothing, nothing, nothing, prices[order][over], nothing)
