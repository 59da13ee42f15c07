"""Logistic regression of sideways on volatility, with up and down left even: the plainest engine that learns.

What is missing counts as usual (the mean of the training rows), with a column of its own that says so where
training rows lacked it too.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats
from predictions.engines.odds import sigmoid, three
from predictions.engines.sight import Seen, Sight, say

ENGINE = "linear"
RIDGE = 10.0
STEPS = 12
_FARTHEST = 5.0


@dataclass(frozen=True, eq=False)
class Linear:
    """`columns` of the table, their `means` and `scales` (columns,), and `coefficients` (1 + columns,), the
    first of which is the intercept."""

    sight: Sight
    columns: NDArray[np.int64]
    means: Floats
    scales: Floats
    coefficients: Floats
    name = ENGINE

    @property
    def version(self) -> str:
        return self.sight.version

    def forecast(self, batch: Batch) -> Answer:
        return say(self, self.sight, batch)

    def log_odds(self, X: Floats) -> Floats:
        """Of sideways (N,)."""
        Z = standardised(X[:, self.columns], self.means, self.scales)
        return np.asarray(self.coefficients[0] + (Z * self.coefficients[1:]).sum(axis=1))

    def probabilities(self, seen: Seen) -> Floats:
        return three(sigmoid(self.log_odds(seen.X)))

    def quantiles(self, seen: Seen) -> Floats:
        return seen.baseline_quantiles

    def arrays(self) -> dict[str, NDArray[Any]]:
        names = ("columns", "means", "scales", "coefficients")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def of_arrays(cls, sight: Sight, arrays: dict[str, NDArray[Any]]) -> Self:
        names = ("columns", "means", "scales", "coefficients")
        return cls(sight, *(arrays[name] for name in names))


def standardised(X: Floats, means: Floats, scales: Floats) -> Floats:
    """In deviations from the mean, at most five either way; 0 where missing. Contiguous, so that a row's sum
    does not hang on its neighbours."""
    Z = np.clip((X - means) / scales, -_FARTHEST, _FARTHEST)
    return np.ascontiguousarray(np.where(np.isfinite(Z), Z, 0.0))


def fit_logistic(Z: Floats, target: Floats, ridge: float = RIDGE) -> Floats:
    """Intercept and coefficients (1 + columns,) of the most likely logistic, by Newton's steps.

    `ridge` is the weight of the squared coefficients against the summed log loss, the intercept's left out.
    """
    A = np.column_stack([np.ones(len(Z)), Z])
    penalty = np.full(A.shape[1], ridge)
    penalty[0] = 1e-9
    found = np.zeros(A.shape[1])
    for _ in range(STEPS):
        p = sigmoid(A @ found)
        slope = A.T @ (p - target) + penalty * found
        bend = (A * (p * (1 - p))[:, None]).T @ A + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        found = found - step
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(found)
