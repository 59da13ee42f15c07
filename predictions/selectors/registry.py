"""The registry in public: every version with its scores, how it came to its role, and how often it was looked at.

Versions and looks are counted, since whoever tries often enough finds something that looks good.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from core.lib.clock import iso
from predictions import horizons
from predictions.models import EngineVersion, Judgement, RoleChange
from predictions.selectors.engines import engine_versions, published_version, speaking
from predictions.selectors.record_figures import SkillShown
from predictions.selectors.record_sums import Filters
from predictions.selectors.track_record import track_record

NAMES = [timeframe.name for timeframe in horizons.TIMEFRAMES]
NOTHING_YET: SkillShown = {
    "value": None,
    "low": None,
    "high": None,
    "blocks": 0,
    "note": "Nothing scored yet.",
}

Span = TypedDict("Span", {"from": str | None, "to": str | None})  # a call, since `from` is a reserved word


class LiveShown(TypedDict):
    n: int
    skill: SkillShown


class RoleShown(TypedDict):
    """The last change of the role; nulls for one that never changed."""

    since: str | None
    basis: str | None
    reason: str | None


class LookShown(TypedDict):
    judged_at: str
    against: str
    earned: bool
    reason: str


class EngineShown(TypedDict):
    id: int
    name: str
    version: str
    timeframe: str
    role: str
    role_history: RoleShown
    published: bool
    definitions: int
    indicators_used: list[str]
    trained_at: str | None
    data_span: Span
    scores: dict[str, Any]
    training: dict[str, Any]
    live: LiveShown
    trials: int
    looks: int
    last_look: LookShown | None


@dataclass(frozen=True)
class Registered:
    """One version. `trials`: how many of its engine and timeframe were trained up to it; `looks` at it alone."""

    version: EngineVersion
    published: bool
    live: LiveShown
    change: RoleChange | None
    trials: int
    looks: int
    last_look: Judgement | None

    @property
    def walk_forward(self) -> dict[str, Any]:
        return {name: value for name, value in self.version.scores.items() if name != "training"}

    @property
    def training(self) -> dict[str, Any]:
        return dict(self.version.scores.get("training") or {})


def registered(now: datetime) -> list[Registered]:
    """All versions, in the order of `engine_versions`; a handful of queries and the kept sums of the record."""
    versions = engine_versions()
    allowed = speaking(versions, now)
    published = {found.pk for name in NAMES if (found := published_version(allowed, name))}
    live = _live()
    changes = {change.version_id: change for change in RoleChange.objects.order_by("pk")}
    looks = list(Judgement.objects.order_by("judged_at", "pk"))
    last, number = {look.challenger_id: look for look in looks}, Counter(look.challenger_id for look in looks)
    trials = _trials(versions)
    return [
        Registered(
            version=one,
            published=one.pk in published,
            live=live.get((one.engine, one.version, one.timeframe), {"n": 0, "skill": NOTHING_YET}),
            change=changes.get(one.pk),
            trials=trials[one.pk],
            looks=number[one.pk],
            last_look=last.get(one.pk),
        )
        for one in versions
    ]


def engines_shown(now: datetime) -> list[EngineShown]:
    return [_shown(one) for one in registered(now)]


def _live() -> dict[tuple[str, str, str], LiveShown]:
    return {
        (one["model"], one["model_version"], one["timeframe"]): {"n": one["n"], "skill": one["skill"]}
        for one in track_record(NAMES, Filters())["models"]
    }


def _trials(versions: list[EngineVersion]) -> dict[int, int]:
    """Which of the trained versions of its engine and timeframe each one is; 0 where there is nothing to train."""
    count: Counter[tuple[str, str]] = Counter()
    found = {}
    for one in sorted(versions, key=lambda version: version.pk):
        count[one.engine, one.timeframe] += bool(one.artifact)
        found[one.pk] = count[one.engine, one.timeframe] if one.artifact else 0
    return found


def _shown(one: Registered) -> EngineShown:
    version = one.version
    return {
        "id": version.pk,
        "name": version.engine,
        "version": version.version,
        "timeframe": version.timeframe,
        "role": version.role,
        "role_history": _role(one.change),
        "published": one.published,
        "definitions": version.definitions,
        "indicators_used": version.features,
        "trained_at": _moment(version.trained_at),
        "data_span": {"from": _moment(version.span_from), "to": _moment(version.span_to)},
        "scores": one.walk_forward,
        "training": one.training,
        "live": one.live,
        "trials": one.trials,
        "looks": one.looks,
        "last_look": _look(one.last_look),
    }


def _role(change: RoleChange | None) -> RoleShown:
    if change is None:
        return {"since": None, "basis": None, "reason": None}
    return {"since": iso(change.changed_at), "basis": change.basis or None, "reason": change.reason}


def _look(look: Judgement | None) -> LookShown | None:
    if look is None:
        return None
    return {
        "judged_at": iso(look.judged_at),
        "against": look.against,
        "earned": look.earned,
        "reason": look.reason,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
