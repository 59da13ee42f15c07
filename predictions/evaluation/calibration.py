"""Whether 0.40 means four times in ten: bins over the favoured probability, mean error, and slope."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 10
_SURE = 1.96
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """One tenth of the probabilities. `low` to `high` is where `observed` would lie 19 times in 20 if they
    were right.

    Without forecasts in it, all but `bin` and `n` are None.
    """

    bin: int
    n: int
    mean_probability: float | None
    observed: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Calibration:
    """`ece`: mean distance of observed and said, weighted by n. `slope` of outcome on probability: 1 is
    right, below 1 is overconfident; None where all probabilities are the same.
    """

    bins: list[Bin]
    n: int
    ece: float | None
    slope: float | None


def favoured(probabilities: ArrayLike, came: ArrayLike) -> Calibration:
    """Of the favoured class, the first among equals; probabilities (N, 3), classes (N,)."""
    said = np.asarray(probabilities, np.float64)
    best = said.argmax(axis=1)
    return of(said[np.arange(len(said)), best], best == np.asarray(came))


def of(said: ArrayLike, happened: ArrayLike) -> Calibration:
    """Of N probabilities of something and whether it happened."""
    p, y = np.asarray(said, np.float64), np.asarray(happened, np.float64)
    place = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    n = np.bincount(place, minlength=BINS)
    return from_sums(n, np.bincount(place, p, BINS), np.bincount(place, y, BINS), slope=_slope(p, y))


def from_sums(
    n: ArrayLike, said: ArrayLike, happened: ArrayLike, *, slope: float | None = None
) -> Calibration:
    """From sums by bin (10,), as a database gives them; without a slope given, that of the bins' means."""
    count, p, y = (np.asarray(values, np.float64) for values in (n, said, happened))
    total = float(count.sum())
    if total == 0:
        return Calibration([_bin(place, 0.0, 0.0, 0.0) for place in range(BINS)], 0, None, None)
    bins = [_bin(place, count[place], p[place], y[place]) for place in range(BINS)]
    some = count > 0
    means = p[some] / count[some], y[some] / count[some]
    return Calibration(
        bins=bins,
        n=int(total),
        ece=float(np.abs(p - y).sum() / total),
        slope=_slope(*means, count[some]) if slope is None else slope,
    )


def slope_of_sums(n: float, said: float, squares: float, happened: float, product: float) -> float | None:
    """The slope of outcome on probability, over single forecasts, from Σ1, Σp, Σp², Σy and Σpy:

    (Σpy − Σp·Σy ÷ n) ÷ (Σp² − (Σp)² ÷ n). Means of bins would leave out what happens inside of them.
    """
    if n <= 0:
        return None
    spread = squares / n - (said / n) ** 2
    return None if spread < 1e-12 else (product / n - said / n * happened / n) / spread


def _bin(place: int, n: float, said: float, happened: float) -> Bin:
    if n == 0:
        return Bin(place, 0, None, None, None, None)
    mean = said / n
    wide = _SURE * float(np.sqrt(max(mean * (1 - mean), 0.0) / n))
    return Bin(place, int(n), mean, happened / n, max(0.0, mean - wide), min(1.0, mean + wide))


def _slope(p: Floats, y: Floats, weight: Floats | None = None) -> float | None:
    if not len(p):
        return None
    middle = np.average(p, weights=weight), np.average(y, weights=weight)
    spread = float(np.average((p - middle[0]) ** 2, weights=weight))
    if spread < 1e-12:
        return None
    return float(np.average((p - middle[0]) * (y - middle[1]), weights=weight)) / spread
