"""Support and resistance: the nearest clustered swing lows below and swing highs above a price, from 30 days
of hours.

A swing low is a low that no candle within 12 hours on either side undercuts; swings closer together than half
of a usual day's move are one level, at their mean.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.features.history import Floats, History, cut
from predictions.features.rolling import rolling_max, rolling_min

LEVEL_HOURS = 30 * 24
SWING_HOURS = 12
NEAREST = 3
_CLUSTER = 0.5


@dataclass(frozen=True)
class Levels:
    """Prices, nearest first, at most three of each."""

    support: list[float]
    resistance: list[float]


def levels(history: History, as_of: int, price: Floats, scale: Floats) -> list[Levels]:
    """For each token at `as_of`, around `price` (tokens,); empty where price or M(t) is missing."""
    seen = cut(history, as_of)
    close = seen.close[-LEVEL_HOURS:]
    tops = _swings(np.fmax(seen.high[-LEVEL_HOURS:], close))
    bottoms = -_swings(-np.fmin(seen.low[-LEVEL_HOURS:], close))
    near = _CLUSTER * scale * np.sqrt(24)
    return [
        _around(float(price[token]), bottoms[:, token], tops[:, token], float(near[token]))
        for token in range(len(price))
    ]


def _swings(values: Floats) -> Floats:
    """`values` where nothing within the swing's reach is higher, else NaN; both ends need that reach.

    A stretch in which nothing moves is no swing.
    """
    width = 2 * SWING_HOURS + 1
    if len(values) < width:
        return np.full(values.shape, np.nan)
    middle = values[SWING_HOURS:-SWING_HOURS]
    highest, lowest = (extreme(values, width)[width - 1 :] for extreme in (rolling_max, rolling_min))
    found = np.full(values.shape, np.nan)
    found[SWING_HOURS:-SWING_HOURS] = np.where((middle == highest) & (lowest < highest), middle, np.nan)
    return found


def _around(price: float, bottoms: Floats, tops: Floats, near: float) -> Levels:
    if not (price > 0 and near > 0):
        return Levels([], [])
    below = [level for level in _clusters(bottoms, near) if level < price]
    above = [level for level in _clusters(tops, near) if level > price]
    return Levels(sorted(below, reverse=True)[:NEAREST], sorted(above)[:NEAREST])


def _clusters(swings: Floats, near: float) -> list[float]:
    """Means of runs of swings in which neighbours differ by no more than `near` in log price."""
    found: NDArray[np.float64] = np.sort(swings[np.isfinite(swings)])
    if not len(found):
        return []
    borders = np.flatnonzero(np.diff(np.log(found)) > near) + 1
    return [float(run.mean()) for run in np.split(found, borders)]
