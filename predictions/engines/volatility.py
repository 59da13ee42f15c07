"""How much a token will move: trees on the liveliness of the horizon, and how returns lie in units of theirs.

The deviation is 1.2533 × M(t) × √h × the liveliness that the trees expect. Past returns in units of it give
an empirical distribution: the share of it inside the band is the probability of sideways, its quantiles are
the range. Up and down are left even.
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
LEVELS = np.linspace(0.0, 1.0, 201)
"""Shares of the distribution that are kept: a curve of 201 points says all that some thousand outcomes do."""


@dataclass(frozen=True, eq=False)
class Volatility:
    """`sizes` (201,): quantiles of |return| ÷ deviation at LEVELS; `residuals`: 10, 50 and 90 % of return ÷
    deviation."""

    sight: Sight
    liveliness: Trees
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
        return deviation(self.liveliness.predict(seen.X), seen.scale, seen.timeframe)

    def log_odds(self, seen: Seen) -> Floats:
        """Of sideways (N,)."""
        return logit(np.interp(seen.band / self.deviation(seen), self.sizes, LEVELS))

    def probabilities(self, seen: Seen) -> Floats:
        return three(sigmoid(self.log_odds(seen)))

    def quantiles(self, seen: Seen) -> Floats:
        return np.asarray(self.deviation(seen)[:, None] * self.residuals)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {**self.liveliness.arrays("liveliness"), "sizes": self.sizes, "residuals": self.residuals}

    @classmethod
    def of_arrays(cls, sight: Sight, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(sight, Trees.of_arrays("liveliness", arrays), arrays["sizes"], arrays["residuals"])


def deviation(log_liveliness: Floats, scale: Floats, timeframe: Timeframe) -> Floats:
    """1.2533 × M(t) × √h × liveliness, never quite 0."""
    wide = NORMAL * scale * np.sqrt(timeframe.hours) * np.exp(log_liveliness)
    return np.asarray(np.maximum(wide, LEAST_DEVIATION))
