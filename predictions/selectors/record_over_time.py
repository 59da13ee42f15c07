"""Skill as the record grew: at the end of each month, over everything until then and over the newest thirty blocks.

A month alone holds four or five blocks of time, too few for a skill: of it the scores are told and no more.
"""

from datetime import UTC, datetime
from typing import TypedDict

from core.lib.clock import iso
from predictions.evaluation.skill import FEWEST_BLOCKS
from predictions.horizons import Timeframe
from predictions.selectors.record_figures import SkillShown, grouped, mean, skill_of, total
from predictions.selectors.record_sums import WEEK, Rows


class MonthShown(TypedDict):
    """`until`: when the month ended, or the last block began. Skills are of all blocks that began before."""

    month: str
    until: str
    n: int
    log_score: float | None
    baseline_log_score: float | None
    coverage_80: float | None
    skill_so_far: SkillShown
    skill_newest: SkillShown


class _Blocks:
    """Sums of both log scores by block of time, in the order of time."""

    def __init__(self, rows: Rows, timeframe: Timeframe) -> None:
        weeks = timeframe.block_seconds // WEEK
        mine = sorted(grouped(rows, lambda row: row["week"] // weeks).items())
        self.places = [place for place, _ in mine]
        self.ours = [total(rows, "log") for _, rows in mine]
        self.theirs = [total(rows, "baseline_log") for _, rows in mine]
        self.starts = [place * timeframe.block_seconds for place in self.places]

    def until(self, end: float, newest: int | None = None) -> SkillShown:
        """Of the blocks that began before `end` (seconds), or of the newest of them."""
        stop = sum(start < end for start in self.starts)
        start = max(stop - newest, 0) if newest else 0
        return skill_of(self.ours[start:stop], self.theirs[start:stop], self.places[start:stop])


def months_of(rows: Rows, timeframe: Timeframe) -> list[MonthShown]:
    """From sums by week and month (`2026-11`), oldest first."""
    blocks = _Blocks(rows, timeframe)
    return [
        _month(name, mine, blocks) for name, mine in sorted(grouped(rows, lambda row: row["month"]).items())
    ]


def _month(name: str, rows: Rows, blocks: _Blocks) -> MonthShown:
    end = _end_of(name)
    n = total(rows, "n")
    return {
        "month": name,
        "until": iso(end),
        "n": n,
        "log_score": mean(total(rows, "log"), n),
        "baseline_log_score": mean(total(rows, "baseline_log"), n),
        "coverage_80": mean(total(rows, "inside_sum"), n),
        "skill_so_far": blocks.until(end.timestamp()),
        "skill_newest": blocks.until(end.timestamp(), FEWEST_BLOCKS),
    }


def _end_of(month: str) -> datetime:
    year, number = (int(part) for part in month.split("-"))
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
