"""M(t): how much a token usually moves in an hour, the unit in which everything else about it is told.

M(t) is the mean absolute hourly log return over the last 60 days (1440 hours). It needs at least 30 days
between the first and the last usable return there, and at least 80 % of the returns between them; else it is
NaN and nobody forecasts. A return is usable if the candles at both of its ends are there.
"""

import numpy as np

from predictions.features.history import Floats
from predictions.features.rolling import lagged, rolling_count, rolling_sum

SCALE_HOURS = 60 * 24
LEAST_HOURS = 30 * 24
LEAST_SHARE = 0.8


def log_returns(close: Floats, rows: int = 1) -> Floats:
    """ln(close ÷ close `rows` earlier) of (n, tokens); NaN where either candle is missing."""
    logs = np.log(close)
    return logs - lagged(logs, rows)


def hourly_scale(close: Floats) -> Floats:
    """M(t) at the last row of hourly closes (n, tokens); looks at the last 1441 rows alone."""
    if not len(close):
        return np.full(close.shape[1], np.nan)
    return hourly_scales(np.ascontiguousarray(close[-(SCALE_HOURS + 1) :]))[-1]


def hourly_scales(close: Floats) -> Floats:
    """M(t) at every row of hourly closes (n, tokens)."""
    moved = np.abs(log_returns(close))
    count = rolling_count(moved, SCALE_HOURS)
    span = _usable_span(np.isfinite(moved))
    enough = (span >= LEAST_HOURS) & (count >= LEAST_SHARE * span)
    total = np.maximum(rolling_sum(moved, SCALE_HOURS), 0.0)
    return np.divide(total, count, out=np.full(close.shape, np.nan), where=enough)


def _usable_span(usable: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    """Hours from the first to the last usable return among the last 1440 at each row; 0 where there is none."""
    rows = np.arange(len(usable))[:, None]
    last = np.maximum.accumulate(np.where(usable, rows, -1), axis=0)
    nearest = np.minimum.accumulate(np.where(usable, rows, len(usable))[::-1], axis=0)[::-1]
    first = nearest[np.maximum(np.arange(len(usable)) - SCALE_HOURS + 1, 0)]
    return np.maximum(last - first + 1, 0).astype(np.float64)
