"""Calibrated gradient boosting, pooled over all tokens, one state for each timeframe.

1. Trees say how likely *sideways* is; a slope around the base rate, fitted on later rows, corrects their
confidence.
2. Strongly regularised trees say *up given not sideways*; their log-odds are shrunk by a factor fitted on
later rows, often to nearly nothing, since direction can hardly be forecast. From 7 days on up and down are
left even: no engine has shown that it knows one from the other that far ahead.

The range is that of the volatility engine. Serving needs arrays and numpy alone; `learning` makes them.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats
from predictions.engines.odds import sigmoid, three
from predictions.engines.sight import Seen, Sight, say
from predictions.engines.trees import Trees
from predictions.engines.volatility import Volatility

ENGINE = "boosting"


@dataclass(frozen=True, eq=False)
class Boosting:
    """`slope` of the log-odds of sideways around the base rate; `shrink`, 0 to 1, of those of up."""

    sight: Sight
    sideways: Trees
    direction: Trees
    slope: float
    shrink: float
    volatility: Volatility
    name = ENGINE

    @property
    def version(self) -> str:
        return self.sight.version

    def forecast(self, batch: Batch) -> Answer:
        return say(self, self.sight, batch)

    def log_odds(self, X: Floats) -> Floats:
        """Of sideways (N,)."""
        base = self.sideways.start[0]
        return np.asarray(base + self.slope * (self.sideways.predict(X) - base))

    def lean(self, X: Floats) -> Floats:
        """Log-odds of up given not sideways (N,)."""
        if self.shrink == 0:
            return np.zeros(len(X))
        return np.asarray(self.shrink * (self.direction.predict(X) - self.direction.start[0]))

    def probabilities(self, seen: Seen) -> Floats:
        return three(sigmoid(self.log_odds(seen.X)), sigmoid(self.lean(seen.X)))

    def quantiles(self, seen: Seen) -> Floats:
        return self.volatility.quantiles(seen)

    def arrays(self) -> dict[str, NDArray[Any]]:
        parts = self.sideways.arrays("sideways") | self.direction.arrays("direction")
        return parts | {"figures": np.array([self.slope, self.shrink])}

    @classmethod
    def of_arrays(cls, sight: Sight, arrays: dict[str, NDArray[Any]], volatility: Volatility) -> Self:
        sideways, direction = (Trees.of_arrays(name, arrays) for name in ("sideways", "direction"))
        slope, shrink = (float(figure) for figure in arrays["figures"])
        return cls(sight, sideways, direction, slope, shrink, volatility)
