"""One record taken apart, as the page shows it: every number with its picture."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from predictions.evaluation.coverage import WANTED
from predictions.evaluation.skill import FEWEST_BLOCKS
from predictions.pages.record_drawn import (
    coverage_drawn,
    curve_drawn,
    drawn_skill,
    months_drawn,
    reach_of,
)
from predictions.selectors.record_detail import ClassShown, Detail, Part
from predictions.selectors.record_over_time import MonthShown
from predictions.selectors.record_pairs import Against
from predictions.selectors.track_record import EngineRecord

_RIVALS = {
    "climatology": "how often each class came for this token in the last year: the baseline",
    "uniform": "a third each, whatever happens",
    "persistence": "what came last time comes again",
    "rules": "the formula that Khalsi began with, its probabilities calibrated",
}


@dataclass(frozen=True)
class Rival:
    """Whom the engine is compared with."""

    against: Against
    reach: float

    @property
    def told(self) -> str:
        return _RIVALS.get(self.against["model"], "another engine")

    @property
    def drawn(self) -> SafeString:
        return drawn_skill(self.against["skill"], self.reach, f"Skill against {self.against['model']}")


@dataclass(frozen=True)
class PartShown:
    part: Part
    reach: float

    @property
    def skill_drawn(self) -> SafeString:
        return drawn_skill(self.part["skill"], self.reach, f"Skill, {self.part['name']}")

    @property
    def coverage_drawn(self) -> SafeString:
        return coverage_drawn(self.part["coverage_80"], f"Inside the range, {self.part['name']}")


@dataclass(frozen=True)
class Parts:
    """One way of taking it apart, as one table."""

    key: str
    title: str
    rows: list[PartShown]


@dataclass(frozen=True)
class Reliability:
    """One class: what was said of it against how often it came."""

    found: ClassShown

    @property
    def curve(self) -> SafeString:
        return curve_drawn(self.found["calibration"], f"Reliability of {self.found['class']}")


@dataclass(frozen=True)
class DetailShown:
    detail: Detail
    record: EngineRecord

    fewest_blocks = FEWEST_BLOCKS
    wanted = WANTED

    @property
    def name(self) -> str:
        return "what you were shown" if self.detail["model"] == "published" else self.detail["model"]

    @property
    def curve(self) -> SafeString:
        return curve_drawn(self.record["calibration"], f"Calibration of {self.name}")

    @property
    def coverage_drawn(self) -> SafeString:
        return coverage_drawn(self.record["coverage_80"], "Inside the range, over all")

    @property
    def classes(self) -> list[Reliability]:
        return [Reliability(one) for one in self.detail["classes"]]

    @property
    def rivals(self) -> list[Rival]:
        reach = reach_of(one["skill"] for one in self.detail["against"])
        return [Rival(one, reach) for one in self.detail["against"]]

    @cached_property
    def months_drawn(self) -> SafeString:
        return months_drawn(self.detail["months"], f"Skill of {self.name} over time")

    @property
    def months(self) -> list[MonthShown]:
        """Newest first."""
        return self.detail["months"][::-1]

    @property
    def parts(self) -> list[Parts]:
        parts = [
            ("regimes", "By the market’s mood", self.detail["regimes"]),
            ("quarters", "By quarter", self.detail["quarters"]),
            ("tokens", "By token", self.detail["tokens"]),
        ]
        return [_parts(key, title, rows) for key, title, rows in parts if rows]


def _parts(key: str, title: str, rows: list[Part]) -> Parts:
    reach = reach_of(row["skill"] for row in rows)
    return Parts(key, title, [PartShown(row, reach) for row in rows])
