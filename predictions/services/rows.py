"""From an engine's answer to rows of the record: rounded probabilities, prices, levels and times."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from predictions import horizons
from predictions.engines import conformal
from predictions.engines.base import Batch
from predictions.features.regimes import FEATURE, regimes
from predictions.models import Forecast
from predictions.services import instants
from predictions.services.moments import Moment
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
    probabilities = horizons.to_ten_thousandths(said.answer.probabilities[places]).tolist()
    baseline = horizons.to_ten_thousandths(batch.baseline[places]).tolist()
    log_factors = factors.of(said.version.pk, [moment.tokens[place].pk for place in places])
    spread = conformal.scaled(said.answer.quantiles[places], log_factors)
    prices = conformal.prices(batch.reference_price[places], spread).tolist()
    usual = conformal.prices(batch.reference_price[places], batch.baseline_quantiles[places]).tolist()
    around = moment.levels(batch)
    lively = regimes(batch.column(FEATURE)[places])
    for row, place in enumerate(places.tolist()):
        up, down, sideways = probabilities[row]
        base_up, base_down, base_sideways = baseline[row]
        p10, p50, p90 = prices[row]
        yield Forecast(
            token=moment.tokens[place],
            up=up,
            down=down,
            sideways=sideways,
            baseline_up=base_up,
            baseline_down=base_down,
            baseline_sideways=base_sideways,
            sideways_band=float(batch.band[place]),
            scale=float(batch.scale[place]),
            reference_price=float(batch.reference_price[place]),
            source=moment.sources[place],
            p10=p10,
            p50=p50,
            p90=p90,
            baseline_p10=usual[row][0],
            baseline_p90=usual[row][2],
            support=around[place].support,
            resistance=around[place].resistance,
            risk_level=horizons.risk_level(p10, p90, timeframe),
            regime=lively[row],
            range_log_factor=float(log_factors[row]),
            **shared,
        )
