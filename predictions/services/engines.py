"""The registry of engines: which versions exist, and how a version becomes an engine that can forecast.

Climatology is the baseline of every timeframe and has no champion row of its own: where no engine has earned
the champion's place, the baseline is what is published (`selectors.engines.published_version`).
"""

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings

from core.lib.errors import ArtifactRefused
from predictions.engines import artifacts
from predictions.engines.base import Engine
from predictions.engines.climatology import Climatology
from predictions.engines.rules import INDICATORS, Rules
from predictions.horizons import DEFINITIONS, TIMEFRAMES
from predictions.models import EngineVersion

Role = EngineVersion.Role
CLIMATOLOGY_LOOKS_AT = ["class frequencies of 365 days", "fading volatility"]


def ensure_engine_versions() -> None:
    """The engines that need no training have one version for each timeframe, from the first start on."""
    for timeframe in TIMEFRAMES:
        _ensure(Climatology(), timeframe.name, Role.BASELINE, CLIMATOLOGY_LOOKS_AT)
        _ensure(Rules(), timeframe.name, Role.CHALLENGER, list(INDICATORS))


def _ensure(engine: Engine, timeframe: str, role: Role, looks_at: list[str]) -> None:
    EngineVersion.objects.get_or_create(
        engine=engine.name,
        version=engine.version,
        timeframe=timeframe,
        defaults={"role": role, "definitions": DEFINITIONS, "features": looks_at},
    )


def load_engine(version: EngineVersion) -> Engine:
    """The engine in this state. Raises ArtifactRefused where its file is gone, altered or of other
    definitions.
    """
    if version.definitions != DEFINITIONS:
        raise ArtifactRefused(f"{version} was made for definitions {version.definitions}, not {DEFINITIONS}.")
    return _loaded(version.engine, version.timeframe, version.artifact, version.artifact_digest)


@lru_cache(maxsize=64)
def _loaded(engine: str, timeframe: str, artifact: str, digest: str) -> Engine:
    """Read once a process: a version's file never changes."""
    make = _MAKERS.get(engine)
    if make is None:
        raise ArtifactRefused(f"There is no engine called {engine}.")
    return make(timeframe, artifact, digest)


def _trained(timeframe: str, artifact: str, digest: str) -> Engine:
    if not artifact or not digest:
        raise ArtifactRefused(f"The {timeframe} engine names no file and digest; train it again.")
    return artifacts.load(settings.ARTIFACTS / artifact, digest)


_MAKERS: dict[str, Callable[[str, str, str], Engine]] = {
    "climatology": lambda timeframe, artifact, digest: Climatology(),
    "rules": lambda timeframe, artifact, digest: Rules(),
    "boosting": _trained,
}
