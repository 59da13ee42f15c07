"""The report of a back-test: what came of it as plots and tables, one section a timeframe and engine."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.lib.clock import from_seconds
from predictions.engines.base import Floats
from predictions.engines.pool import NAMES
from predictions.evaluation import skill
from predictions.evaluation.coverage import WANTED
from predictions.evaluation.skill import FEWEST_BLOCKS
from predictions.report.page import Section, Table
from predictions.report.plots import (
    Course,
    Estimate,
    Tenth,
    calibration,
    courses,
    intervals,
    over_time,
)
from predictions.services.backtesting.judging import Judged, judged
from predictions.services.backtesting.parts import BASELINE, Said
from predictions.services.backtesting.ranges import voice

UNIFORM = "uniform"
YEAR = 366 * 86_400
_EARLY = f"Below {FEWEST_BLOCKS} blocks of time there is no interval: too early to say."


def section_of(one: Judged, parts: Sequence[Said], tokens: Sequence[str]) -> Section:
    """`one` is the engine that was asked for; the others of its parts are the alternatives."""
    name = f"{one.timeframe.name} · {one.asked}"
    file = f"{one.timeframe.name}-{one.asked}"
    if not one.known.any():
        return Section(name, ["No forecast has an outcome."], {}, [])
    periods, place = _periods(one.as_of)
    others = [_alternative(one, parts, other, len(tokens)) for other in (*NAMES, BASELINE)]
    rivals = [_skill(UNIFORM, one, np.full(len(one.as_of), np.log(3))), *(row for row in others if row)]
    by_token = [_skill(token, one, one.log_score, one.token == number) for number, token in enumerate(tokens)]
    hits = [Course("all", _coverage(one, place, len(periods)))]
    for number, token in enumerate(tokens):
        hits.append(Course(token, _coverage(one, place, len(periods), one.token == number)))
    single = [_skill(period, one, one.log_score, place == number) for number, period in enumerate(periods)]
    sums = [_skill(period, one, one.log_score, place <= number) for number, period in enumerate(periods)]
    told = "Skill in log score against climatology, with its 95 % interval."
    pictures = {
        f"{file}-over-time": over_time(f"{name}: skill over time", periods, _some(single), _some(sums)),
        f"{file}-calibration": calibration(f"{name}: calibration", _tenths(one)),
        f"{file}-coverage": courses(f"{name}: inside the 80 % range", periods, hits, WANTED),
        f"{file}-tokens": intervals(f"{name}: skill by token", _there(by_token), told),
        f"{file}-alternatives": intervals(f"{name} and its alternatives: skill", _there(rivals), told),
    }
    tables = [
        _skills("Alternatives", _there(rivals)),
        _skills("By token", _there(by_token)),
        Table(
            "Inside the range", ["", *periods], [[line.name, *map(_percent, line.values)] for line in hits]
        ),
    ]
    found = one.report
    words = [
        f"{found.n:,} forecasts with an outcome ({found.independent:.0f} independent), {found.void:,} void, "
        f"{found.abstained:,} abstentions.",
        _EARLY,
    ]
    return Section(name, words, pictures, tables)


def _periods(as_of: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    """Names of the calendar's quarters (or months within a year) and the place of each moment among them."""
    months = as_of.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    short = int(as_of[-1] - as_of[0]) <= YEAR
    steps = months if short else months // 3
    found, place = np.unique(steps, return_inverse=True)
    names = [
        f"{1970 + step // 12}-{step % 12 + 1:02d}" if short else f"{1970 + step // 4} Q{step % 4 + 1}"
        for step in found.tolist()
    ]
    return names, place


def _skill(name: str, one: Judged, ours: Floats, chosen: NDArray[np.bool_] | None = None) -> Estimate | None:
    rows = one.known & np.isfinite(ours)
    if chosen is not None:
        rows = rows & chosen
    mine, theirs = ours[rows], one.baseline_log_score[rows]
    value = skill.point(mine, theirs)
    if value is None:
        return None
    found = skill.skill(mine, theirs, skill.blocks_of(one.timeframe, one.as_of[rows]))
    return Estimate(name, value, found.low, found.high) if found else Estimate(name, value)


def _alternative(one: Judged, parts: Sequence[Said], name: str, tokens: int) -> Estimate | None:
    if name == one.asked:
        return _skill(name, one, one.log_score)
    if not any(name in part.engines for part in parts):
        return None
    other = judged(one.timeframe, parts, voice(parts, name, one.timeframe, tokens))
    return _skill(name, one, other.log_score)


def _coverage(
    one: Judged, place: NDArray[np.int64], periods: int, chosen: NDArray[np.bool_] | None = None
) -> list[float | None]:
    rows = one.known if chosen is None else one.known & chosen
    n = np.bincount(place[rows], minlength=periods)
    hits = np.bincount(place[rows], one.inside[rows], minlength=periods)
    return [float(hit / number) if number else None for hit, number in zip(hits, n, strict=True)]


def _tenths(one: Judged) -> list[Tenth]:
    return [
        Tenth(bin.mean_probability, bin.observed, bin.low, bin.high, bin.n)
        for bin in one.report.calibration.bins
        if bin.mean_probability is not None
        and bin.observed is not None
        and bin.low is not None
        and bin.high is not None
    ]


def _some(rows: Sequence[Estimate | None]) -> list[Estimate]:
    """A place for each period, level where nothing came of it."""
    return [row or Estimate("", 0.0) for row in rows]


def _there(rows: Sequence[Estimate | None]) -> list[Estimate]:
    return [row for row in rows if row is not None]


def _skills(title: str, rows: Sequence[Estimate]) -> Table:
    cells = [
        [row.name, f"{row.value:+.2%}", _percent(row.low, "+.2%"), _percent(row.high, "+.2%")] for row in rows
    ]
    return Table(title, ["", "skill", "low", "high"], cells)


def _percent(value: float | None, form: str = ".1%") -> str:
    return "–" if value is None else format(value, form)


def span_words(first: int, end: int) -> str:
    return f"{from_seconds(first):%Y-%m-%d %H:%M} to {from_seconds(end - 1):%Y-%m-%d %H:%M} UTC"
