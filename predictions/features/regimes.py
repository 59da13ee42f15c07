"""How lively a token is at one moment, in one word: what readers sort the record by."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

Regime = Literal["calm", "usual", "wild", ""]
FEATURE = "volatility_24h"
"""The logarithm of the last day's volatility over the usual one."""
CALM_BELOW, WILD_ABOVE = float(np.log(0.75)), float(np.log(1.33))


def regimes(log_ratio: ArrayLike) -> list[Regime]:
    """One word for each ratio (N,): calm below ¾ of the usual volatility, wild above 1.33 times, "" where unknown."""
    return [_regime(ratio) for ratio in np.asarray(log_ratio, np.float64).tolist()]


def _regime(log_ratio: float) -> Regime:
    if log_ratio < CALM_BELOW:
        return "calm"
    if log_ratio > WILD_ABOVE:
        return "wild"
    return "usual" if np.isfinite(log_ratio) else ""
