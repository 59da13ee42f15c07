"""Many moments of a history as rows to learn from or to be tested on: what was known then, and what came of
it.

The label side (log return, activity) looks into the future on purpose. It never enters `X`, and a row may be
learned from only once it has matured: see `matured`.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.features.frame import scales, training_matrix
from predictions.features.history import QUARTER, Floats, History, Seconds
from predictions.features.rolling import Running
from predictions.features.scale import log_returns
from predictions.horizons import DAY, HOUR, Timeframe, band

EMBARGO = DAY
"""Between the maturity of the last row learned from and the moment of training."""
_STEPS_FOR_ACTIVITY = 4
"""Below so many hours, the hourly returns inside a horizon say no more than its own return does."""


@dataclass(frozen=True, eq=False)
class Examples:
    """N rows of one timeframe, ascending by `as_of`; only those that could have been forecast.

    `as_of`, `scale`, `band`, `reference_price`, `log_return` (NaN where the outcome is missing: void) and
    `activity` are (N,), `X` is (N, features) in the order of `names`; `token` is the row's column among
    `tokens`. `activity`: mean absolute hourly return over the horizon ÷ M(t) (for 15m and 1h the return
    itself in units of what is usual).
    """

    timeframe: Timeframe
    tokens: tuple[Hashable, ...]
    names: tuple[str, ...]
    as_of: Seconds
    token: NDArray[np.int64]
    X: Floats
    scale: Floats
    band: Floats
    reference_price: Floats
    log_return: Floats
    activity: Floats

    def __len__(self) -> int:
        return len(self.as_of)

    def pick(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Examples":
        columns = (self.X, self.scale, self.band, self.reference_price, self.log_return, self.activity)
        moments = self.as_of[chosen], self.token[chosen]
        return Examples(self.timeframe, self.tokens, self.names, *moments, *(one[chosen] for one in columns))

    def matured(self, until: int) -> NDArray[np.bool_]:
        """Rows that may be learned from at `until`: t + h + 1 day ≤ until, and the outcome is known."""
        in_time: NDArray[np.bool_] = self.as_of + self.timeframe.seconds + EMBARGO <= until
        return in_time & np.isfinite(self.log_return)


def counting_instants(history: History, timeframe: Timeframe, every: int = 1) -> Seconds:
    """Moments of the history that count in statistics, or each `every`th of them to save work."""
    times = _grid(history, timeframe)[0]
    step = timeframe.counts_every * every
    found: Seconds = times[times % step == 0]
    return found


def examples(history: History, timeframe: Timeframe, instants: Seconds) -> Examples:
    """Rows for every token at each of `instants` (on the hour; for 15m on the quarter hour)."""
    names, features = training_matrix(history, instants)
    times, close = _grid(history, timeframe)
    now, then = _closes_at(times, close, instants), _closes_at(times, close, instants + timeframe.seconds)
    scale = scales(history, instants)
    known = np.isfinite(scale) & (now > 0)
    row, column = np.nonzero(known)
    moved = np.log(then[known] / now[known])
    busy = _activity(history, timeframe, instants, scale)[known]
    return Examples(
        timeframe=timeframe,
        tokens=history.tokens,
        names=names,
        as_of=instants[row],
        token=column,
        X=features[known],
        scale=scale[known],
        band=band(timeframe, scale[known]),
        reference_price=now[known],
        log_return=moved,
        activity=_own_size(moved, scale[known], timeframe) if timeframe.hours < _STEPS_FOR_ACTIVITY else busy,
    )


def _grid(history: History, timeframe: Timeframe) -> tuple[Seconds, Floats]:
    if timeframe.seconds % HOUR == 0:
        return history.hours, history.close
    if history.quarters is None:
        return np.empty(0, np.int64), np.empty((0, len(history.tokens)))
    return history.quarters.times, history.quarters.close


def _closes_at(times: Seconds, close: Floats, moments: Seconds) -> Floats:
    step = QUARTER if len(times) < 2 else int(times[1] - times[0])
    found = np.full((len(moments), close.shape[1]), np.nan)
    if len(times):
        row = (moments - times[0]) // step
        inside = (row >= 0) & (row < len(times)) & ((moments - times[0]) % step == 0)
        found[inside] = close[row[inside]]
    return found


def _own_size(moved: Floats, scale: Floats, timeframe: Timeframe) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(moved) / (scale * np.sqrt(timeframe.hours)))


def _activity(history: History, timeframe: Timeframe, instants: Seconds, scale: Floats) -> Floats:
    ahead = timeframe.seconds // HOUR
    busy = np.full(scale.shape, np.nan)
    if ahead < _STEPS_FOR_ACTIVITY or not len(history.hours):
        return busy
    row = (instants + timeframe.seconds - history.hours[0]) // HOUR
    inside = (row >= 0) & (row < len(history.hours))
    busy[inside] = Running(np.abs(log_returns(history.close))).mean(row[inside], ahead)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(busy / scale)
