"""From an engine's answer to rows of the record: rounded probabilities, prices, levels and times."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from predictions import horizons
from predictions.engines.base import Batch
from predictions.models import Forecast
from predictions.services import instants
from predictions.services.moments import Moment
from predictions.services.numbers import numbers_of
from predictions.services.publishers import Said
from predictions.services.range_scales import RangeFactors


def rows_of(
    said: Said, moment: Moment, batch: Batch, now: datetime, counting: bool, factors: RangeFactors
) -> Iterator[Forecast]:
    """Unsaved forecasts of the rows that are to be stored, their ranges scaled by `factors`."""
    places = np.flatnonzero(said.answer.ok)
    if not len(places):
        return
    timeframe = batch.timeframe
    shared = {
        "engine_version": said.version,
        "timeframe": timeframe.name,
        "as_of": moment.as_of,
        "made_at": now,
        "expires_at": instants.expires_at(moment.as_of, timeframe),
        "matures_at": moment.as_of + timedelta(seconds=timeframe.seconds),
        "published": said.published,
        "fallback": said.fallback,
        "late": instants.is_late(moment.as_of, now),
        "counts": counting,
        "definitions": horizons.DEFINITIONS,
        "reference_interval": moment.reference_interval(timeframe),
    }
    log_factors = factors.of(said.version.pk, [moment.tokens[place].pk for place in places.tolist()])
    around = moment.levels(batch)
    numbers = numbers_of(said.answer, batch, places, log_factors)
    for place, figures in zip(places.tolist(), numbers, strict=True):
        yield Forecast(
            token=moment.tokens[place],
            source=moment.sources[place],
            support=around[place].support,
            resistance=around[place].resistance,
            **figures,
            **shared,
        )
