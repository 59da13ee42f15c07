"""The baseline: how often each class came for this token in the last year, and a normal range from fading
volatility.

Outcomes are counted by the UTC day on which they matured. The baseline at t adds up the 365 whole days before
the day of t, so all it knows had matured before t, and its cost does not grow with history. Frequencies are
shrunk to a third each with the weight of 30 independent outcomes:

    p = (n·f + 30·⅓) ÷ (n + 30),   n = span of those outcomes ÷ h
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from predictions.engines.base import Answer, Batch, answer, gaps
from predictions.features.history import WINDOW_HOURS, Floats, History, Seconds, window
from predictions.features.rolling import fading_means
from predictions.features.scale import hourly_scales, log_returns
from predictions.horizons import DAY, HOUR, Timeframe, band, classify

DAYS = 365
SHRINK = 30.0
HALF_LIFE_HOURS = {"15m": 12, "1h": 24, "4h": 24, "1d": 72, "7d": 264, "14d": 264, "30d": 720}
_NORMAL_90 = 1.2815515655446004
LEAST_DEVIATION = 1e-5
"""In log return: a token that stands still has a narrow range, but p10 < p50 < p90 all the same."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tally:
    """One token's outcomes by UTC day of maturity: `days` since 1970, ascending, none without outcome."""

    days: Seconds
    up: Counts
    down: Counts
    sideways: Counts


def tally(timeframe: Timeframe, times: Seconds, close: Floats, scale: Floats) -> Tally:
    """Classes of one token's outcomes, from closes (n,) on an unbroken grid and M(t) (n,) at the same times.

    The grid is hourly, or of quarter hours for 15m (M(t) then is that of the last full hour: see
    `quarter_scales`). Origins are the instants that count in statistics; where price, scale or outcome is
    missing, nothing is counted.
    """
    days, counts = class_counts(timeframe, times, close[:, None], scale[:, None])
    some = counts[:, 0].sum(axis=1) > 0
    return Tally(days[some], *counts[some, 0].T)


def class_counts(
    timeframe: Timeframe, times: Seconds, close: Floats, scale: Floats
) -> tuple[Seconds, Counts]:
    """The same for many tokens: unbroken `days` (D,) and counts (D, tokens, 3)."""
    step = int(times[1] - times[0]) if len(times) > 1 else HOUR
    ahead = timeframe.seconds // step
    if len(times) <= ahead:
        return np.empty(0, np.int64), np.empty((0, close.shape[1], 3), np.int64)
    counted = np.flatnonzero(times[:-ahead] % timeframe.counts_every == 0)
    moved = np.log(close[counted + ahead] / close[counted])
    width = band(timeframe, scale[counted])
    known = np.isfinite(moved) & np.isfinite(width)
    day = (times[counted] + timeframe.seconds) // DAY
    return _by_day(day, classify(moved, width), known)


def _by_day(day: Seconds, came: NDArray[np.int8], known: NDArray[np.bool_]) -> tuple[Seconds, Counts]:
    if not len(day):
        return np.empty(0, np.int64), np.empty((0, came.shape[1], 3), np.int64)
    days = np.arange(day[0], day[-1] + 1)
    counts = np.zeros((len(days), came.shape[1], 3), np.int64)
    rows, columns = np.nonzero(known)
    np.add.at(counts, (day[rows] - days[0], columns, came[rows, columns]), 1)
    return days, counts


def quarter_scales(hours: Seconds, scale: Floats, times: Seconds) -> Floats:
    """M(t) of the last hour that had closed at each of `times`; NaN before the first."""
    row = np.searchsorted(hours, times, side="right") - 1
    found = scale[np.maximum(row, 0)].copy()
    found[row < 0] = np.nan
    return found


def spans(days: Seconds, counts: Counts, as_of: int) -> tuple[Counts, Seconds]:
    """What the baseline at `as_of` adds up: classes (tokens, 3), and the seconds that those outcomes span
    (tokens,).
    """
    today = as_of // DAY
    inside = (days >= today - DAYS) & (days < today)
    recent, on = counts[inside], days[inside]
    some = recent.sum(axis=2) > 0
    first = np.where(some, on[:, None], np.iinfo(np.int64).max).min(axis=0, initial=np.iinfo(np.int64).max)
    last = np.where(some, on[:, None], -1).max(axis=0, initial=-1)
    span = np.where(last < 0, 0, (last - np.minimum(first, last) + 1) * DAY)
    return recent.sum(axis=0), span


def frequencies(counts: ArrayLike, span_seconds: ArrayLike, horizon_seconds: int) -> Floats:
    """Shrunk class frequencies (tokens, 3) of up, down, sideways. Without outcomes: a third each.

    By hand: 40, 30 and 30 outcomes over 2.5 days at 1h are n = 60, so up is (60·0.4 + 10) ÷ 90 = 0.3778.
    """
    seen = np.asarray(counts, np.float64)
    total = seen.sum(axis=1, keepdims=True)
    share = np.divide(seen, total, out=np.full(seen.shape, 1 / 3), where=total > 0)
    independent = np.asarray(span_seconds, np.float64)[:, None] / horizon_seconds
    return np.asarray((independent * share + SHRINK / 3) / (independent + SHRINK))


def normal_quantiles(deviation: Floats) -> Floats:
    """Log returns at 10, 50 and 90 % of a normal around no change, for deviations (N,)."""
    wide = np.maximum(deviation, LEAST_DEVIATION) * _NORMAL_90
    return np.stack([-wide, np.zeros_like(wide), wide], axis=-1)


def deviations(timeframe: Timeframe, close: Floats) -> Floats:
    """Deviation of the return over h at each row of hourly closes: √(fading mean square × hours)."""
    square = log_returns(close) ** 2
    (mean,) = fading_means(square, (HALF_LIFE_HOURS[timeframe.name],), WINDOW_HOURS - 1)
    return np.asarray(np.sqrt(mean * timeframe.hours))


def baseline_quantiles(history: History, timeframe: Timeframe, as_of: int) -> Floats:
    """The baseline's range (tokens, 3) at `as_of`, from hourly candles closed by then."""
    close = window(history, as_of).close
    if not len(close):
        return np.full((len(history.tokens), 3), np.nan)
    return normal_quantiles(deviations(timeframe, close)[-1])


class Climatology:
    """The baseline as an engine: it says what its batch's baseline says."""

    name = "climatology"
    version = "1"

    def forecast(self, batch: Batch) -> Answer:
        return answer(batch.baseline, batch.baseline_quantiles, gaps(batch))


def history_counts(history: History, timeframe: Timeframe) -> tuple[Seconds, Counts]:
    """`class_counts` of a whole history: quarters for 15m, hours for the rest."""
    scale = hourly_scales(history.close)
    if timeframe.seconds >= HOUR:
        return class_counts(timeframe, history.hours, history.close, scale)
    if history.quarters is None:
        return np.empty(0, np.int64), np.empty((0, len(history.tokens), 3), np.int64)
    times = history.quarters.times
    return class_counts(timeframe, times, history.quarters.close, quarter_scales(history.hours, scale, times))
