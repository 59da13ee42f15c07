"""How many outcomes fell inside p10 to p90: eight in ten are wanted."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

WANTED = 0.8


def inside(quantiles: ArrayLike, log_return: ArrayLike) -> NDArray[np.bool_]:
    """Whether each outcome (N,) lies in its range, ends included; quantiles (N, 3) at 10, 50 and 90 %."""
    spread, moved = np.asarray(quantiles, np.float64), np.asarray(log_return, np.float64)
    return np.asarray((moved >= spread[:, 0]) & (moved <= spread[:, 2]))


def coverage(hit: ArrayLike) -> float | None:
    """The share inside; None of nothing."""
    hits = np.asarray(hit, np.float64)
    return float(hits.mean()) if hits.size else None
