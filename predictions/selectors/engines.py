"""The registry of engines: every version with its role, what it learned from, and its walk-forward scores."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from core.lib.clock import iso
from predictions import horizons
from predictions.models import EngineVersion

Role = EngineVersion.Role
_ROLE_ORDER = {
    role: place for place, role in enumerate((Role.CHAMPION, Role.BASELINE, Role.CHALLENGER, Role.RETIRED))
}


Span = TypedDict("Span", {"from": str | None, "to": str | None})  # a call, since `from` is a reserved word


class EngineShown(TypedDict):
    id: int
    name: str
    version: str
    timeframe: str
    role: str
    published: bool
    definitions: int
    indicators_used: list[str]
    trained_at: str | None
    data_span: Span
    scores: dict[str, Any]


def published_version(versions: Sequence[EngineVersion], timeframe: str) -> EngineVersion | None:
    """Whose forecasts users see: the champion's, and the baseline's where no engine has earned that place."""
    mine = [version for version in versions if version.timeframe == timeframe]
    first = {role: next((v for v in mine if v.role == role), None) for role in (Role.CHAMPION, Role.BASELINE)}
    return first[Role.CHAMPION] or first[Role.BASELINE]


def engine_versions(*, retired: bool = True) -> list[EngineVersion]:
    """By timeframe, then champion, baseline, challengers, retired; newest first among equals."""
    versions = EngineVersion.objects.all() if retired else EngineVersion.objects.exclude(role=Role.RETIRED)
    place = {timeframe.name: index for index, timeframe in enumerate(horizons.TIMEFRAMES)}
    return sorted(versions, key=lambda v: (place.get(v.timeframe, 99), _ROLE_ORDER[Role(v.role)], -v.pk))


def engines_shown() -> list[EngineShown]:
    versions = engine_versions()
    published = {v.pk for t in horizons.TIMEFRAMES if (v := published_version(versions, t.name))}
    return [_shown(version, version.pk in published) for version in versions]


def _shown(version: EngineVersion, published: bool) -> EngineShown:
    return {
        "id": version.pk,
        "name": version.engine,
        "version": version.version,
        "timeframe": version.timeframe,
        "role": version.role,
        "published": published,
        "definitions": version.definitions,
        "indicators_used": version.features,
        "trained_at": _moment(version.trained_at),
        "data_span": {"from": _moment(version.span_from), "to": _moment(version.span_to)},
        "scores": version.scores,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
