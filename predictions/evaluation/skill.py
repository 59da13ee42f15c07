"""Skill against the baseline on the same forecasts, with an interval that knows how tokens and hours hang
together.

    skill = 1 − (sum of our scores) ÷ (sum of the baseline's)

The interval draws whole blocks of time with all their tokens, again and again. Single forecasts drawn as if
they were independent would make it far too narrow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from predictions.horizons import Timeframe

FEWEST_BLOCKS = 30
DRAWS = 1000
USUAL = 0.95

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Skill:
    """Shares, not per cent, with their interval, of 95 % where nothing else is said. `blocks`: how many blocks of time
    there were.
    """

    value: float
    low: float
    high: float
    blocks: int


def point(ours: ArrayLike, baseline: ArrayLike) -> float | None:
    """Skill without interval; None where there is nothing to compare."""
    total = float(np.sum(baseline))
    return None if total <= 0 else 1 - float(np.sum(ours)) / total


def blocks_of(timeframe: Timeframe, as_of: ArrayLike) -> NDArray[np.int64]:
    """The block of time that each moment belongs to."""
    return np.asarray(as_of, np.int64) // timeframe.block_seconds


def skill(
    ours: ArrayLike, baseline: ArrayLike, blocks: ArrayLike, *, seed: int = 0, sure: float = USUAL
) -> Skill | None:
    """Of N scores each, with the block of each; None ("too early to say") below 30 blocks.

    Sums of whole blocks may be given instead of single scores; the answer is the same. `sure` is the share of cases
    in which the interval holds the truth; a wider one is drawn more often, so that its ends rest on as many draws.
    """
    names, place = np.unique(np.asarray(blocks), return_inverse=True)
    if len(names) < FEWEST_BLOCKS:
        return None
    mine, theirs = _by_block(place, ours), _by_block(place, baseline)
    value = point(mine, theirs)
    if value is None:
        return None
    drawn = _draws(mine, theirs, seed, round(DRAWS * (1 - USUAL) / (1 - sure)))
    low, high = (float(level) for level in np.quantile(drawn, ((1 - sure) / 2, (1 + sure) / 2)))
    return Skill(value, low, high, len(names))


def _by_block(place: NDArray[np.intp], scores: ArrayLike) -> Floats:
    return np.bincount(place, np.asarray(scores, np.float64)).astype(np.float64)


def _draws(ours: Floats, baseline: Floats, seed: int, draws: int) -> Floats:
    chosen = np.random.default_rng(seed).integers(0, len(ours), (draws, len(ours)))
    return np.asarray(1 - ours[chosen].sum(axis=1) / baseline[chosen].sum(axis=1))
