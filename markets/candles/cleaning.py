"""Hourly and quarter-hour candles without what cannot be believed: the one arithmetic of serving and back-test.

Hours decide: their course says which level a price is on. A quarter is judged by itself and by what the hours had
shown when it closed, so that a server with five days of quarters and a back-test with years of them agree.
`Cleaned` holds for every moment at once; what was known at one moment is `known_at`, and the eras of a whole history
are `eras`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from markets.candles.bars import Bars, Faults, Mask, faults, mended
from markets.candles.eras import HOUR, Course, courses, last_known, steps_away
from markets.candles.series import Seconds

FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Cleaned:
    """`hours` and `quarters` with NaN where a candle is not believed; columns may hold several eras.

    `courses`: one a column. The faults are those of the candles as they came. `unfit` (quarters, tokens): quarters
    whose price is on another level than the hours before them.
    """

    hours: Bars
    quarters: Bars | None
    courses: Sequence[Course]
    hour_faults: Faults
    quarter_faults: Faults | None
    unfit: Mask | None


@dataclass(frozen=True)
class Era:
    """A column from `start` on (closing time of its first candle) and before `end`."""

    column: int
    start: int
    end: int
    number: int

    def within(self, times: Seconds) -> slice:
        first, last = np.searchsorted(times, [self.start, self.end])
        return slice(int(first), int(last))


def clean(hours: Bars, quarters: Bars | None = None) -> Cleaned:
    """Judge all candles. Columns of `quarters` are the same tokens as those of `hours`."""
    found = faults(hours)
    moving = mended(hours, found).without(found.unmoved)
    all_courses = courses(moving.times, moving.close)
    believed = moving.without(_disbelieved(moving.times, all_courses))
    if quarters is None:
        return Cleaned(believed, None, all_courses, found, None, None)
    own = faults(quarters, frozen_after=None)
    unfit = _unfit(quarters, believed)
    gone = own.filled | unfit | _as_frozen(quarters, hours, found) | _disbelieved(quarters.times, all_courses)
    return Cleaned(believed, mended(quarters, own).without(gone), all_courses, found, own, unfit)


def known_at(cleaned: Cleaned) -> tuple[Bars, Bars | None]:
    """Hours and quarters of the era that each column is in at its end: what came before is another series."""
    starts = [course.borders[-1].at if course.borders else None for course in cleaned.courses]
    return tuple(None if bars is None else _since(bars, starts) for bars in (cleaned.hours, cleaned.quarters))  # type: ignore[return-value]


def eras(cleaned: Cleaned) -> Iterator[Era]:
    """Every era of every column, in order of time within each."""
    for column, course in enumerate(cleaned.courses):
        edges = [np.iinfo(np.int64).min, *(border.at for border in course.borders), FOREVER]
        for number, (start, end) in enumerate(pairwise(edges)):
            yield Era(column, int(start), int(end), number)


def _since(bars: Bars, starts: Sequence[int | None]) -> Bars:
    gone = np.zeros(bars.close.shape, np.bool_)
    for column, start in enumerate(starts):
        if start is not None:
            gone[: int(np.searchsorted(bars.times, start)), column] = True
    return bars.without(gone)


def _disbelieved(times: Seconds, all_courses: Sequence[Course]) -> Mask:
    """Candles of spikes, and those since a jump that is not decided yet."""
    gone = np.zeros((len(times), len(all_courses)), np.bool_)
    for column, course in enumerate(all_courses):
        spans = [(spike.first, spike.end) for spike in course.spikes]
        if course.pending is not None:
            spans.append((course.pending.first, FOREVER))
        for first, end in spans:
            start, stop = np.searchsorted(times, [first, end])
            gone[start:stop, column] = True
    return gone


def _hour_rows(quarters: Bars, hours: Bars) -> Seconds:
    """The row of the last hour that had closed at each quarter; -1 before the first."""
    return np.asarray(np.searchsorted(hours.times, quarters.times, side="right") - 1)


def _unfit(quarters: Bars, believed: Bars) -> Mask:
    if not len(believed):
        return np.zeros(quarters.close.shape, np.bool_)
    level, seen = last_known(believed.times, believed.close)
    rows = _hour_rows(quarters, believed)
    known = np.where(rows[:, None] < 0, np.nan, level[np.maximum(rows, 0)])
    with np.errstate(divide="ignore"):
        price = np.log(quarters.close)
    return steps_away(price, known, quarters.times[:, None] - seen[np.maximum(rows, 0)])


def _as_frozen(quarters: Bars, hours: Bars, found: Faults) -> Mask:
    """Quarters at the very price at which the hours stand still."""
    if not found.frozen.any():
        return np.zeros(quarters.close.shape, np.bool_)
    rows = np.maximum(_hour_rows(quarters, hours), 0)
    recent = quarters.times - hours.times[rows] < HOUR
    return np.asarray(found.frozen[rows] & (quarters.close == hours.close[rows]) & recent[:, None])
