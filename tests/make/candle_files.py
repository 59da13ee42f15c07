"""Folders of candle files of a simulated market, whose volatility comes and goes."""

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

START = 1_704_067_200
"""2024-01-01 00:00 UTC."""
NAMES = {3600: "1h", 900: "15m"}


@dataclass(frozen=True)
class Bars:
    """Candles of one series; `opened` in seconds."""

    interval: int
    opened: np.ndarray
    rows: np.ndarray
    """Open, high, low, close, volume."""

    @property
    def close(self) -> np.ndarray:
        return self.rows[:, 3]


def simulated(days: int, seed: int, interval: int = 3600, start: int = START) -> Bars:
    """Calm and wild weeks alternate, nights are calmer than days; prices have eight digits, as in files."""
    rng = np.random.default_rng(seed)
    opened = start + np.arange(days * 86_400 // interval) * interval
    wild = 0.005 * np.exp(0.7 * np.sin(opened / 86_400 / 9) + 0.4 * np.sin(opened / 86_400 * 2 * np.pi))
    moved = rng.normal(size=len(opened)) * wild * np.sqrt(interval / 3600)
    close = np.round(50 * np.exp(np.cumsum(moved)), 6)
    first = np.r_[50.0, close[:-1]]
    high = np.round(np.maximum(first, close) * (1 + rng.random(len(opened)) * wild), 6)
    low = np.round(np.minimum(first, close) * (1 - rng.random(len(opened)) * wild), 6)
    volume = np.round(1000 * np.exp(rng.normal(size=len(opened)) * 0.3) * (1 + 50 * np.abs(moved)), 3)
    return Bars(interval, opened, np.column_stack([first, high, low, close, volume]))


def write(folder: Path, symbol: str, bars: Bars, *, packed: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    stamps = np.datetime_as_string(bars.opened.astype("datetime64[s]"))
    lines = [
        f"{stamp}Z,{','.join(map(repr, row))}" for stamp, row in zip(stamps, bars.rows.tolist(), strict=True)
    ]
    text = "\n".join(["timestamp,open,high,low,close,volume", *lines, ""]).encode()
    path = folder / f"{symbol}-{NAMES[bars.interval]}.csv{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(text) if packed else text)
    return path


def a_folder(folder: Path, symbols: Sequence[str] = ("BTC", "ETH", "SOL"), days: int = 200) -> Path:
    """Hourly candles of some symbols, from 2024-01-01 on."""
    for number, symbol in enumerate(symbols):
        write(folder, symbol, simulated(days, seed=number))
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    """A CSV as dictionaries."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as file:
        header, *lines = (line.rstrip("\n") for line in _lines(file))
    return [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]


def _lines(file: Iterable[str]) -> Iterable[str]:
    yield from file
