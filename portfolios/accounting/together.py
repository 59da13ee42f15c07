"""How alike holdings move: correlation of their daily log returns, and groups that move as one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAYS = 90
LEAST_DAYS = 30
"""With fewer days in common nothing is said of two tokens."""
ALIKE = 0.8
"""From this correlation on two tokens are said to move as one."""
LEAST_SHARE = 0.25
"""Smaller groups are not worth a warning."""
_STILL = 1e-18
"""Daily variance below which a price stood still, and only rounding moves it."""


def daily_log_returns(closes: Floats) -> Floats:
    """From closes, one row a day and one column a token; NaN beside a missing close."""
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(np.where(closes > 0, closes, np.nan))
    return np.asarray(np.diff(logs, axis=0))


def correlations(returns: Floats) -> Floats:
    """Pearson, each pair over the days that both have; NaN with fewer than `LEAST_DAYS`.

    All pairs at once: with missing days as zeros, sums over the days in common are products of matrices. What stood
    still moves with nothing: 0.
    """
    known = np.isfinite(returns)
    ones, values = known.astype(np.float64), np.where(known, returns, 0.0)
    days = ones.T @ ones
    with np.errstate(invalid="ignore", divide="ignore"):
        sums, squares = values.T @ ones, (values**2).T @ ones
        spread = np.maximum(squares - sums**2 / days, 0.0)
        joint = values.T @ values - sums * sums.T / days
        scale = np.sqrt(spread * spread.T)
        found = np.where(scale > _STILL * days, np.clip(joint / scale, -1.0, 1.0), 0.0)
    np.fill_diagonal(found, 1.0)
    return np.where(days >= LEAST_DAYS, found, np.nan)


def joined(correlation: Floats, shares: Sequence[float]) -> list[int]:
    """The tokens, largest share first, that have a known correlation with all those before them."""
    found: list[int] = []
    for place in _by_share(shares):
        if np.isfinite(correlation[place, [*found, place]]).all():
            found.append(place)
    return found


def groups(correlation: Floats, shares: Sequence[float]) -> list[list[int]]:
    """Tokens of which every two have a correlation of at least `ALIKE` and that together are at least `LEAST_SHARE`.

    Starting from the largest share, each token joins the first group to all of whose members it is alike, so a token
    is in one group at most.
    """
    found: list[list[int]] = []
    for place in _by_share(shares):
        home = next((g for g in found if all(correlation[place, member] >= ALIKE for member in g)), None)
        if home is None:
            found.append([place])
        else:
            home.append(place)
    return [g for g in found if len(g) > 1 and sum(shares[place] for place in g) >= LEAST_SHARE]


def _by_share(shares: Sequence[float]) -> list[int]:
    return sorted(range(len(shares)), key=lambda one: (-shares[one], one))


def nearest_valid(correlation: Floats) -> Floats:
    """Pairs measured over different days need not fit together: negative eigenvalues are raised to almost nothing, and
    the diagonal is made one again."""
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    mended = (vectors * np.maximum(values, 1e-9)) @ vectors.T
    size = np.sqrt(np.diag(mended))
    return np.asarray(mended / np.outer(size, size))
