"""Who says what at one moment: the engine that is published, climatology where it cannot answer, and those
compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import structlog
from numpy.typing import NDArray

from core.lib.errors import ArtifactRefused
from predictions.engines.base import NO_BASELINE, NO_PRICE, NO_SCALE, Answer, Batch
from predictions.horizons import TIMEFRAMES
from predictions.models import EngineVersion
from predictions.selectors.engines import engine_versions, published_version
from predictions.services.engines import ensure_engine_versions, load_engine

log = structlog.get_logger(__name__)
Role = EngineVersion.Role
_CODES = {NO_SCALE: "INSUFFICIENT_DATA", NO_BASELINE: "INSUFFICIENT_DATA", NO_PRICE: "NO_CANDLE"}


@dataclass(frozen=True, eq=False)
class Said:
    """One version's answer to a batch, and which of its rows (N,) are to be stored."""

    version: EngineVersion
    answer: Answer
    stored: NDArray[np.bool_]
    published: bool
    fallback: bool = False

    @property
    def reasons(self) -> list[str]:
        """Why it abstains, as a code and a sentence; "" where it answers."""
        return [
            f"{_CODES.get(reason, 'ABSTAINED')}: {reason}" if reason else "" for reason in self.answer.reasons
        ]


@dataclass(frozen=True, eq=False)
class Published:
    """`fallback` says why climatology stands in for the champion, "" where it does not."""

    said: Sequence[Said]
    fallback: str = ""


def published(batch: Batch, versions: Sequence[EngineVersion]) -> Published:
    """The champion's answers. Climatology, marked, for the rows it leaves out, and for all where it cannot
    answer.
    """
    version = published_version(versions, batch.timeframe.name)
    baseline = next(one for one in versions if one.role == Role.BASELINE)
    if version is None or version == baseline:
        return Published([_plain(baseline, batch, published=True)])
    try:
        champion = _plain(version, batch, published=True)
    except (
        Exception
    ) as error:  # whatever is wrong with a champion, users get the baseline, and staff the reason
        log.error("champion_failed", version=str(version), error=type(error).__name__, exc_info=error)
        return Published([_standing_in(baseline, batch)], f"{version}: {type(error).__name__}: {error}")
    left_out = ~champion.answer.ok
    stand_in = _standing_in(baseline, batch, left_out)
    return Published([champion, stand_in] if stand_in.stored.any() else [champion])


def others(batch: Batch, versions: Sequence[EngineVersion]) -> list[Said]:
    """Challengers, which are compared and not shown. One that fails is left out: it must harm nobody."""
    challengers = [version for version in versions if version.role == Role.CHALLENGER]
    return [said for version in challengers if (said := _tried(version, batch)) is not None]


def _tried(version: EngineVersion, batch: Batch) -> Said | None:
    try:
        return _plain(version, batch, published=False)
    except (ArtifactRefused, ValueError, ArithmeticError, KeyError) as error:
        log.warning("challenger_failed", version=str(version), error=f"{type(error).__name__}: {error}")
        return None


def _plain(version: EngineVersion, batch: Batch, *, published: bool) -> Said:
    answer = load_engine(version).forecast(batch)
    return Said(version, answer, answer.ok, published)


def _standing_in(baseline: EngineVersion, batch: Batch, where: NDArray[np.bool_] | None = None) -> Said:
    answer = load_engine(baseline).forecast(batch)
    stored = answer.ok if where is None else answer.ok & where
    return Said(baseline, answer, stored, published=True, fallback=True)


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
    return [one for one in versions if one.trained_at is None or one.trained_at <= as_of]
