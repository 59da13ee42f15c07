"""One moment's features for every token, and many moments' at once, by the same arithmetic.

`serving_matrix` looks at the last 91 days of hours and 5 days of quarter hours, so its cost does not grow
with history. `training_matrix` computes the same figures for many moments; tests hold both together. At a
quarter hour the hourly figures are those of the last hour that had closed, and the quarter-hour figures tell
what came since.
"""

from collections.abc import Iterator

import numpy as np

from predictions.features.history import (
    QUARTER,
    WINDOW_HOURS,
    WINDOW_QUARTERS,
    Floats,
    History,
    Quarters,
    Seconds,
    cut,
    pick,
    reference_interval,
    reference_prices,
    window,
)
from predictions.features.market import LEADERS, market
from predictions.features.momentum import momentum
from predictions.features.quarters import quarters
from predictions.features.returns import returns
from predictions.features.rolling import Rows
from predictions.features.scale import log_returns, scales_at
from predictions.features.seasonality import seasonality
from predictions.features.view import Features, View
from predictions.features.volatility import ranges, volatility
from predictions.features.volume import volume
from predictions.horizons import HOUR

__all__ = [
    "FEATURE_NAMES",
    "QUARTER",
    "WINDOW_HOURS",
    "WINDOW_QUARTERS",
    "Floats",
    "History",
    "Quarters",
    "Seconds",
    "cut",
    "pick",
    "reference_interval",
    "reference_prices",
    "scales",
    "serving_matrix",
    "training_matrix",
    "window",
]

TOKENS_AT_ONCE = 32
"""Tokens go through in groups, so that memory for two years of 250 tokens stays small."""


def serving_matrix(history: History, as_of: int) -> tuple[tuple[str, ...], Floats]:
    """Names and features (tokens, features) at `as_of`, from a fixed window of what had closed by then."""
    names, features = _matrix(window(history, as_of), np.array([as_of], np.int64))
    return names, features[0]


def training_matrix(history: History, instants: Seconds) -> tuple[tuple[str, ...], Floats]:
    """Names and features (instants, tokens, features) at many moments (seconds since 1970)."""
    return _matrix(history, np.asarray(instants, np.int64))


def scales(history: History, instants: Seconds) -> Floats:
    """M(t) (instants, tokens) of the last hour closed at each moment; NaN where that hour is not in the
    history.
    """
    return _scales(log_returns(history.close), _hour_rows(history, np.asarray(instants, np.int64)))


def _matrix(history: History, instants: Seconds) -> tuple[tuple[str, ...], Floats]:
    tokens = len(history.tokens)
    leaders = {leader: _leader(history, leader, instants) for leader in LEADERS}
    parts: Floats = np.empty((len(instants), tokens, len(FEATURE_NAMES)))
    for start in range(0, tokens, TOKENS_AT_ONCE):
        group = slice(start, min(start + TOKENS_AT_ONCE, tokens))
        for place, (_, values) in enumerate(_figures(pick(history, group), instants, leaders)):
            parts[:, group, place] = values
    return FEATURE_NAMES, _storable(parts)


def _storable(features: Floats) -> Floats:
    """As float32 has them, since that is how the inputs of a forecast are kept: a replay must see the same."""
    with np.errstate(over="ignore", invalid="ignore"):
        features[...] = features.astype(np.float32)
    features[~np.isfinite(features)] = np.nan
    return features


def _figures(history: History, instants: Seconds, leaders: dict[str, View | None]) -> Features:
    hours = _hour_view(history, instants)
    with np.errstate(divide="ignore", invalid="ignore"):
        yield from _of_hours(hours, instants)
        for leader, view in leaders.items():
            yield from market(leader, view, hours.scale.shape)
        yield from quarters(_quarter_view(history, instants, hours.scale))


def _of_hours(view: View, instants: Seconds) -> Iterator[tuple[str, Floats]]:
    for part in (returns, volatility, ranges, volume, momentum):
        yield from part(view)
    yield from seasonality(view, instants)


def _leader(history: History, leader: str, instants: Seconds) -> View | None:
    column = history.btc if leader == "btc" else history.eth
    return None if column is None else _hour_view(pick(history, slice(column, column + 1)), instants)


def _hour_view(history: History, instants: Seconds) -> View:
    rows = _hour_rows(history, instants)
    scale = _scales(log_returns(history.close), rows)
    bars = (history.close, history.high, history.low, history.volume)
    return View(bars, rows, np.where(scale > 0, scale, np.nan), hours=1.0)


def _scales(moved: Floats, rows: Rows) -> Floats:
    found = scales_at(moved, np.maximum(rows, 0)) if len(moved) else np.empty((len(rows), moved.shape[1]))
    found[rows < 0] = np.nan
    return found


_NEVER = -(10**6)
"""A row so far before the first that no lag reaches into the panel."""


def _hour_rows(history: History, instants: Seconds) -> Rows:
    """Row of the hour that had closed last at each moment; never where the history does not reach to it."""
    return _rows(history.hours, instants // HOUR * HOUR)


def _rows(times: Seconds, moments: Seconds) -> Rows:
    rows = np.searchsorted(times, moments).astype(np.int64)
    there = rows < len(times)
    there[there] = times[rows[there]] == moments[there]
    return np.where(there, rows, _NEVER)


def _quarter_view(history: History, instants: Seconds, scale: Floats) -> View:
    found = history.quarters
    if found is None or not len(found.times):
        nothing = np.full((1, scale.shape[1]), np.nan)
        return View((nothing,) * 4, np.full(len(instants), _NEVER), scale, hours=0.25)
    bars = (found.close, found.high, found.low, found.volume)
    return View(bars, _rows(found.times, instants), scale, hours=0.25)


def _names() -> tuple[str, ...]:
    bars = np.full((1, 1), np.nan)
    none = History(tokens=(0,), hours=np.zeros(1, np.int64), close=bars, high=bars, low=bars, volume=bars)
    figures = _figures(none, np.zeros(1, np.int64), dict.fromkeys(LEADERS))
    return tuple(name for name, _ in figures)


FEATURE_NAMES = _names()
