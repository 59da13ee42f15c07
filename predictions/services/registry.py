"""Trained engines enter the registry: one file a timeframe, one row for each engine in it, all as challengers."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from core.lib.clock import from_seconds
from core.lib.errors import ArtifactRefused
from predictions.engines import artifacts
from predictions.engines.pool import Pool
from predictions.horizons import by_name
from predictions.models import EngineVersion
from predictions.services.judging import judged_live
from predictions.services.range_scales import inherit_range_scales
from predictions.services.roles import hold_roles, retire

Role = EngineVersion.Role
Scores = Mapping[str, Mapping[str, Any]]
"""Engine to its walk-forward scores."""
OBSERVED_FOR = timedelta(days=400)
"""Thirty blocks of a week take seven months; who has not earned the place within thirteen never will."""
FACTS = ("rows", "tokens", "data_digest", "libraries", "trials")
"""What a file's header says about its training, beside span and scores."""


@dataclass(frozen=True)
class Entry:
    """A file below the artifacts folder, and what is known of it."""

    artifact: str
    digest: str
    header: Mapping[str, Any]

    @property
    def timeframe(self) -> str:
        return str(self.header["timeframe"])


def keep_pool(pool: Pool, scores: Scores, trained_at: datetime) -> Entry:
    """Write the file. It comes before its rows: a row without its file would be an engine that cannot be loaded."""
    name = f"{pool.timeframe.name}/pool-{pool.version}.npz"
    digest = save_pool(settings.ARTIFACTS / name, pool, scores, trained_at)
    return Entry(name, digest, artifacts.read_header(settings.ARTIFACTS / name))


def save_pool(path: Path, pool: Pool, scores: Scores, trained_at: datetime) -> str:
    return artifacts.save(path, pool, scores=dict(scores), trained_at=int(trained_at.timestamp()))


def keep_copy(path: Path, name: str) -> Entry:
    """A file from elsewhere, whole and of ours, under a name below the artifacts folder. Raises ArtifactRefused."""
    pool = artifacts.load(path)
    missing = [fact for fact in ("trained_at", "scores") if fact not in pool.header]
    if missing:
        raise ArtifactRefused(f"{path.name} does not say {' and '.join(missing)}; train it again.")
    target = settings.ARTIFACTS / name
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{id(pool)}")
    shutil.copyfile(path, draft)
    draft.replace(target)
    return Entry(name, str(pool.header["digest"]), pool.header)


@transaction.atomic
def register(entry: Entry) -> list[EngineVersion]:
    """A challenger for each engine of the file; none where the file is registered already.

    Ranges go on where those of the engine's older version stand, and older challengers of the same engine retire.
    """
    held = hold_roles(entry.timeframe)
    if EngineVersion.objects.filter(artifact=entry.artifact, timeframe=entry.timeframe).exists():
        return []
    new = [_enter(entry, engine) for engine in entry.header["engines"]]
    for version in new:
        inherit_range_scales(version)
        _retire_elders(version, held)
    return new


def _enter(entry: Entry, engine: str) -> EngineVersion:
    header = entry.header
    return EngineVersion.objects.create(
        engine=engine,
        version=_free_name(entry, engine),
        timeframe=entry.timeframe,
        role=Role.CHALLENGER,
        definitions=header["definitions"],
        artifact=entry.artifact,
        artifact_digest=entry.digest,
        features=header["features"],
        trained_at=from_seconds(header["trained_at"]),
        span_from=from_seconds(header["span_from"]),
        span_to=from_seconds(header["span_to"]),
        scores={
            **header["scores"].get(engine, {}),
            "training": {name: header[name] for name in FACTS if name in header},
        },
    )


def _free_name(entry: Entry, engine: str) -> str:
    """The file's own version, told apart where another file had the same."""
    named = str(entry.header["version"])
    taken = EngineVersion.objects.filter(engine=engine, version=named, timeframe=entry.timeframe).exists()
    return f"{named}-{entry.digest[:6]}" if taken else named


def _retire_elders(new: EngineVersion, held: list[EngineVersion]) -> None:
    """Of the older challengers of the engine one goes on: the eldest, while its live outcomes are still gathered.

    If a younger version always took its place, no version would ever live to see thirty blocks of time.
    """
    elders = [one for one in held if one.engine == new.engine and one.role == Role.CHALLENGER]
    observed = next((one for one in elders if _is_observed(one, new)), None)
    for one in elders:
        if one != observed:
            retire(one, f"{new} replaces it.")


def _is_observed(elder: EngineVersion, new: EngineVersion) -> bool:
    if not judged_live(by_name[elder.timeframe]) or elder.trained_at is None or new.trained_at is None:
        return False
    return new.trained_at - elder.trained_at < OBSERVED_FOR
