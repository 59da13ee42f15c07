"""Keeps what engines were given, once for each moment, and gives it back; see `record.packing`."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.conf import settings

from predictions.engines.base import Batch
from predictions.horizons import Timeframe, band, by_name
from predictions.models import Forecast, MomentInputs
from predictions.record import packing
from predictions.record.packing import Given
from predictions.services.moments import Moment


class InputsRefused(Exception):
    """Stored inputs that are not what they were when they were stored."""


class Seen:
    """One moment as engines are given it, a batch for each timeframe that is due; kept once something is said from it.

    A moment whose candles came in two parts may be kept twice: each forecast names what it was made from.
    """

    def __init__(self, moment: Moment, timeframes: Iterable[Timeframe]) -> None:
        self.moment = moment
        self._batches = {timeframe.name: moment.batch(timeframe) for timeframe in timeframes}
        self._kept: MomentInputs | None = None

    def batch(self, timeframe: Timeframe) -> Batch:
        return self._batches[timeframe.name]

    def keep_for(self, rows: Sequence[Forecast]) -> None:
        """Store what these rows were made from, unless that has been done, and have each of them name it."""
        if not settings.KEEP_INPUTS:
            return
        if rows and self._kept is None:
            self._kept = _stored(self.moment, packing.pack(self._given()))
        for row in rows:
            row.inputs = self._kept

    def _given(self) -> Given:
        """All timeframes share features and scale; reference prices are shared by those of one interval."""
        batches = self._batches
        one = next(iter(batches.values()))
        return Given(
            as_of=self.moment.snapshot.as_of,
            tokens=tuple(token.pk for token in self.moment.tokens),
            names=tuple(token.coingecko_id for token in self.moment.tokens),
            features=one.feature_names,
            X=one.X,
            scale=one.scale,
            prices={self.moment.reference_interval(b.timeframe): b.reference_price for b in batches.values()},
            baselines={name: batch.baseline for name, batch in batches.items()},
            quantiles={name: batch.baseline_quantiles for name, batch in batches.items()},
        )


def _stored(moment: Moment, data: bytes) -> MomentInputs:
    digest = packing.digest_of(data)
    return MomentInputs.objects.get_or_create(as_of=moment.as_of, digest=digest, defaults={"data": data})[0]


def read_inputs(kept: MomentInputs) -> Given:
    """Raises InputsRefused where they are not what their digest says, before anything is read out of them."""
    data = bytes(kept.data)
    if packing.digest_of(data) != kept.digest:
        raise InputsRefused(f"The inputs of {kept.as_of:%Y-%m-%d %H:%M} (number {kept.pk}) were changed.")
    return _unpacked(data)


@lru_cache(maxsize=1)
def _unpacked(data: bytes) -> Given:
    return packing.unpack(data)


def batch_of(found: Given, forecast: Forecast) -> Batch:
    """The very batch that the engine saw: all tokens of that moment, at the forecast's timeframe."""
    timeframe = by_name[forecast.timeframe]
    return Batch(
        timeframe=timeframe,
        as_of=found.as_of,
        tokens=found.tokens,
        feature_names=found.features,
        X=found.X,
        scale=found.scale,
        band=band(timeframe, found.scale),
        reference_price=found.prices[forecast.reference_interval],
        baseline=found.baselines[forecast.timeframe],
        baseline_quantiles=found.quantiles[forecast.timeframe],
    )
