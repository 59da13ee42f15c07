"""The registry of engines: which versions exist, and how a version becomes an engine that can forecast.

Climatology is the baseline of every timeframe and has no champion row of its own: where no engine has earned
the champion's place, the baseline is what is published (`selectors.engines.published_version`).
"""

from functools import lru_cache

from django.conf import settings

from core.lib.errors import ArtifactRefused
from predictions.engines import artifacts
from predictions.engines.base import Engine
from predictions.engines.climatology import Climatology
from predictions.engines.pool import Pool
from predictions.engines.rules import INDICATORS, Rules
from predictions.horizons import DEFINITIONS, TIMEFRAMES
from predictions.models import EngineVersion
from predictions.services.shipped import register_shipped

Role = EngineVersion.Role
CLIMATOLOGY_LOOKS_AT = ["class frequencies of 365 days", "fading volatility"]


def ensure_engine_versions() -> None:
    """From the first start on there are the engines that need no training, and those that come with the project."""
    for timeframe in TIMEFRAMES:
        _ensure(Climatology(), timeframe.name, Role.BASELINE, CLIMATOLOGY_LOOKS_AT)
        _ensure(Rules(), timeframe.name, Role.CHALLENGER, list(INDICATORS))
    register_shipped()


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
    if not version.artifact:
        if version.engine not in _UNTRAINED:
            raise ArtifactRefused(f"{version} names no file; train it again.")
        return _UNTRAINED[version.engine]
    if not version.artifact_digest:
        raise ArtifactRefused(f"{version} names no digest; train it again.")
    pool = _loaded(version.artifact, version.artifact_digest)
    if pool.timeframe.name != version.timeframe:
        raise ArtifactRefused(f"{version.artifact} was trained for {pool.timeframe.name}, not {version}.")
    if version.engine not in pool.engines:
        raise ArtifactRefused(f"{version.artifact} holds no engine called {version.engine}.")
    return pool.engines[version.engine]


@lru_cache(maxsize=64)
def _loaded(artifact: str, digest: str) -> Pool:
    """Read once a process: a file never changes, and holds all engines that were trained together."""
    return artifacts.load(settings.ARTIFACTS / artifact, digest)


_UNTRAINED: dict[str, Engine] = {"climatology": Climatology(), "rules": Rules()}
