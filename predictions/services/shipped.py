"""Engines that come with the project: trained on recorded candles, since 90 days of own history are not enough.

They are copied to the artifacts folder and registered at the first start. An ensemble whose walk-forward interval lies
above zero becomes the champion of a timeframe that never had one, which is said in public; later ones must earn it.
"""

import hashlib
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction

from core.lib.errors import ArtifactRefused
from predictions.engines import ensemble
from predictions.horizons import TIMEFRAMES
from predictions.models import EngineVersion, RoleChange
from predictions.services.judging import walk_forward_skill, worded
from predictions.services.registry import Entry, keep_copy, register
from predictions.services.roles import appoint

log = structlog.get_logger(__name__)


def register_shipped() -> list[EngineVersion]:
    """New versions. A file that is known costs a look at its bytes; one that is damaged is logged and left out."""
    made = []
    for timeframe in TIMEFRAMES:
        path = settings.INITIAL_ARTIFACTS / f"{timeframe.name}.npz"
        if path.is_file():
            made.extend(_register(path, timeframe.name))
    return made


def _register(path: Path, timeframe: str) -> list[EngineVersion]:
    name = f"{timeframe}/shipped-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}.npz"
    if EngineVersion.objects.filter(artifact=name).exists():
        return []
    try:
        entry = keep_copy(path, name)
        if entry.timeframe != timeframe:
            raise ArtifactRefused(f"{path.name} was trained for {entry.timeframe}; train it again.")
    except (ArtifactRefused, OSError) as error:
        log.error("shipped_engines_refused", file=path.name, reason=str(error))
        return []
    return _enter(entry)


@transaction.atomic
def _enter(entry: Entry) -> list[EngineVersion]:
    made = register(entry)
    mixed = next((version for version in made if version.engine == ensemble.ENGINE), None)
    if mixed is not None and not _ever_had_champion(entry.timeframe):
        _appoint_if_skilled(mixed)
    return made


def _ever_had_champion(timeframe: str) -> bool:
    """Also one that stepped down: whoever decided that climatology is better is not overruled by a new release."""
    present = EngineVersion.objects.filter(timeframe=timeframe, role=EngineVersion.Role.CHAMPION)
    former = RoleChange.objects.filter(timeframe=timeframe, role_after=EngineVersion.Role.CHAMPION)
    return present.exists() or former.exists()


def _appoint_if_skilled(version: EngineVersion) -> None:
    found, blocks = walk_forward_skill(version)
    if found is None or found.low <= 0:
        return
    reason = (
        f"The first of its timeframe: trained on recorded candles until {version.trained_at:%Y-%m-%d}, walking forward"
        f" its skill was {worded(found)} over {blocks} blocks of time. No live outcome has confirmed it yet."
    )
    appoint(version, basis=RoleChange.Basis.WALK_FORWARD, reason=reason)
