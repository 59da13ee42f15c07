"""Logistic regressions of sideways on volatility and of up against down on past returns: the plainest engine.

What is missing counts as usual: it stands at the mean of the training rows.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats
from predictions.engines.odds import sigmoid, three
from predictions.engines.sight import Seen, Sight, say

ENGINE = "linear"
STEPS = 12
_FARTHEST = 5.0


@dataclass(frozen=True, eq=False)
class Logistic:
    """`columns` of the table, their `means` and `scales` (columns,), and `coefficients` (1 + columns,), the
    first of which is the intercept."""

    columns: NDArray[np.int64]
    means: Floats
    scales: Floats
    coefficients: Floats

    @classmethod
    def none(cls) -> Self:
        """No columns: the log-odds are 0."""
        nothing = np.empty(0)
        return cls(np.empty(0, np.int64), nothing, nothing, np.zeros(1))

    @classmethod
    def of(cls, X: Floats, columns: NDArray[np.int64], target: Floats, ridge: float) -> Self:
        """Fitted to rows of which `target` says whether it happened (1) or not (0)."""
        seen = X[:, columns]
        known = np.isfinite(seen)
        count = np.maximum(known.sum(axis=0), 1)
        means = np.where(known, seen, 0.0).sum(axis=0) / count
        scales = np.sqrt((np.where(known, seen - means, 0.0) ** 2).sum(axis=0) / count)
        scales = np.where(scales > 1e-9, scales, 1.0)
        return cls(columns, means, scales, fit_logistic(standardised(seen, means, scales), target, ridge))

    def log_odds(self, X: Floats) -> Floats:
        Z = standardised(X[:, self.columns], self.means, self.scales)
        return np.asarray(self.coefficients[0] + (Z * self.coefficients[1:]).sum(axis=1))

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        return {f"{prefix}.{name}": getattr(self, name) for name in _FIELDS}

    @classmethod
    def of_arrays(cls, prefix: str, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(*(arrays[f"{prefix}.{name}"] for name in _FIELDS))


_FIELDS = ("columns", "means", "scales", "coefficients")


@dataclass(frozen=True, eq=False)
class Linear:
    """`shrink`, 0 to 1, of the log-odds of up."""

    sight: Sight
    sideways: Logistic
    direction: Logistic
    shrink: float
    name = ENGINE

    @property
    def version(self) -> str:
        return self.sight.version

    def forecast(self, batch: Batch) -> Answer:
        return say(self, self.sight, batch)

    def log_odds(self, X: Floats) -> Floats:
        """Of sideways (N,)."""
        return self.sideways.log_odds(X)

    def lean(self, X: Floats) -> Floats:
        """Log-odds of up given not sideways (N,), without what the training rows' own trend was."""
        return np.asarray(self.shrink * (self.direction.log_odds(X) - self.direction.coefficients[0]))

    def probabilities(self, seen: Seen) -> Floats:
        return three(sigmoid(self.log_odds(seen.X)), sigmoid(self.lean(seen.X)))

    def quantiles(self, seen: Seen) -> Floats:
        return seen.baseline_quantiles

    def arrays(self) -> dict[str, NDArray[Any]]:
        parts = self.sideways.arrays("sideways") | self.direction.arrays("direction")
        return parts | {"figures": np.array([self.shrink])}

    @classmethod
    def of_arrays(cls, sight: Sight, arrays: dict[str, NDArray[Any]]) -> Self:
        sideways, direction = (Logistic.of_arrays(name, arrays) for name in ("sideways", "direction"))
        return cls(sight, sideways, direction, float(arrays["figures"][0]))


def standardised(X: Floats, means: Floats, scales: Floats) -> Floats:
    """In deviations from the mean, at most five either way; 0 where missing. Contiguous, so that a row's sum
    does not hang on its neighbours."""
    Z = np.clip((X - means) / scales, -_FARTHEST, _FARTHEST)
    return np.ascontiguousarray(np.where(np.isfinite(Z), Z, 0.0))


def fit_logistic(Z: Floats, target: Floats, ridge: float) -> Floats:
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
