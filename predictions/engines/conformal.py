"""Adaptive conformal scaling: how much wider or narrower ranges must be so that 80 % of outcomes fall inside.

An engine's half-widths around its median are multiplied by e^λ. λ is the sum of a part of the token's own and
a part common to all tokens; each outcome that matures moves both:

    λ ← λ + η·(miss − 0.2),   η = 0.02 ÷ number of overlapping forecasts

half of it the token's own, half (in the mean over the tokens forecast at that moment) the common part. A miss
widens four times as much as a hit narrows, so λ rests where one in five misses, whatever the engine believes.

Steps are whole multiples of 2⁻⁴⁰. Their sums are exact, so the order in which the outcomes of one moment are
counted, and how they are split into batches, do not change λ by a bit.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from predictions.horizons import Timeframe

RATE = 0.02
MISSES_WANTED = 0.2
MOST = 1.5
"""|λ| never passes this (4.5 times as wide, or as narrow): an engine that needs more is not to be trusted."""
LEAST_HALF_WIDTH = 1e-6
"""In log return, so that p10 < p50 < p90 holds for prices too, however still a token stands."""
_GRAIN = 2.0**-40

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]


@dataclass(eq=False)
class RangeState:
    """λ of one engine at one timeframe: `own` (tokens,) and `common`. The one thing here that changes."""

    own: Floats
    common: float = 0.0

    @classmethod
    def fresh(cls, tokens: int) -> Self:
        return cls(np.zeros(tokens))

    def log_factors(self, columns: Columns) -> Floats:
        """λ of those tokens."""
        return log_factors(self.own[columns], self.common)

    def learn(self, timeframe: Timeframe, columns: Columns, inside: NDArray[np.bool_], said: int) -> None:
        """Outcomes of forecasts made at one moment: their tokens' columns (none twice), and whether each lay
        inside its scaled range. `said` is how many forecasts were made at that moment, void ones too.
        """
        step = rate(timeframe) / 2 * (np.where(inside, 0.0, 1.0) - MISSES_WANTED)
        self.own[columns] = bounded(self.own[columns] + _grained(step))
        self.common = float(bounded(self.common + _grained(step / said).sum()))


def rate(timeframe: Timeframe) -> float:
    """η: overlapping forecasts repeat each other, so each of them moves λ by its share."""
    return RATE / max(1.0, timeframe.seconds / timeframe.counts_every)


def log_factors(own: Floats, common: float) -> Floats:
    """λ from its two parts."""
    return bounded(own + common)


def scaled(quantiles: Floats, log_factor: Floats) -> Floats:
    """Log returns (N, 3) at 10, 50 and 90 %, their distance from the median multiplied by e^λ (N,)."""
    middle = quantiles[:, 1]
    factor = np.exp(log_factor)
    below = np.maximum((middle - quantiles[:, 0]) * factor, LEAST_HALF_WIDTH)
    above = np.maximum((quantiles[:, 2] - middle) * factor, LEAST_HALF_WIDTH)
    return np.stack([middle - below, middle, middle + above], axis=1)


def prices(reference: Floats, quantiles: Floats) -> Floats:
    """Prices (N, 3) from reference prices (N,) and log returns (N, 3)."""
    return np.asarray(reference[:, None] * np.exp(quantiles))


def bounded(value: Floats | float) -> Floats:
    return np.asarray(np.clip(value, -MOST, MOST))


def _grained(step: Floats) -> Floats:
    return np.asarray(np.round(step / _GRAIN) * _GRAIN)
