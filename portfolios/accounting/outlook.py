"""What forecasts of single tokens say together about a portfolio: a range of its value at one horizon.

1. A token's price at the horizon is spread around its median p50: ln(price / p50) is normal, below the median as wide
   as p10 says, above it as wide as p90 says. So each token keeps exactly the three quantiles that were published.
2. The tokens are joined by a Gaussian copula whose correlations are those of their daily log returns.
3. The value is drawn `DRAWS` times from numbers that are always the same, each with its mirror image, and the 10th,
   50th and 90th percentile are read off.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portfolios.accounting.together import nearest_valid

Floats = NDArray[np.float64]
DRAWS = 8192
"""Half of them mirror the others. A percentile is then within about two hundredths of the value's deviation."""
SEED = 20_250_430
_NORMAL_P90 = 1.2815515655446004
PERCENTILES = (10, 50, 90)


@dataclass(frozen=True, slots=True)
class Spread:
    """Quantity held and the price's quantiles."""

    quantity: float
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class ValueRange:
    p10: float
    p50: float
    p90: float


class Outlook:
    """Draws once, then answers for any horizon of the same tokens in the same order."""

    def __init__(self, correlation: Floats) -> None:
        """Raises ValueError where a correlation is unknown: nothing is joined by guess."""
        if not np.isfinite(correlation).all():
            raise ValueError("Every correlation must be known.")
        self._normals = _correlated(correlation)

    def value(self, spreads: Sequence[Spread], places: Sequence[int]) -> ValueRange:
        """Of these holdings; `places` says which column of the correlation each one is."""
        normals = self._normals[:, list(places)]
        p10, p50, p90 = (np.array([getattr(one, name) for one in spreads]) for name in ("p10", "p50", "p90"))
        down, up = np.log(p50 / p10) / _NORMAL_P90, np.log(p90 / p50) / _NORMAL_P90
        prices = p50 * np.exp(normals * np.where(normals < 0, down, up))
        values = prices @ np.array([one.quantity for one in spreads])
        low, middle, high = np.percentile(values, PERCENTILES)
        return ValueRange(float(low), float(middle), float(high))


def _correlated(correlation: Floats) -> Floats:
    count = len(correlation)
    if not count:
        return np.empty((DRAWS, 0))
    half = np.random.Generator(np.random.PCG64(SEED)).standard_normal((DRAWS // 2, count))
    root = np.linalg.cholesky(nearest_valid(correlation) + np.eye(count) * 1e-12)
    return np.asarray(np.vstack([half, -half]) @ root.T)
