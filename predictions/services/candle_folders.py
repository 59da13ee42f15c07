"""A folder of candle files as the arithmetic's `History`: spot candles by the hour and quarter hour."""

from datetime import datetime
from pathlib import Path

import numpy as np

from core.lib.clock import from_seconds
from core.lib.errors import NotEnoughHistory
from markets.candles.folder import CandleFolder
from markets.candles.series import CandleSeries
from predictions.features.frame import History, Quarters

HOUR, QUARTER = 3600, 900
_BARS = ("close", "high", "low", "volume")


def folder_history(path: Path) -> History:
    """Every symbol that has hourly candles, from the first to the last of them; what is missing is NaN."""
    folder = CandleFolder(path)
    hourly = {
        symbol: found for symbol in folder.symbols if (found := folder.series(symbol, HOUR)) and len(found)
    }
    if not hourly:
        raise NotEnoughHistory(f"{path} holds no hourly candles (SYMBOL-1h.csv or .csv.gz, or finer files).")
    symbols = tuple(hourly)
    quarterly = {name: found for name in symbols if (found := folder.series(name, QUARTER)) and len(found)}
    hours, (close, high, low, volume) = _grid(symbols, hourly, HOUR)
    place = {symbol: column for column, symbol in enumerate(symbols)}
    quarters = _quarters(symbols, quarterly)
    btc, eth = place.get("BTC"), place.get("ETH")
    return History(symbols, hours, close, high, low, volume, quarters, btc=btc, eth=eth)


def folder_end(history: History) -> datetime:
    """When its last candle closed: the market time of whoever learns from it."""
    return from_seconds(int(history.hours[-1]))


def _quarters(symbols: tuple[str, ...], found: dict[str, CandleSeries]) -> Quarters | None:
    if not found:
        return None
    times, bars = _grid(symbols, found, QUARTER)
    return Quarters(times, *bars)


def _grid(
    symbols: tuple[str, ...], found: dict[str, CandleSeries], interval: int
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.int64]], list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]
]:
    """Closing times without holes, and the bars (times, symbols)."""
    first = min(int(series.open_times[0]) for series in found.values()) + interval
    last = max(int(series.open_times[-1]) for series in found.values()) + interval
    times = np.arange(first, last + 1, interval, dtype=np.int64)
    bars = [np.full((len(times), len(symbols)), np.nan) for _ in _BARS]
    for column, symbol in enumerate(symbols):
        series = found.get(symbol)
        if series is not None:
            rows = (series.open_times + interval - first) // interval
            for bar, name in zip(bars, _BARS, strict=True):
                bar[rows, column] = getattr(series, name)
    return times, bars
