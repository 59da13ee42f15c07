"""Who says what at one moment: the engine that is published, climatology where it has failed, and those compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from predictions.engines.base import Answer, Batch
from predictions.horizons import TIMEFRAMES
from predictions.models import EngineVersion
from predictions.selectors.engines import engine_versions, published_version, speaking
from predictions.services.engines import ensure_engine_versions, load_engine

log = structlog.get_logger(__name__)
Role = EngineVersion.Role


@dataclass(frozen=True, eq=False)
class Said:
    """One version's answer to a batch; the rows that it answers are stored."""

    version: EngineVersion
    answer: Answer
    published: bool
    fallback: bool = False


@dataclass(frozen=True, eq=False)
class Published:
    """`fallback` says why climatology stands in for the champion, "" where it does not."""

    said: Said
    fallback: str = ""


def published(batch: Batch, versions: Sequence[EngineVersion]) -> Published:
    """The champion's answers. Where it abstains nobody speaks: what it has never seen, climatology has not either.

    Climatology, marked, for all rows where the champion cannot be loaded or fails.
    """
    version = published_version(versions, batch.timeframe.name)
    baseline = next(one for one in versions if one.role == Role.BASELINE)
    try:
        return Published(_said(version or baseline, batch, published=True))
    except (
        Exception
    ) as error:  # whatever is wrong with a champion, users get the baseline, and staff the reason
        if version is None or version == baseline:
            raise
        log.error("champion_failed", version=str(version), error=type(error).__name__, exc_info=error)
        stand_in = _said(baseline, batch, published=True, fallback=True)
        return Published(stand_in, f"{version}: {type(error).__name__}: {error}")


def others(batch: Batch, versions: Sequence[EngineVersion]) -> list[Said]:
    """Challengers, which are compared and not shown. One that fails is left out: it must harm nobody."""
    challengers = [version for version in versions if version.role == Role.CHALLENGER]
    return [said for version in challengers if (said := _tried(version, batch)) is not None]


def _tried(version: EngineVersion, batch: Batch) -> Said | None:
    try:
        return _said(version, batch, published=False)
    except Exception as error:  # as with the champion; a run that ends here would take his forecasts along
        log.warning("challenger_failed", version=str(version), error=f"{type(error).__name__}: {error}")
        return None


def _said(version: EngineVersion, batch: Batch, *, published: bool, fallback: bool = False) -> Said:
    return Said(version, load_engine(version).forecast(batch), published, fallback)


def versions_of(versions: Sequence[EngineVersion], timeframe: str) -> list[EngineVersion]:
    return [version for version in versions if version.timeframe == timeframe]


def known_versions(as_of: datetime) -> list[EngineVersion]:
    """Those that may speak at this moment: not retired, and without knowledge of what came after it.

    An engine that learned from a folder of candles may know the future of a replay. Engines that need no
    training are registered at the first run.
    """
    versions = engine_versions(retired=False)
    if len([version for version in versions if version.role == Role.BASELINE]) < len(TIMEFRAMES):
        ensure_engine_versions()
        versions = engine_versions(retired=False)
    return speaking(versions, as_of)
