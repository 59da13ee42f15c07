"""Adaptive conformal scaling as it is stored: read for a run of forecasts, moved by outcomes, handed down.

An outcome moves the state of the version that made the forecast, and of the versions of the same engine that
were trained after that moment: they go on where their elders were, also with the elders' last forecasts,
which for long horizons mature weeks later. So λ belongs to the engine, whatever is trained when.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Count, QuerySet
from numpy.typing import NDArray

from predictions.engines import conformal
from predictions.engines.conformal import RangeState
from predictions.horizons import by_name
from predictions.models import EngineVersion, Forecast, Outcome, RangeScale

Floats = NDArray[np.float64]
BATCH_ROWS = 200
Key = tuple[int, int | None]
"""Engine version and token; None for the part common to all."""
Moment = tuple[datetime, int]
"""When forecasts matured and the version that made them."""


@dataclass(frozen=True, eq=False)
class RangeFactors:
    """What is stored of some versions; what is not stored is 0."""

    stored: Mapping[Key, float]

    def of(self, version_id: int, token_ids: Sequence[int]) -> Floats:
        """λ of each token (N,)."""
        own = np.array([self.stored.get((version_id, token), 0.0) for token in token_ids], np.float64)
        return conformal.log_factors(own, self.stored.get((version_id, None), 0.0))


def read_range_factors(version_ids: Collection[int]) -> RangeFactors:
    """One query, whatever the number of versions and tokens."""
    rows = RangeScale.objects.filter(engine_version_id__in=version_ids)
    found = rows.values_list("engine_version_id", "token_id", "log_factor")
    return RangeFactors({(version, token): factor for version, token, factor in found})


def hold_range_scales(forecasts: Iterable[Forecast]) -> None:
    """Until the transaction ends nobody else stores outcomes of these engines, or hands their state down."""
    _lock({forecast.engine_version_id for forecast in forecasts})


def move_range_scales(outcomes: Sequence[Outcome]) -> None:
    """Outcomes that were just stored move the state, in order of time. Void, late and uncounted ones do not.

    Must be called in the transaction that stores them, after `hold_range_scales`.
    """
    telling = [one for one in outcomes if not one.void and one.forecast.counts and not one.forecast.late]
    if not telling:
        return
    heirs = _Heirs({one.forecast.engine_version_id for one in telling})
    said = _said_then(telling)
    moves = [
        (mover, group, said[moment])
        for moment, group in sorted(_by_moment(telling).items())
        for mover in heirs.of(moment[1], group[0].forecast.as_of)
    ]
    scales = _Scales({mover.pk for mover, _, _ in moves})
    for move in moves:
        scales.learn(*move)
    scales.save()


def inherit_range_scales(version: EngineVersion) -> None:
    """A version starts where the newest older one of its engine and timeframe stands. Call it in the
    transaction that registers the version.
    """
    older = EngineVersion.objects.filter(
        engine=version.engine, timeframe=version.timeframe, pk__lt=version.pk
    )
    elder = older.order_by("-pk").first()
    if elder is None:
        return
    _lock({elder.pk})
    RangeScale.objects.bulk_create(
        RangeScale(
            engine_version=version, token_id=one.token_id, log_factor=one.log_factor, outcomes=one.outcomes
        )
        for one in RangeScale.objects.filter(engine_version=elder)
    )


def _lock(version_ids: Collection[int]) -> None:
    """The versions and all others of their engines, always in one order. SQLite has one writer anyway."""
    list(_families(version_ids).select_for_update(no_key=True).values_list("pk"))


def _families(version_ids: Collection[int]) -> QuerySet[EngineVersion]:
    named = EngineVersion.objects.filter(pk__in=version_ids)
    engines, timeframes = named.values("engine"), named.values("timeframe")
    return EngineVersion.objects.filter(engine__in=engines, timeframe__in=timeframes).order_by("pk")


def _by_moment(outcomes: Sequence[Outcome]) -> dict[Moment, list[Outcome]]:
    found: dict[Moment, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        found[one.forecast.matures_at, one.forecast.engine_version_id].append(one)
    return found


def _said_then(outcomes: Sequence[Outcome]) -> dict[Moment, int]:
    """How many counting forecasts in time each version had made at those moments, void ones too."""
    made = Forecast.objects.filter(
        matures_at__in={one.forecast.matures_at for one in outcomes},
        engine_version_id__in={one.forecast.engine_version_id for one in outcomes},
        counts=True,
        late=False,
    )
    rows = made.values_list("matures_at", "engine_version_id").annotate(Count("pk")).order_by()
    return {(matured, version): number for matured, version, number in rows}


class _Heirs:
    """Which versions' states an outcome moves."""

    def __init__(self, version_ids: Collection[int]) -> None:
        self._family: dict[tuple[str, str], list[EngineVersion]] = defaultdict(list)
        for one in _families(version_ids):
            self._family[one.engine, one.timeframe].append(one)
        self._by_id = {one.pk: one for family in self._family.values() for one in family}

    def of(self, version_id: int, as_of: datetime) -> list[EngineVersion]:
        """The version itself, and those trained later than `as_of` if none stood between them then."""
        version = self._by_id[version_id]
        younger = [one for one in self._family[version.engine, version.timeframe] if one.pk > version_id]
        unborn = [one for one in younger if one.trained_at is not None and one.trained_at > as_of]
        return [version, *unborn] if len(unborn) == len(younger) else [version]


class _Scales:
    """The stored rows of some versions, and those that are new."""

    def __init__(self, version_ids: Collection[int]) -> None:
        self._rows: dict[Key, RangeScale] = {
            (one.engine_version_id, one.token_id): one
            for one in RangeScale.objects.filter(engine_version_id__in=version_ids)
        }
        self._touched: dict[Key, RangeScale] = {}

    def learn(self, version: EngineVersion, outcomes: Sequence[Outcome], said: int) -> None:
        own = [self._row(version, one.forecast.token_id) for one in outcomes]
        common = self._row(version, None)
        state = RangeState(np.array([row.log_factor for row in own], np.float64), common.log_factor)
        inside = np.array([bool(one.inside_range) for one in outcomes])
        state.learn(by_name[version.timeframe], np.arange(len(own)), inside, said)
        for row, factor in zip(own, state.own.tolist(), strict=True):
            row.log_factor, row.outcomes = factor, row.outcomes + 1
        common.log_factor, common.outcomes = state.common, common.outcomes + len(own)

    def _row(self, version: EngineVersion, token_id: int | None) -> RangeScale:
        key = (version.pk, token_id)
        if key not in self._rows:
            self._rows[key] = RangeScale(engine_version=version, token_id=token_id)
        return self._touched.setdefault(key, self._rows[key])

    def save(self) -> None:
        new = [row for row in self._touched.values() if row.pk is None]
        old = [row for row in self._touched.values() if row.pk is not None]
        RangeScale.objects.bulk_create(new)
        RangeScale.objects.bulk_update(old, ["log_factor", "outcomes"], batch_size=BATCH_ROWS)
