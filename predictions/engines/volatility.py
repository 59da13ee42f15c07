"""How much a token will move: trees on the horizon's liveliness and reach, and how returns lie in units of them.

*Liveliness* is the mean absolute hourly return over the horizon, of which there are many and which is
therefore learned well; *reach* is how far four in five returns go, which is what the range has to hold. The
deviation is 1.2533 × M(t) × √h × the geometric mean of both. Past returns in units of it give an empirical
distribution: the share of it inside the band is the probability of sideways, its quantiles are the range. Up
and down are left even.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats
from predictions.engines.climatology import LEAST_DEVIATION
from predictions.engines.odds import logit, sigmoid, three
from predictions.engines.sight import Seen, Sight, say
from predictions.engines.trees import Trees
from predictions.features.scale import NORMAL
from predictions.horizons import Timeframe

ENGINE = "volatility"
LEAST_REACH = 0.01
LEVELS = np.linspace(0.0, 1.0, 201)
"""Shares of the distribution that are kept: a curve of 201 points says all that some thousand outcomes do."""


@dataclass(frozen=True, eq=False)
class Volatility:
    """`sizes` (201,): quantiles of |return| ÷ deviation at LEVELS; `residuals`: 10, 50 and 90 % of return ÷
    deviation."""

    sight: Sight
    liveliness: Trees
    reach: Trees
    sizes: Floats
    residuals: Floats
    name = ENGINE

    @property
    def version(self) -> str:
        return self.sight.version

    def forecast(self, batch: Batch) -> Answer:
        return say(self, self.sight, batch)

    def deviation(self, seen: Seen) -> Floats:
        """Of the log return over h (N,)."""
        return deviation(self.liveliness, self.reach, seen)

    def log_odds(self, seen: Seen) -> Floats:
        """Of sideways (N,)."""
        return logit(np.interp(seen.band / self.deviation(seen), self.sizes, LEVELS))

    def probabilities(self, seen: Seen) -> Floats:
        return three(sigmoid(self.log_odds(seen)))

    def quantiles(self, seen: Seen) -> Floats:
        return np.asarray(self.deviation(seen)[:, None] * self.residuals)

    def arrays(self) -> dict[str, NDArray[Any]]:
        trees = self.liveliness.arrays("liveliness") | self.reach.arrays("reach")
        return {**trees, "sizes": self.sizes, "residuals": self.residuals}

    @classmethod
    def of_arrays(cls, sight: Sight, arrays: dict[str, NDArray[Any]]) -> Self:
        liveliness, reach = (Trees.of_arrays(name, arrays) for name in ("liveliness", "reach"))
        return cls(sight, liveliness, reach, arrays["sizes"], arrays["residuals"])


def usual_deviation(scale: Floats, timeframe: Timeframe) -> Floats:
    """Of the log return over h, were it as lively as the last 60 days: 1.2533 × M(t) × √h."""
    return np.asarray(NORMAL * scale * np.sqrt(timeframe.hours))


def deviation(liveliness: Trees, reach: Trees, seen: Seen) -> Floats:
    """The usual one times the geometric mean of liveliness (trees on its logarithm) and reach, never quite 0."""
    far = np.log(np.maximum(reach.predict(seen.X), LEAST_REACH))
    wide = usual_deviation(seen.scale, seen.timeframe) * np.exp((liveliness.predict(seen.X) + far) / 2)
    return np.asarray(np.maximum(wide, LEAST_DEVIATION))
