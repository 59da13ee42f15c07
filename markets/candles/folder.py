"""Reads folders of candle files, named `SYMBOL-INTERVAL.csv` or `.csv.gz`.

Columns: timestamp (opening time, UTC, ISO 8601), open, high, low, close, volume. Files whose symbol ends in
`PERP` are perpetual futures, another instrument than the spot pair, and are left alone. All spot files of
one symbol must come from one market (one exchange, one pair): where a file of the wanted interval does not
reach, candles made from a finer file of the same symbol go on.
"""

import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np

from markets.candles.intervals import SECONDS_BY_NAME
from markets.candles.resample import resample
from markets.candles.series import CandleSeries, Figures, Seconds

COLUMNS = "timestamp,open,high,low,close,volume"
PERPETUAL = "PERP"
QUARTER, HOUR, DAY = 900, 3600, 86_400
HISTORY_BEFORE, DATA_AFTER = 62 * DAY, 30 * DAY
NEARLY_ALL = 0.99  # of the candles that a start wants behind and ahead
STAMP = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")
_NAME = re.compile(rf"(?P<symbol>[A-Z0-9$]+)-(?P<interval>{'|'.join(SECONDS_BY_NAME)})\.csv(\.gz)?")


class MalformedCandles(ValueError):
    """A candle file that cannot be trusted; says which line and why."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}.")
        self.path, self.line, self.reason = path, line, reason


@dataclass(frozen=True)
class CandleFile:
    """One file of a folder, as its name describes it."""

    path: Path
    symbol: str
    interval: int

    @property
    def is_spot(self) -> bool:
        return not self.symbol.endswith(PERPETUAL)


def candle_files(folder: Path) -> list[CandleFile]:
    """The candle files of a folder by name; other files are not looked at."""
    found = []
    for path in sorted(folder.iterdir()):
        if match := _NAME.fullmatch(path.name):
            found.append(CandleFile(path, match["symbol"], SECONDS_BY_NAME[match["interval"]]))
    return found


def folder_digest(folder: Path) -> str:
    """A short identity from the names and sizes of its files: other candles are another market."""
    files = sorted(path for path in folder.iterdir() if path.name.endswith((".csv", ".csv.gz")))
    listing = "\n".join(f"{path.name} {path.stat().st_size}" for path in files)
    return hashlib.sha256(listing.encode()).hexdigest()[:10]


def read_candles(path: Path, interval: int) -> CandleSeries:
    """One file, every row checked. Raises MalformedCandles at the first row that is wrong."""
    lines = file_lines(path)
    if not lines or lines[0] != COLUMNS:
        raise MalformedCandles(path, 1, f"the first line must be {COLUMNS}")
    if len(lines) == 1:
        return CandleSeries.empty()
    rows = [line.partition(",") for line in lines[1:]]
    times = _times(path, [stamp.removesuffix("Z") for stamp, _, _ in rows])
    figures = _figures(path, [cells for _, _, cells in rows])
    series = CandleSeries(times, *(np.ascontiguousarray(column) for column in figures.T))
    _refuse_impossible(path, series, interval)
    return series


def file_lines(path: Path) -> list[str]:
    """The lines of a file, unpacked. Raises MalformedCandles where it cannot be read."""
    raw = path.read_bytes()
    try:
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("ascii").splitlines()
    except (UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
        raise MalformedCandles(path, 1, f"the file cannot be read ({error})") from error


def _times(path: Path, stamps: list[str]) -> Seconds:
    for line, stamp in enumerate(stamps, start=2):  # NumPy alone would also take `now`, `NaT` and time zones
        if not STAMP.fullmatch(stamp):
            raise MalformedCandles(path, line, f"{stamp[:40]!r} is no time in UTC")
    try:
        return np.array(stamps, dtype="datetime64[s]").astype(np.int64)
    except ValueError as error:
        raise MalformedCandles(path, 2, f"a time in this file does not exist ({error})") from error


def _figures(path: Path, cells: list[str]) -> Figures:
    try:
        figures = np.loadtxt(cells, delimiter=",", comments=None, ndmin=2)
        if figures.shape == (len(cells), 5):
            return figures
        raise ValueError(f"{figures.shape[1] + 1} columns, 6 are needed")
    except ValueError as error:
        for line, row in enumerate(cells, start=2):
            _refuse_unreadable(path, line, row.split(","))
        raise MalformedCandles(path, 2, f"the figures cannot be read ({error})") from error


def _refuse_unreadable(path: Path, line: int, cells: list[str]) -> None:
    if len(cells) != 5:
        raise MalformedCandles(path, line, f"6 columns are needed, {len(cells) + 1} found")
    for cell in cells:
        try:
            float(cell)
        except ValueError:
            raise MalformedCandles(path, line, f"{cell[:40]!r} is no number") from None


def _refuse_impossible(path: Path, series: CandleSeries, interval: int) -> None:
    body_top, body_low = np.maximum(series.open, series.close), np.minimum(series.open, series.close)
    sums = series.open + series.high + series.low + series.close + series.volume
    wrong = {
        "a figure is not finite": ~np.isfinite(sums),
        "a price is not above zero": ~(series.low > 0),
        "the volume is below zero": ~(series.volume >= 0),
        "high and low do not enclose open and close": ~((series.high >= body_top) & (series.low <= body_low)),
        f"the time is not on the grid of {interval} s": series.open_times % interval != 0,
        "the time is not later than the one before": np.r_[False, np.diff(series.open_times) <= 0],
    }
    at = {reason: int(np.argmax(where)) for reason, where in wrong.items() if where.any()}
    if at:
        reason = min(at, key=lambda one: at[one])
        raise MalformedCandles(path, at[reason] + 2, reason)


class CandleFolder:
    """The spot candles of a folder by symbol; files are read when they are first asked for, and kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: dict[tuple[str, int], CandleSeries] = {}
        self._made: dict[tuple[str, int], CandleSeries] = {}

    @cached_property
    def _files(self) -> dict[tuple[str, int], CandleFile]:
        return {(file.symbol, file.interval): file for file in candle_files(self.path) if file.is_spot}

    @property
    def symbols(self) -> list[str]:
        return sorted({symbol for symbol, _ in self._files})

    def intervals(self, symbol: str) -> list[int]:
        """The intervals that `symbol` has files of, finest first."""
        return sorted(interval for name, interval in self._files if name == symbol)

    def native(self, symbol: str, interval: int) -> CandleSeries | None:
        """What the file of that interval holds; None where there is no such file."""
        file = self._files.get((symbol, interval))
        if file is None:
            return None
        if (symbol, interval) not in self._read:
            self._read[symbol, interval] = read_candles(file.path, interval)
        return self._read[symbol, interval]

    def series(self, symbol: str, interval: int) -> CandleSeries | None:
        """Candles of that interval: its own file first, extended before and after by what finer files add up
        to.

        Finer files are taken longest first. Nothing is put into gaps inside what is there already. None
        where neither a file of the interval nor a finer one exists: no coarse candle is ever split.
        """
        key = (symbol, interval)
        if key not in self._made:
            runs = self._resampled(symbol, interval)
            native = self.native(symbol, interval)
            if native is not None:
                runs.insert(0, native)
            if not runs:
                return None
            made = runs[0]
            for run in runs[1:]:
                made = _extended(made, run)
            self._made[key] = made
        return self._made[key]

    def _resampled(self, symbol: str, interval: int) -> list[CandleSeries]:
        finer = [fine for fine in self.intervals(symbol) if fine < interval and interval % fine == 0]
        runs = [
            resample(series, fine, interval)
            for fine in finer
            if (series := self.native(symbol, fine)) is not None
        ]
        return sorted(runs, key=len, reverse=True)


