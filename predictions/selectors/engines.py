"""Which engine versions there are, in which order they are listed, and whose forecasts users see."""

from collections.abc import Sequence
from datetime import datetime

from predictions import horizons
from predictions.models import EngineVersion

Role = EngineVersion.Role
_ROLE_ORDER = {
    role: place for place, role in enumerate((Role.CHAMPION, Role.BASELINE, Role.CHALLENGER, Role.RETIRED))
}


def published_version(versions: Sequence[EngineVersion], timeframe: str) -> EngineVersion | None:
    """Whose forecasts users see of those that may speak (`speaking`): the champion's, and the baseline's where no
    engine has earned that place.
    """
    mine = [version for version in versions if version.timeframe == timeframe]
    first = {role: next((v for v in mine if v.role == role), None) for role in (Role.CHAMPION, Role.BASELINE)}
    return first[Role.CHAMPION] or first[Role.BASELINE]


def speaking(versions: Sequence[EngineVersion], now: datetime) -> list[EngineVersion]:
    """Those that may speak: whoever learned from candles that close later than `now`, in a replay, knows what comes."""
    return [one for one in versions if one.trained_at is None or one.trained_at <= now]


def engine_versions(*, retired: bool = True) -> list[EngineVersion]:
    """By timeframe, then champion, baseline, challengers, retired; newest first among equals."""
    versions = EngineVersion.objects.all() if retired else EngineVersion.objects.exclude(role=Role.RETIRED)
    place = {timeframe.name: index for index, timeframe in enumerate(horizons.TIMEFRAMES)}
    return sorted(versions, key=lambda v: (place.get(v.timeframe, 99), _ROLE_ORDER[Role(v.role)], -v.pk))
