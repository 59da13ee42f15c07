"""M(t): how much a token usually moves in an hour, the unit in which everything else about it is told.

M(t) is the mean absolute hourly log return over the last 60 days (1440 hours). It needs at least 30 days from
the first to the last usable return there, and at least 80 % of the returns between them; else it is NaN and
nobody forecasts. A return is usable if the candles at both of its ends are there.
"""

import numpy as np
from numpy.typing import NDArray

from predictions.features.history import Floats
from predictions.features.rolling import Rows, Running, divide, lagged

SCALE_HOURS = 60 * 24
LEAST_HOURS = 30 * 24
LEAST_SHARE = 0.8
NORMAL = 1.2533
"""Deviation of a normal over its mean absolute value: M(t) × this is a volatility."""


def log_returns(close: Floats) -> Floats:
    """ln(close ÷ close one row earlier) of (n, tokens); NaN where either candle is missing."""
    logs = np.log(close)
    moved: Floats = logs - lagged(logs, 1)
    return moved


def hourly_scale(close: Floats) -> Floats:
    """M(t) at the last row of hourly closes (n, tokens); looks at the last 1441 rows alone."""
    recent = np.ascontiguousarray(close[-(SCALE_HOURS + 1) :])
    last: Floats = scales_at(log_returns(recent), np.array([len(recent) - 1]))[0]
    return last


def hourly_scales(close: Floats) -> Floats:
    """M(t) at every row of hourly closes (n, tokens)."""
    return scales_at(log_returns(close), np.arange(len(close)))


def scales_at(moved: Floats, rows: Rows) -> Floats:
    """M(t) at some rows of hourly log returns (n, tokens)."""
    running = Running(np.abs(moved))
    span = _usable_span(np.isfinite(moved), rows)
    enough = (span >= LEAST_HOURS) & (running.count(rows, SCALE_HOURS) >= LEAST_SHARE * span)
    return divide(running.mean(rows, SCALE_HOURS, present=0.0), np.ones_like(span), enough)


def _usable_span(usable: NDArray[np.bool_], rows: Rows) -> Floats:
    """Hours from first to last usable return among the last 1440 at each row; 0 where there is none."""
    if not len(usable):
        return np.zeros((len(rows), usable.shape[1]))
    every = np.arange(len(usable))[:, None]
    last = np.maximum.accumulate(np.where(usable, every, -1), axis=0)[rows]
    nearest = np.minimum.accumulate(np.where(usable, every, len(usable))[::-1], axis=0)[::-1]
    first = nearest[np.maximum(rows - SCALE_HOURS + 1, 0)]
    return np.asarray(np.maximum(last - first + 1, 0), np.float64)
