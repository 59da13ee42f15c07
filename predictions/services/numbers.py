"""The numbers of a forecast's row, from an engine's answer and the batch it was asked about.

Live forecasts and replays go through here alike, so that the same inputs give the same numbers to the last bit.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions import horizons
from predictions.engines import conformal
from predictions.engines.base import Answer, Batch
from predictions.features.regimes import FEATURE, regimes


def numbers_of(
    answer: Answer, batch: Batch, places: NDArray[np.intp], log_factors: NDArray[np.float64]
) -> Iterator[dict[str, Any]]:
    """Fields of `Forecast` for the rows of the batch at `places`, their ranges scaled by e^`log_factors`."""
    probabilities = horizons.to_ten_thousandths(answer.probabilities[places]).tolist()
    baseline = horizons.to_ten_thousandths(batch.baseline[places]).tolist()
    reference = batch.reference_price[places]
    prices = conformal.prices(reference, conformal.scaled(answer.quantiles[places], log_factors)).tolist()
    usual = conformal.prices(reference, batch.baseline_quantiles[places]).tolist()
    lively = regimes(batch.column(FEATURE)[places])
    for row, place in enumerate(places.tolist()):
        yield {
            **dict(zip(("up", "down", "sideways"), probabilities[row], strict=True)),
            **dict(zip(("baseline_up", "baseline_down", "baseline_sideways"), baseline[row], strict=True)),
            **dict(zip(("p10", "p50", "p90"), prices[row], strict=True)),
            "baseline_p10": usual[row][0],
            "baseline_p90": usual[row][2],
            "sideways_band": float(batch.band[place]),
            "scale": float(batch.scale[place]),
            "reference_price": float(batch.reference_price[place]),
            "risk_level": horizons.risk_level(prices[row][0], prices[row][2], batch.timeframe),
            "regime": lively[row],
            "range_log_factor": float(log_factors[row]),
        }
