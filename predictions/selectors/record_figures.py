"""From sums to what is shown: means, skill with its interval, calibration. No database here."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypedDict

import numpy as np

from predictions.evaluation import calibration, skill
from predictions.evaluation.thinning import independent
from predictions.horizons import Timeframe
from predictions.selectors.record_sums import BINS, WEEK, Rows


class SkillShown(TypedDict):
    """Absent numbers mean that it is too early to say."""

    value: float | None
    low: float | None
    high: float | None
    blocks: int
    note: str


class CalibrationBin(TypedDict):
    """`low` to `high` is where `observed` would lie 19 times in 20 if the probabilities were right."""

    bin: int
    mean_probability: float
    observed: float
    low: float
    high: float
    n: int


def total(rows: Rows, name: str) -> Any:
    return sum(row[name] or 0 for row in rows)


def mean(total: float, n: int) -> float | None:
    return round(total / n, 6) if n else None


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def grouped(rows: Rows, key: Callable[[dict[str, Any]], Hashable]) -> dict[Any, Rows]:
    found: dict[Any, Rows] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def skill_shown(rows: Rows, own: str, baseline: str, timeframe: Timeframe) -> SkillShown:
    """All tokens of a block of time stand or fall together, so the interval is drawn over blocks."""
    return skill_of([row[own] for row in rows], [row[baseline] for row in rows], blocks_of(rows, timeframe))


def range_skill(rows: Rows, timeframe: Timeframe) -> SkillShown:
    """Over those alone whose range has a score."""
    return skill_shown([row for row in rows if row["ranged"]], "pinball", "baseline_pinball", timeframe)


def blocks_of(rows: Rows, timeframe: Timeframe) -> list[int]:
    """The block of time that each row's week belongs to."""
    weeks = timeframe.block_seconds // WEEK
    return [row["week"] // weeks for row in rows]


def skill_of(ours: list[float], theirs: list[float], blocks: list[int]) -> SkillShown:
    found = skill.skill(ours, theirs, blocks)
    number = len(set(blocks))
    if found is None:
        note = f"Too early to say: {number} of {skill.FEWEST_BLOCKS} blocks of time."
        return {"value": None, "low": None, "high": None, "blocks": number, "note": note}
    value, low, high = (round(one, 6) for one in (found.value, found.low, found.high))
    return {"value": value, "low": low, "high": high, "blocks": number, "note": ""}


def independent_n(rows: Rows, timeframe: Timeframe) -> int:
    """How many outcomes of this horizon fit side by side into the span that was scored; no more than there are."""
    moments = [int(row[name].timestamp()) for row in rows for name in ("first", "last")]
    return min(int(independent(timeframe, moments)), int(total(rows, "n")))


def calibrated(rows: Rows) -> calibration.Calibration:
    """Of the favoured class, from rows by bin. Mean error and slope are those of single forecasts."""
    sums = [total(rows, name) for name in ("n", "said_sum", "said_squares", "hits", "said_hits")]
    return by_bins([(row["bin"], row["n"], row["said_sum"], row["hits"]) for row in rows], sums)


def by_bins(bins: Iterable[tuple[int, int, int, int]], sums: list[int]) -> calibration.Calibration:
    """From (bin, n, Σp, Σy) and the totals n, Σp, Σp², Σy, Σpy; p in ten-thousandths."""
    n, said, hits = np.zeros(BINS), np.zeros(BINS), np.zeros(BINS)
    for place, number, said_sum, came in bins:
        at = min(place, BINS - 1)
        n[at] += number
        said[at] += said_sum / 10_000
        hits[at] += came
    number, p, squares, happened, product = sums
    slope = calibration.slope_of_sums(number, p / 1e4, squares / 1e8, happened, product / 1e4)
    return calibration.from_sums(n, said, hits, slope=slope)


def bins_shown(found: calibration.Calibration) -> list[CalibrationBin]:
    """Those that hold forecasts."""
    return [_bin_shown(one) for one in found.bins if one.n]


def _bin_shown(one: calibration.Bin) -> CalibrationBin:
    figures = (one.mean_probability, one.observed, one.low, one.high)
    said, observed, low, high = (round(figure or 0.0, 6) for figure in figures)
    return {
        "bin": one.bin,
        "mean_probability": said,
        "observed": observed,
        "low": low,
        "high": high,
        "n": one.n,
    }
