"""What cleaning found in series of candles, as findings with times: every stretch once, by kind."""

from collections.abc import Iterator

import numpy as np

from markets.candles.bars import Bars, Faults, Mask
from markets.candles.cleaning import Cleaned
from markets.candles.eras import SILENCE, Border, Course
from markets.candles.findings import Finding, moment_of
from markets.candles.gaps import missing_spans
from markets.candles.intervals import interval_name
from markets.candles.series import Seconds

MISSING = "these candles are missing"
ENDED_BEFORE = SILENCE
"""A series whose last candle is so much older than the newest of all has come to its end."""


def oddities(names: tuple[str, ...], hours: Bars, quarters: Bars | None, found: Cleaned) -> list[Finding]:
    """Findings of all columns; `hours` and `quarters` are the candles as they came."""
    told: list[Finding] = []
    for column, name in enumerate(names):
        told += _of_bars(name, column, hours, found.hour_faults)
        told += _of_course(name, found.courses[column])
        told += _of_end(name, column, hours)
        if quarters is not None and found.quarter_faults is not None and found.unfit is not None:
            told += _of_bars(name, column, quarters, found.quarter_faults)
            told += _off_level(name, column, quarters, found.unfit)
    return told


def wicks(where: str, bars: Bars, column: int, mask: Mask, done: str) -> Iterator[Finding]:
    """One finding for each unbelievable high or low of a column."""
    for row in np.flatnonzero(mask[:, column]):
        high, low, close = (float(side[row, column]) for side in (bars.high, bars.low, bars.close))
        sentence = f"high {high:g} and low {low:g} beside a close of {close:g}"
        yield Finding("wick", where, sentence, done, time=int(bars.times[row]))


def _of_bars(name: str, column: int, bars: Bars, found: Faults) -> Iterator[Finding]:
    step = int(bars.times[1] - bars.times[0]) if len(bars) > 1 else 3600
    where = f"{name} {interval_name(step)}"
    yield from _gaps(where, bars.times, bars.close[:, column], step)
    yield from wicks(where, bars, column, found.wick, "high and low are missing, the close stays")
    yield from _stretches(
        where,
        bars.times,
        found.filled[:, column],
        "filled",
        "nothing was traded, the candle was filled in",
        MISSING,
    )
    yield from _stretches(
        where,
        bars.times,
        found.frozen[:, column] & ~found.filled[:, column],
        "frozen",
        "the price stood still",
        MISSING,
    )
    yield from _stretches(
        where,
        bars.times,
        found.untold[:, column],
        "no volume",
        "the volume is 0 although the price moved",
        "the volume is missing",
    )


def _gaps(
    where: str, times: Seconds, close: np.ndarray[tuple[int], np.dtype[np.float64]], step: int
) -> Iterator[Finding]:
    known = times[np.isfinite(close)]
    if not len(known):
        return
    for first, end in missing_spans(known, step, int(known[0]), int(known[-1])):
        missing = (end - first) // step
        sentence = "1 candle is missing" if missing == 1 else f"{missing} candles are missing"
        if end - first >= SILENCE:
            sentence += f", {(end - first) / 86_400:.1f} days of silence"
        yield Finding("gap", where, sentence, "nothing was filled in", time=first)


def _stretches(
    where: str, times: Seconds, mask: Mask, kind: str, sentence: str, done: str
) -> Iterator[Finding]:
    edges = np.flatnonzero(np.diff(np.r_[False, mask, False].astype(np.int8)))
    for first, end in edges.reshape(-1, 2).tolist():
        number = end - first
        until = f" to {moment_of(int(times[end - 1]))}" if number > 1 else ""
        candles = "1 candle" if number == 1 else f"{number} candles"
        yield Finding(kind, where, f"{sentence}: {candles}{until}", done, time=int(times[first]))


def _off_level(name: str, column: int, quarters: Bars, unfit: Mask) -> Iterator[Finding]:
    sentence = "the price is on another level than the hours before it"
    yield from _stretches(f"{name} 15m", quarters.times, unfit[:, column], "off level", sentence, MISSING)


def _of_course(name: str, course: Course) -> Iterator[Finding]:
    where = f"{name} 1h"
    for spike in course.spikes:
        sentence = f"the price jumped {times_of(spike.factor)} and came back by {moment_of(spike.end)}"
        yield Finding("spike", where, sentence, MISSING, time=spike.first)
    for border in course.borders:
        yield Finding(
            _kind(border), where, border_sentence(border), "a new series begins here", time=border.at
        )
    if course.pending is not None:
        sentence = (
            f"the price jumped {times_of(course.pending.factor)} and the file ends before it is decided"
        )
        yield Finding("undecided jump", where, sentence, MISSING, time=course.pending.first)


def _kind(border: Border) -> str:
    return "other coin" if border.silent else "redenomination"


def border_sentence(border: Border) -> str:
    if border.silent:
        days = border.silent / 86_400
        return f"after {days:.1f} days of silence the price is {times_of(border.factor)}: maybe another coin"
    return f"the price jumped {times_of(border.factor)} and stayed: another denomination or another coin"


def times_of(factor: float) -> str:
    """`×100`, or `÷100` for a hundredth."""
    size = max(factor, 1 / factor)
    digits = f"{size:,.0f}" if size >= 100 else f"{size:.3g}"
    return f"×{digits}" if factor >= 1 else f"÷{digits}"


def _of_end(name: str, column: int, hours: Bars) -> Iterator[Finding]:
    there = np.flatnonzero(np.isfinite(hours.close[:, column]))
    if len(there) and hours.times[-1] - hours.times[there[-1]] >= ENDED_BEFORE:
        last = int(hours.times[there[-1]])
        sentence = "the series ends here, others go on"
        yield Finding(
            "ended", f"{name} 1h", sentence, "nothing is forecast after it, it stays in training", time=last
        )
