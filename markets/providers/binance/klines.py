"""Parses `/api/v3/klines`: rows of twelve, prices as text, oldest first, the last one usually unfinished."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.lib.errors import ReplyRefused
from markets.candles.series import CandleSeries
from markets.providers.base import CandleBundle, Refusal
from markets.providers.plausible import LARGEST_JUMP, believable_closes

_OPEN_TIME, _OPEN, _VOLUME, _CLOSE_TIME = 0, 1, 5, 6
_FEWEST_FIELDS = 7


def parse_klines(body: Any, interval: int, now: datetime, subject: str = "") -> CandleBundle:
    """The candles that had closed by `now`."""
    if not isinstance(body, list):
        raise ReplyRefused("Binance's candles are no list; nothing of them is used.")
    table, shapeless = _table(body)
    reasons = {"rows that are no candle": shapeless}
    times = table[:, 0].astype(np.int64)
    sense = _makes_sense(table, interval) & (times + interval <= now.timestamp() + 60)
    reasons["candles that make no sense"] = int((~sense & (times + interval <= now.timestamp())).sum())
    reasons["candles from the future"] = int((times > now.timestamp() + 60).sum())
    series, conflicting = _ascending(table[sense & (times + interval <= now.timestamp())])
    reasons["candles told twice, differently"] = conflicting
    believed = believable_closes(series.open_times, series.close)
    reasons["closes that jump beyond belief"] = int((~believed).sum())
    refused = sum(reasons.values())
    if refused * 2 > len(body):
        raise ReplyRefused(f"{refused} of {len(body)} of Binance's candles make no sense; none is used.")
    refusals = [Refusal(subject, f"{count} {reason}") for reason, count in reasons.items() if count]
    return CandleBundle(series.pick(believed), refusals, rows=len(body))


def _table(body: list[Any]) -> tuple[NDArray[np.float64], int]:
    """Opening second, open, high, low, close, volume and closing second of each row that has them."""
    rows = [read for row in body if (read := _row(row)) is not None]
    return np.array(rows, np.float64).reshape(-1, 7), len(body) - len(rows)


def _row(row: Any) -> list[float] | None:
    if not isinstance(row, list) or len(row) < _FEWEST_FIELDS or _has_truth_value(row):
        return None
    try:
        figures = [float(value) for value in row[_OPEN : _VOLUME + 1]]
        times = [int(row[_OPEN_TIME]) / 1000, (int(row[_CLOSE_TIME]) + 1) / 1000]
    except (TypeError, ValueError, OverflowError):
        return None
    return [times[0], *figures, times[1]] if max(map(abs, times)) < 1e11 else None


def _has_truth_value(row: list[Any]) -> bool:
    return any(isinstance(value, bool) for value in row[:_FEWEST_FIELDS])


def _makes_sense(table: NDArray[np.float64], interval: int) -> NDArray[np.bool_]:
    """Finite, positive, on the grid, one interval long, high and low around the others and not absurd."""
    at, opened, high, low, close, volume, until = table.T
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(
            np.isfinite(table).all(axis=1)
            & (at % interval == 0)
            & (until - at == interval)
            & (low > 0)
            & (volume >= 0)
            & (high >= np.maximum(opened, close))
            & (low <= np.minimum(opened, close))
            & (high <= LARGEST_JUMP * close)
            & (low >= close / LARGEST_JUMP)
        )


def _ascending(table: NDArray[np.float64]) -> tuple[CandleSeries, int]:
    """In order of time, each once; of two that contradict each other the first told stays."""
    table = table[np.argsort(table[:, 0], kind="stable")]
    again = np.r_[False, np.diff(table[:, 0]) == 0] if len(table) else np.empty(0, np.bool_)
    differs = np.r_[False, (np.diff(table[:, 1:6], axis=0) != 0).any(axis=1)] if len(table) else again
    once = table[~again]
    columns = [np.ascontiguousarray(column) for column in once[:, 1:6].T]
    return CandleSeries(once[:, 0].astype(np.int64), *columns), int((again & differs).sum())
