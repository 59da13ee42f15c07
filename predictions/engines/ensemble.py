"""Linear, boosting and volatility pooled: what they agree on is safer than what each of them says.

Their log-odds of sideways are averaged and corrected by a slope that later rows have shown; which way is the
mean of what linear and boosting say. From 7 days on half the weight (in log-probability) goes to the
climatology, which nobody beats there by a margin that the data could show. The range is the volatility
engine's; at 30 days, where too few outcomes have taught it, its width is mixed with the baseline's.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats
from predictions.engines.boosting import Boosting
from predictions.engines.climatology import LEAST_DEVIATION
from predictions.engines.linear import Linear
from predictions.engines.odds import blend, sigmoid, three
from predictions.engines.sight import Seen, Sight, say
from predictions.engines.volatility import Volatility
from predictions.horizons import DAY, Timeframe

ENGINE = "ensemble"
WEIGHTS = {"linear": 0.25, "boosting": 0.5, "volatility": 0.25}
PARTS = tuple(WEIGHTS)


@dataclass(frozen=True, eq=False)
class Ensemble:
    """`weights` (3,) of the parts' log-odds, summing to 1; `base` log-odds and `slope` around it."""

    sight: Sight
    linear: Linear
    boosting: Boosting
    volatility: Volatility
    weights: Floats
    base: float
    slope: float
    name = ENGINE

    @property
    def version(self) -> str:
        return self.sight.version

    def forecast(self, batch: Batch) -> Answer:
        return say(self, self.sight, batch)

    def probabilities(self, seen: Seen) -> Floats:
        mixed = pooled(part_odds(self.linear, self.boosting, self.volatility, seen), self.weights)
        sideways = sigmoid(self.base + self.slope * (mixed - self.base))
        said = three(sideways, sigmoid(self.lean(seen.X)))
        return blend(said, seen.baseline, own_weight(seen.timeframe))

    def lean(self, X: Floats) -> Floats:
        """Log-odds of up given not sideways (N,)."""
        return np.asarray((self.linear.lean(X) + self.boosting.lean(X)) / 2)

    def quantiles(self, seen: Seen) -> Floats:
        own, weight = self.volatility.quantiles(seen), range_weight(seen.timeframe)
        if weight == 1.0:
            return own
        width, usual = own[:, 2] - own[:, 0], seen.baseline_quantiles[:, 2] - seen.baseline_quantiles[:, 0]
        factor = (np.maximum(usual, LEAST_DEVIATION) / width) ** (1 - weight)
        return np.asarray(own * factor[:, None])

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"weights": self.weights, "figures": np.array([self.base, self.slope])}

    @classmethod
    def of_arrays(
        cls,
        sight: Sight,
        arrays: dict[str, NDArray[Any]],
        parts: tuple[Linear, Boosting, Volatility],
    ) -> Self:
        base, slope = (float(figure) for figure in arrays["figures"])
        return cls(sight, *parts, arrays["weights"], base, slope)


def part_odds(linear: Linear, boosting: Boosting, volatility: Volatility, seen: Seen) -> Floats:
    """Log-odds of sideways (N, 3), one column for each part."""
    return np.stack([linear.log_odds(seen.X), boosting.log_odds(seen.X), volatility.log_odds(seen)], axis=1)


def pooled(odds: Floats, weights: Floats) -> Floats:
    """Weighted mean of log-odds (N,)."""
    return np.asarray((odds * weights).sum(axis=1))


def own_weight(timeframe: Timeframe) -> float:
    """The engine's weight against the baseline, in log-probability."""
    return 1.0 if timeframe.seconds < 7 * DAY else 0.5


def weighting(timeframe: Timeframe) -> dict[str, float]:
    """What a forecast of *sideways* is made of: the weight of each part and of the climatology, summing to 1."""
    own = own_weight(timeframe)
    parts = {part: own * weight for part, weight in WEIGHTS.items()}
    return parts if own == 1.0 else parts | {"climatology": 1 - own}


def range_weight(timeframe: Timeframe) -> float:
    """The volatility engine's weight against the baseline in the logarithm of the range's width."""
    return 1.0 if timeframe.seconds < 30 * DAY else 0.5
