"""Proper scores: the honest probability is the best answer to each of them. Lower is better.

Probabilities are (N, 3) of up, down, sideways; classes (N,) are 0, 1, 2.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
FLOOR = 0.001
LEVELS = (0.1, 0.5, 0.9)


def log_score(probabilities: ArrayLike, came: ArrayLike) -> Floats:
    """−ln of the probability of what came, floored at 0.001. A third each scores 1.0986."""
    said = np.asarray(probabilities, np.float64)
    return -np.log(np.maximum(said[np.arange(len(said)), np.asarray(came, np.int64)], FLOOR))


def brier(probabilities: ArrayLike, came: ArrayLike) -> Floats:
    """Sum of squares over the three classes. A third each scores 0.6667."""
    said = np.asarray(probabilities, np.float64)
    happened = np.eye(3)[np.asarray(came, np.int64)]
    return np.asarray(((said - happened) ** 2).sum(axis=1))


def pinball(quantiles: ArrayLike, log_return: ArrayLike) -> Floats:
    """Mean pinball loss (N,) of quantiles (N, 3) at 10, 50 and 90 %: max(q·e, (q − 1)·e), e = outcome −
    quantile.
    """
    level = np.array(LEVELS)
    error = np.asarray(log_return, np.float64)[:, None] - np.asarray(quantiles, np.float64)
    return np.asarray(np.maximum(level * error, (level - 1) * error).mean(axis=1))


def direction(probabilities: ArrayLike, came: ArrayLike) -> Floats:
    """1 where the likelier of up and down came, 0 where the other did, ½ at a tie; NaN where it stayed
    sideways.
    """
    said, happened = np.asarray(probabilities, np.float64), np.asarray(came, np.int64)
    lean = np.sign(said[:, 0] - said[:, 1])
    went = np.where(happened == 0, 1.0, -1.0)
    return np.where(happened == 2, np.nan, 0.5 + 0.5 * lean * went)
