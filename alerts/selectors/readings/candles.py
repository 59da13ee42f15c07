"""Volumes and indicators of closed candles."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from alerts.conditions.indicator import rsi, spread
from alerts.conditions.reading import Reading
from alerts.conditions.volume import spikes
from alerts.models import Gauge
from core.lib.clock import floor_to, from_seconds
from markets.freshness import candle_freshness
from markets.selectors.panel import HOUR, QUARTER, Panel, hourly_panel, quarter_panel

Floats = NDArray[np.float64]
NEWEST = 2
"""So many of the last candles can still be fresh."""


def read(gauges: Sequence[Gauge], now: datetime) -> dict[int, list[Reading]]:
    due = [gauge for gauge in gauges if _is_due(gauge, now)]
    by_interval: dict[int, list[Gauge]] = defaultdict(list)
    for gauge in due:
        by_interval[interval_of(gauge.name)].append(gauge)
    found: dict[int, list[Reading]] = {}
    for interval, those in by_interval.items():
        found |= _of_one_interval(interval, those, now)
    return {pk: readings for pk, readings in found.items() if readings}


def interval_of(name: str) -> int:
    return int(name.split(":")[1])


def candles_needed(name: str) -> int:
    """So many candles up to the wanted one are looked at."""
    kind, _, *numbers = name.split(":")
    longest = max(int(number) for number in numbers)
    return longest if kind == "average" else longest + 1


def values(name: str, closes: Floats, volume: Floats) -> Floats:
    """The gauge's number at each of these candles; NaN where it cannot be known."""
    kind, _, *numbers = name.split(":")
    lengths = [int(number) for number in numbers]
    if kind == "rsi":
        return rsi(closes, lengths[0])
    return spread(closes, *lengths) if kind == "average" else spikes(volume, lengths[0])


def _is_due(gauge: Gauge, now: datetime) -> bool:
    """Whether a candle has closed since the last reading."""
    return gauge.observed_at is None or gauge.observed_at < floor_to(now, interval_of(gauge.name))


def _of_one_interval(interval: int, gauges: Sequence[Gauge], now: datetime) -> dict[int, list[Reading]]:
    tokens = sorted({gauge.of_token for gauge in gauges})
    stored = min(interval, HOUR)
    length = (max(candles_needed(gauge.name) for gauge in gauges) + NEWEST) * (interval // stored)
    panel = (quarter_panel if stored == QUARTER else hourly_panel)(tokens, now, length)
    closing = panel.times % interval == 0
    times = [from_seconds(int(time)) for time in panel.times[closing]]
    return {gauge.pk: list(_fresh(gauge, interval, panel, closing, times, now)) for gauge in gauges}


def _fresh(
    gauge: Gauge,
    interval: int,
    panel: Panel,
    closing: NDArray[np.bool_],
    times: Sequence[datetime],
    now: datetime,
) -> list[Reading]:
    column = panel.token_ids.index(gauge.of_token)
    numbers = values(gauge.name, panel.close[closing, column], panel.volume[closing, column])
    return [
        Reading(at, float(value), {"source": panel.sources[column]})
        for at, value in zip(times[-NEWEST:], numbers[-NEWEST:], strict=True)
        if np.isfinite(value)
        and (gauge.observed_at is None or at > gauge.observed_at)
        and candle_freshness(from_seconds(at.timestamp() - interval), interval, now) == "live"
    ]
