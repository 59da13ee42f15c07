"""The engines in public: who is published and why, who was tried beside them, and how often somebody looked."""

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from core.lib.clock import market_now
from predictions.engines import lstm_learning
from predictions.engines.pool import NAMES as POOL_NAMES
from predictions.evaluation.skill import FEWEST_BLOCKS
from predictions.horizons import TIMEFRAMES, Timeframe
from predictions.models import EngineVersion, RoleChange
from predictions.pages.record_drawn import drawn_skill, reach_of
from predictions.selectors.record_figures import SkillShown
from predictions.selectors.registry import NOTHING_YET, Registered, registered
from predictions.services.judging import LOOKS_APART, SURE

MOST_SHOWN, MOST_CHANGES = 40, 20
Role = EngineVersion.Role


@dataclass(frozen=True)
class Line:
    """One version with its two skills, which are never mixed."""

    entry: Registered
    reach: float

    @property
    def walked(self) -> SkillShown:
        found = self.entry.walk_forward.get("skill")
        return cast(SkillShown, {**NOTHING_YET, **found}) if found else NOTHING_YET

    @property
    def walked_drawn(self) -> SafeString:
        return drawn_skill(self.walked, self.reach, f"Walk-forward skill of {self.entry.version}")

    @property
    def live_drawn(self) -> SafeString:
        return drawn_skill(self.entry.live["skill"], self.reach, f"Live skill of {self.entry.version}")

    @property
    def is_baseline(self) -> bool:
        return self.entry.version.role == Role.BASELINE


@dataclass(frozen=True)
class Chapter:
    """One timeframe: those that speak now, those that retired, and how the roles came about."""

    timeframe: Timeframe
    lines: list[Line]
    changes: list[RoleChange]

    @property
    def first(self) -> list[Line]:
        """The champion, and the baseline that it must beat."""
        return self._in(Role.CHAMPION, Role.BASELINE)

    @property
    def others(self) -> list[tuple[str, list[Line], int]]:
        """What they are called, those shown, and how many there are."""
        parts = (("challenger", self._in(Role.CHALLENGER)), ("retired version", self._in(Role.RETIRED)))
        return [(title, lines[:MOST_SHOWN], len(lines)) for title, lines in parts if lines]

    def _in(self, *roles: str) -> list[Line]:
        return [line for line in self.lines if line.entry.version.role in roles]

    @property
    def published(self) -> Line | None:
        return next((line for line in self.lines if line.entry.published), None)

    @property
    def versions(self) -> int:
        """Trained versions: each is one more try."""
        return sum(bool(line.entry.version.artifact) for line in self.lines)

    @property
    def looks(self) -> int:
        return sum(line.entry.looks for line in self.lines)


def engines_page(request: HttpRequest) -> HttpResponse:
    now = market_now()
    found = chapters(registered(now))
    context = {
        "chapters": found,
        "versions": sum(chapter.versions for chapter in found),
        "looks": sum(chapter.looks for chapter in found),
        "fewest_blocks": FEWEST_BLOCKS,
        "sure": SURE,
        "days_apart": LOOKS_APART.days,
        "lstm_installed": lstm_learning.installed(),
        "now": now,
    }
    return render(request, "predictions/engines.html", context)


def chapters(entries: list[Registered]) -> list[Chapter]:
    """Timeframes that have any version, the shortest first."""
    shown = [Line(one, 0.0).walked for one in entries] + [one.live["skill"] for one in entries]
    reach = reach_of(shown)
    changes = _changes()
    made = [
        Chapter(
            timeframe,
            [
                Line(one, reach)
                for one in sorted(entries, key=_order)
                if one.version.timeframe == timeframe.name
            ],
            [change for change in changes if change.timeframe == timeframe.name][:MOST_CHANGES],
        )
        for timeframe in TIMEFRAMES
    ]
    return [chapter for chapter in made if chapter.lines]


def _order(entry: Registered) -> tuple[bool, float, int]:
    """The champion first, then the youngest, and of one training the ensemble before its parts."""
    version = entry.version
    trained = version.trained_at.timestamp() if version.trained_at else 0.0
    place = POOL_NAMES.index(version.engine) if version.engine in POOL_NAMES else len(POOL_NAMES)
    return version.role != Role.CHAMPION, -trained, place


def _changes() -> list[RoleChange]:
    """Newest first; without challengers that a younger version only replaced."""
    return list(RoleChange.objects.exclude(basis="").select_related("version").order_by("-pk"))
