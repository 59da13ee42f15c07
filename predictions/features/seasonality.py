"""The clock and the week, and how lively the coming hours have been for this token in the weeks before."""

import numpy as np

from predictions.features.history import Floats, Seconds
from predictions.features.view import Features, View, log_ratio
from predictions.horizons import DAY, HOUR

_MONDAY = 4 * DAY
"""The first Monday after the start of 1970."""


def seasonality(view: View, instants: Seconds) -> Features:
    """`instants` (R,): the moments themselves, which may lie inside an hour."""
    tokens = view.scale.shape[1]
    hour = (instants % DAY) / HOUR
    weekday = (instants - _MONDAY) // DAY % 7
    yield "hour", _for_all(hour, tokens)
    yield "hour_sine", _for_all(np.sin(hour * np.pi / 12), tokens)
    yield "hour_cosine", _for_all(np.cos(hour * np.pi / 12), tokens)
    yield "weekday", _for_all(weekday.astype(np.float64), tokens)
    yield "hour_of_week", _for_all(weekday * 24 + hour, tokens)
    yield "profile_next_1h", _profile(view, 1, 24, 30)
    yield "profile_next_4h", _profile(view, 4, 24, 30)
    yield "profile_next_24h", _profile(view, 24, 168, 8)


def _for_all(values: Floats, tokens: int) -> Floats:
    return np.repeat(values[:, None], tokens, axis=1)


def _profile(view: View, ahead: int, period: int, times: int) -> Floats:
    """Usual size of a move in the `ahead` hours that come, from the same hours 1 to `times` periods ago."""
    seen = [view.sizes.mean(view.rows + ahead - period * back, ahead) for back in range(1, times + 1)]
    known = np.isfinite(seen)
    total = np.where(known, seen, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    mean = np.where(count >= times / 4, total / np.maximum(count, 1), np.nan)
    return log_ratio(mean, view.scale)
