"""Whether a row is unlike everything that was trained on: then nothing that was learned need hold for it.

Each feature has the bounds between which nearly all training rows lay. A row trips where the share of its
features outside of them is larger than it was for nearly all later rows. What is missing is not novel.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import NOVEL, Floats

OUTSIDE = 0.0005
"""Share of training rows below the lower bound of a feature, and as many above the upper."""
TRIPPED = 0.0005
"""Share of later rows that would trip."""
LEAST_SHARE = 0.25
"""Of a row's features: a wild hour moves many of them a little, and is no reason to be silent."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Novelty:
    """`low` and `high` (features,), NaN for features that no training row had; `most`: the share allowed."""

    low: Floats
    high: Floats
    most: float

    @classmethod
    def of(cls, X: Floats, early: Mask, late: Mask) -> Self:
        """Bounds of training rows (N, features), and the threshold that later ones passed against the bounds of
        earlier ones: markets change, and what is a little new every month is no reason to be silent.
        """
        outside, present = cls._bounded(X[early], 1.0)._counted(X[late])
        share = float(np.quantile(outside / present, 1 - TRIPPED)) if late.any() else 0.0
        return cls._bounded(X, max(LEAST_SHARE, share))

    @classmethod
    def _bounded(cls, X: Floats, most: float) -> Self:
        low, high = (_quantiles(X, level) for level in (OUTSIDE, 1 - OUTSIDE))
        return cls(low, high, most)

    def reasons(self, X: Floats) -> list[str]:
        """A sentence for each row that trips, "" for the others."""
        outside, present = self._counted(X)
        tripped = outside > self.most * present
        return [
            f"{NOVEL}: {out:.0f} of {of:.0f} features lie outside what it has seen" if trips else ""
            for trips, out, of in zip(tripped, outside, present, strict=True)
        ]

    def _counted(self, X: Floats) -> tuple[Floats, Floats]:
        outside = ((self.low > X) | (self.high < X)).sum(axis=1)
        present = np.isfinite(X).sum(axis=1)
        return outside.astype(np.float64), np.maximum(present, 1).astype(np.float64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"low": self.low, "high": self.high, "most": np.array([self.most])}

    @classmethod
    def of_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(arrays["low"], arrays["high"], float(arrays["most"][0]))


def _quantiles(X: Floats, level: float) -> Floats:
    """Of each column, left out what is missing; NaN where everything is."""
    found = np.full(X.shape[1], np.nan)
    for column, values in enumerate(X.T):
        seen = values[np.isfinite(values)]
        if len(seen):
            found[column] = np.quantile(seen, level)
    return found