def _extended(series: CandleSeries, run: CandleSeries) -> CandleSeries:
    if not len(series):
        return run
    outside = (run.open_times < series.open_times[0]) | (run.open_times > series.open_times[-1])
    return series.join(run.pick(outside)) if outside.any() else series


def default_start(path: Path) -> datetime:
    """Where a replay of a folder begins when nobody says otherwise.

    The first UTC midnight at which the most symbols with 15-minute candles have 62 days of hourly candles
    behind them (enough for the longest feature windows) and 30 days of fine candles ahead (enough for the
    longest horizon to mature). For the candles of `../shared/data/candles`, whose 5-minute files span January
    to April 2025, that is 2025-03-04. Where no symbol has so much: when the first two thirds of the longest
    hourly series have closed. Raises ValueError where nothing is as fine as an hour.
    """
    folder = CandleFolder(path)
    fine = [symbol for symbol in folder.symbols if folder.intervals(symbol)[0] <= QUARTER]
    both = [(folder.series(symbol, HOUR), folder.series(symbol, QUARTER)) for symbol in fine]
    runs = [(hours, quarters) for hours, quarters in both if hours and quarters]
    if runs:
        first = min(int(quarters.open_times[0]) for _, quarters in runs)
        last = max(int(quarters.open_times[-1]) for _, quarters in runs)
        days = np.arange(-(-first // DAY), last // DAY + 1) * DAY
        ready = sum((_is_ready(days, *run) for run in runs), np.zeros(len(days), np.int64))
        if ready.any():
            return datetime.fromtimestamp(int(days[int(np.argmax(ready))]), UTC)
    hourly = [run for symbol in folder.symbols if (run := folder.series(symbol, HOUR))]
    if not hourly:
        raise ValueError(
            f"{path} holds no candles of an hour or less (SYMBOL-1h.csv or .csv.gz, or finer files)."
        )
    longest = max(hourly, key=len)
    return datetime.fromtimestamp(int(longest.open_times[len(longest) * 2 // 3]) + HOUR, UTC)


def replayed_span(path: Path) -> tuple[datetime, datetime]:
    """The first and the last moment at which an hourly candle of a folder closes. Raises ValueError where none does."""
    folder = CandleFolder(path)
    hourly = [run for symbol in folder.symbols if (run := folder.series(symbol, HOUR))]
    if not hourly:
        raise ValueError(f"{path} holds no candles of an hour or less.")
    closes = [int(run.open_times[place]) + HOUR for run in hourly for place in (0, -1)]
    return datetime.fromtimestamp(min(closes), UTC), datetime.fromtimestamp(max(closes), UTC)


def _is_ready(days: Seconds, hours: CandleSeries, quarters: CandleSeries) -> Seconds:
    """1 for each day that has history enough behind and candles enough ahead, else 0."""
    history = _counted(hours, days - HISTORY_BEFORE, days) >= NEARLY_ALL * HISTORY_BEFORE / HOUR
    future = _counted(quarters, days, days + DATA_AFTER) >= NEARLY_ALL * DATA_AFTER / QUARTER
    return np.asarray(history & future, np.int64)


def _counted(series: CandleSeries, first: Seconds, end: Seconds) -> Seconds:
    return np.searchsorted(series.open_times, end) - np.searchsorted(series.open_times, first)
