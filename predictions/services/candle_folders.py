"""Folders of candle files as the arithmetic's `History`: by the hour and the quarter hour, several folders
joined and cleaned.

A file named `SYMBOL-INTERVAL.csv(.gz)` is a series; one whose symbol ends in `PERP` is a perpetual future, a
series of its own. A symbol that became another coin is several series (`markets.candles.reading`).
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from core.lib.errors import NotEnoughHistory
from markets.candles.findings import Finding
from markets.candles.folder import PERPETUAL, candle_files
from markets.candles.reading import Read, read_folders, symbol_of
from markets.candles.series import CandleSeries
from predictions.features.frame import History, Quarters

HOUR, QUARTER = 3600, 900
_BARS = ("close", "high", "low", "volume")


class CandleFolders:
    """Several folders as one. Files are read when they are first asked for."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)

    @cached_property
    def _read(self) -> Read:
        return read_folders(self.paths, perpetuals=True)

    @property
    def symbols(self) -> list[str]:
        """The series that have hourly candles: `SOL`, `SOLPERP`, `LUNA`, `LUNA@2022-05-28`."""
        return self._read.columns

    @property
    def findings(self) -> list[Finding]:
        """All that was odd in the files, and what was done about it."""
        return self._read.findings

    def files(self) -> list[Path]:
        return [file.path for path in self.paths for file in candle_files(path)]

    def of_symbol(self, symbol: str) -> list[str]:
        """All series of a symbol, or the one of that very name; empty where there is none."""
        return [name for name in self.symbols if symbol in (name, symbol_of(name))]

    def series(self, name: str, interval: int) -> CandleSeries | None:
        """Hours or quarters (3600 or 900); None where there are no such candles."""
        run = self._read.series.get((name, interval))
        return run if run is not None and len(run) else None

    def history(self, symbols: Sequence[str], btc: str | None, eth: str | None) -> History:
        """Those symbols from the first to the last hourly candle of any of them; what is missing is NaN."""
        hourly = {name: run for name in symbols if (run := self.series(name, HOUR)) is not None}
        if not hourly:
            raise NotEnoughHistory(
                f"{_named(self.paths)} hold no hourly candles (SYMBOL-1h.csv or .csv.gz, or finer files)."
            )
        names = tuple(hourly)
        quarterly = {name: run for name in names if (run := self.series(name, QUARTER)) is not None}
        hours, (close, high, low, volume) = _grid(names, hourly, HOUR)
        place = {name: column for column, name in enumerate(names)}
        quarters = _quarters(names, quarterly)
        leaders = {"btc": place.get(btc or ""), "eth": place.get(eth or "")}
        return History(names, hours, close, high, low, volume, quarters, **leaders)


def is_perpetual(name: str) -> bool:
    return symbol_of(name).endswith(PERPETUAL)


def coin_of(name: str) -> str:
    """What a series is the price of: `SOL` for `SOL` and for `SOLPERP`."""
    return symbol_of(name).removesuffix(PERPETUAL)


def _named(paths: Sequence[Path]) -> str:
    return " and ".join(str(path) for path in paths)


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
