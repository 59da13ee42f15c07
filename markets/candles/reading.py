"""Reads candle folders for training and back-tests: joined, cleaned, cut into eras, and everything odd reported.

One call, `read_folders`, gives series that can be believed. A symbol whose price level changed for good (another
denomination, another coin) becomes several columns: `SYM` until then, `SYM@2022-05-28` from that day on.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from markets.candles.bars import Bars, faults
from markets.candles.cleaning import Era, clean, eras
from markets.candles.findings import Finding, moment_of
from markets.candles.folder import CandleFile, candle_files
from markets.candles.intervals import interval_name
from markets.candles.resample import resample
from markets.candles.rows import joined, read_rows
from markets.candles.series import CandleSeries
from markets.candles.telling import oddities, wicks

QUARTER, HOUR, DAY = 900, 3600, 86_400
SHORTEST_ERA = 30 * DAY
"""A shorter series can neither teach nor be forecast."""
COARSE_WICK = 1.8
"""Over a day a high may be further from the closes; nothing hangs on it, so less is enough to be told."""
_BARS = ("close", "high", "low", "volume")
Raw = dict[tuple[str, int], CandleSeries]


@dataclass(frozen=True, eq=False)
class Read:
    """`series` by column name and interval (3600; 900 where there are any), ascending, none twice: only candles
    that are believed, highs and lows and volumes NaN where those are not. `findings`: all that was odd.
    """

    series: dict[tuple[str, int], CandleSeries]
    findings: list[Finding]

    @property
    def columns(self) -> list[str]:
        """Names of the series that have hours, sorted: `SOL`, `LUNA`, `LUNA@2022-05-28`."""
        return sorted({name for name, interval in self.series if interval == HOUR})


def symbol_of(column: str) -> str:
    """`LUNA` for the column `LUNA@2022-05-28`."""
    return column.partition("@")[0]


def read_folders(
    paths: Sequence[Path], *, perpetuals: bool = False, symbols: Collection[str] | None = None
) -> Read:
    """The candles of several folders, joined for each series.

    Perpetuals (`SOLPERP`) are columns of their own where they are asked for; `symbols` leaves the others unread.
    Hours and quarters come from their own files, and where those have none from what finer files add up to.
    Raises MalformedCandles, with file and line, for a file that is no candle file.
    """
    findings: list[Finding] = []
    raw = _rows_of(_wanted(paths, perpetuals, symbols), findings)
    series: dict[tuple[str, int], CandleSeries] = {}
    newest = max((int(run.open_times[-1]) for run in raw.values() if len(run)), default=0)
    for symbol in sorted({symbol for symbol, _ in raw}):
        intervals = {interval: run for (name, interval), run in raw.items() if name == symbol and len(run)}
        findings += _coarse_wicks(symbol, intervals)
        series |= _cleaned(symbol, intervals, newest, findings)
    return Read(series, findings)


def _wanted(paths: Iterable[Path], perpetuals: bool, symbols: Collection[str] | None) -> list[CandleFile]:
    files = [file for path in paths for file in candle_files(path)]
    return [
        file for file in files if (perpetuals or file.is_spot) and (symbols is None or file.symbol in symbols)
    ]


def _rows_of(files: Sequence[CandleFile], findings: list[Finding]) -> Raw:
    runs: dict[tuple[str, int], list[CandleSeries]] = defaultdict(list)
    names: dict[tuple[str, int], str] = {}
    for file in files:
        read = read_rows(file.path, file.interval)
        findings += read.findings
        runs[file.symbol, file.interval].append(read.series)
        names[file.symbol, file.interval] = file.path.name
    return {key: joined(names[key], key[1], found, findings) for key, found in runs.items()}


def _cleaned(
    symbol: str, runs: dict[int, CandleSeries], newest: int, findings: list[Finding]
) -> dict[tuple[str, int], CandleSeries]:
    hourly, quarterly = _made(runs, HOUR), _made(runs, QUARTER)
    if hourly is None or not len(hourly):
        return {}
    hours = _bars(hourly, HOUR, newest)
    quarters = None if quarterly is None else _bars(quarterly, QUARTER)
    found = clean(hours, quarters)
    findings += oddities((symbol,), hours, quarters, found)
    parts: dict[tuple[str, int], CandleSeries] = {}
    for era in eras(found):
        name = _column(symbol, era)
        run = _era_run(hourly, found.hours, HOUR, era)
        if era.number and _span(run) < SHORTEST_ERA:
            findings.append(_too_short(symbol, era))
            continue
        parts[name, HOUR] = run
        if quarterly is not None and found.quarters is not None:
            parts[name, QUARTER] = _era_run(quarterly, found.quarters, QUARTER, era)
    return parts


def _made(runs: dict[int, CandleSeries], interval: int) -> CandleSeries | None:
    """The interval's own candles, and where those lack one, what the coarsest finer file adds up to.

    Each candle is chosen by what is there for its own time, so that no later row changes an earlier candle.
    """
    fitting = sorted((fine for fine in runs if interval % fine == 0), reverse=True)
    made: CandleSeries | None = None
    for fine in fitting:
        run = resample(runs[fine], fine, interval)
        made = run if made is None else made.join(run.pick(~np.isin(run.open_times, made.open_times)))
    return made


def _bars(series: CandleSeries, interval: int, newest: int | None = None) -> Bars:
    """One column on an unbroken grid of closing times, which may go on to `newest` (an opening time)."""
    first, last = int(series.open_times[0]), int(series.open_times[-1])
    end = last if newest is None else max(last, newest // interval * interval)
    times = np.arange(first, end + 1, interval, dtype=np.int64)
    rows = (series.open_times - first) // interval
    columns = []
    for name in _BARS:
        column = np.full((len(times), 1), np.nan)
        column[rows, 0] = getattr(series, name)
        columns.append(column)
    return Bars(times + interval, *columns)


def _era_run(series: CandleSeries, bars: Bars, interval: int, era: Era) -> CandleSeries:
    """The candles of one era that are believed, as they are told after cleaning."""
    inside = era.within(bars.times)
    times, close = bars.times[inside], bars.close[inside, 0]
    there = np.isfinite(close)
    opened = times[there] - interval
    own = np.searchsorted(series.open_times, opened)
    high, low, volume = (side[inside, 0][there] for side in (bars.high, bars.low, bars.volume))
    return CandleSeries(opened, series.open[own], high, low, close[there], volume)


def _span(run: CandleSeries) -> int:
    return int(run.open_times[-1] - run.open_times[0]) if len(run) else 0


def _column(symbol: str, era: Era) -> str:
    return symbol if not era.number else f"{symbol}@{moment_of(era.start)[:10]}"


def _too_short(symbol: str, era: Era) -> Finding:
    return Finding(
        "short era",
        f"{symbol} 1h",
        "the series that begins here is shorter than 30 days",
        "it is left out",
        time=era.start,
    )


def _coarse_wicks(symbol: str, runs: dict[int, CandleSeries]) -> Iterable[Finding]:
    """Coarser candles are not forecast from; what cannot be right in them is told all the same."""
    for interval, run in runs.items():
        if interval > HOUR:
            bars = _bars(run, interval)
            mask = faults(bars, None, COARSE_WICK).wick
            yield from wicks(f"{symbol} {interval_name(interval)}", bars, 0, mask, "nothing is made of it")
