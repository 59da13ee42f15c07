"""What a forecast claims: timeframes, the sideways band, classes, and how probabilities are worded.

These are the definitions of `docs/forecasting.md`. Every stored forecast names their version, so that
changing one of them means a new `DEFINITIONS`, never another meaning for old rows. Moments are whole seconds
since 1970 (UTC).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

DEFINITIONS = 1
UP, DOWN, SIDEWAYS = 0, 1, 2
CLASS_NAMES = ("up", "down", "sideways")

HOUR, DAY = 3600, 86_400
BAND_FLOOR = 0.0005
"""In log return. Below it a move is smaller than what a spread costs, even for a stablecoin."""
_MEAN_TO_DEVIATION = 1.2533
"""Standard deviation of a normal over its mean absolute value, sqrt(pi / 2)."""
_WHOLE, _LEAST = 10_000, 100
LEAST_PROBABILITY = _LEAST / _WHOLE
MOST_PROBABILITY = 1 - 2 * LEAST_PROBABILITY
TREND_LEAST, SIDEWAYS_LEAD = 300, 1000
"""In ten-thousandths: how far up and down differ where a direction is named, and how far sideways may lead."""
RISK_LOW, RISK_HIGH = 0.6, 1.2
"""Yearly volatility of a range: below, between, above."""

Floats = NDArray[np.float64]
Trend = Literal["bullish", "bearish", "sideways"]
Risk = Literal["low", "medium", "high"]


@dataclass(frozen=True)
class Timeframe:
    """One horizon. `k` sets the band so that each class comes about a third of the time.

    `stored_every`: seconds between two forecasts of the champion. `counts_every`: seconds between two
    instants that count in statistics; between them a forecast repeats what its neighbours say.
    """

    name: str
    seconds: int
    k: float
    stored_every: int
    counts_every: int

    @property
    def hours(self) -> float:
        return self.seconds / HOUR

    @property
    def block_seconds(self) -> int:
        """Length of the blocks of time that a bootstrap draws: shorter ones are not independent."""
        return max(2 * self.seconds, 7 * DAY)


TIMEFRAMES = (
    Timeframe("15m", 900, 0.36, stored_every=900, counts_every=900),
    Timeframe("1h", HOUR, 0.32, stored_every=900, counts_every=HOUR),
    Timeframe("4h", 4 * HOUR, 0.33, stored_every=900, counts_every=HOUR),
    Timeframe("1d", DAY, 0.37, stored_every=HOUR, counts_every=HOUR),
    Timeframe("7d", 7 * DAY, 0.42, stored_every=6 * HOUR, counts_every=DAY),
    Timeframe("14d", 14 * DAY, 0.43, stored_every=6 * HOUR, counts_every=DAY),
    Timeframe("30d", 30 * DAY, 0.48, stored_every=6 * HOUR, counts_every=DAY),
)
by_name = {timeframe.name: timeframe for timeframe in TIMEFRAMES}
DIRECTION_UNPROVEN = frozenset({"7d", "14d", "30d"})
"""Timeframes at which no engine has shown that it knows up from down, so that no trend is named."""


def band(timeframe: Timeframe, scale: ArrayLike) -> Floats:
    """Half-width of sideways in log return: max(k × 1.2533 × M(t) × √(h in hours), 0.0005); NaN where M(t)
    is.
    """
    wide = timeframe.k * _MEAN_TO_DEVIATION * np.asarray(scale, np.float64) * np.sqrt(timeframe.hours)
    return np.asarray(np.maximum(wide, BAND_FLOOR))


def classify(log_return: ArrayLike, band: ArrayLike) -> NDArray[np.int8]:
    """UP where the return is above the band, DOWN where it is below minus the band, else SIDEWAYS.

    Exactly on the band is sideways. A missing return has no class, so callers leave NaN out before.
    """
    moved, width = np.asarray(log_return, np.float64), np.asarray(band, np.float64)
    return np.where(moved > width, UP, np.where(moved < -width, DOWN, SIDEWAYS)).astype(np.int8)


def to_ten_thousandths(probabilities: ArrayLike) -> NDArray[np.int64]:
    """Rows of three probabilities as whole ten-thousandths: each row sums to 10,000, each cell in [100,
    9800].

    1. Cells below 0.01 become 100; the others share what is left in proportion (at most two rounds are
    needed).
    2. All are rounded down; what is missing goes to the largest remainders, sideways first among equals.
    """
    given = np.asarray(probabilities, np.float64)
    if given.ndim != 2 or given.shape[1] != 3 or not np.isfinite(given).all() or (given < 0).any():
        raise ValueError(
            f"Probabilities must be finite rows of three, none below 0; got shape {given.shape}."
        )
    if not (given.sum(axis=1) > 0).all():
        raise ValueError("A row of probabilities sums to 0.")
    shares = _lifted(given / given.sum(axis=1, keepdims=True))
    whole = np.floor(shares).astype(np.int64)
    order = np.argsort(-(shares - whole)[:, ::-1], axis=1, kind="stable")
    rank = np.argsort(order, axis=1)[:, ::-1]
    return np.asarray(whole + (rank < (_WHOLE - whole.sum(axis=1))[:, None]))


def _lifted(given: Floats) -> Floats:
    low = np.zeros(given.shape, bool)
    shares = given
    for _ in range(3):
        free = np.where(low, 0.0, given)
        left = (_WHOLE - _LEAST * low.sum(axis=1)) / free.sum(axis=1)
        shares = np.where(low, float(_LEAST), free * left[:, None])
        low = low | (shares < _LEAST)
    return shares


def confidence(probabilities: ArrayLike) -> Floats:
    """The probability of the favoured class, in the unit of its input; nothing else."""
    return np.asarray(np.max(np.asarray(probabilities), axis=-1))


def trend(up: int, down: int, sideways: int, timeframe: Timeframe | str) -> Trend | None:
    """The direction that the probabilities (ten-thousandths) lean to; None from 7d on, where nobody knows it.

    Named where up and down differ by at least 0.03 and sideways does not lead the larger by more than 0.10.
    """
    name = timeframe if isinstance(timeframe, str) else timeframe.name
    if name in DIRECTION_UNPROVEN:
        return None
    if abs(up - down) < TREND_LEAST or sideways - max(up, down) > SIDEWAYS_LEAD:
        return "sideways"
    return "bullish" if up > down else "bearish"


def yearly_volatility(p10: ArrayLike, p90: ArrayLike, timeframe: Timeframe) -> Floats:
    """What a range of prices implies: ln(p90 ÷ p10) ÷ 2.563 × √(8760 ÷ h in hours)."""
    spread = np.log(np.asarray(p90, np.float64) / np.asarray(p10, np.float64))
    return np.asarray(spread / 2.563 * np.sqrt(8760 / timeframe.hours))


def risk_level(p10: float, p90: float, timeframe: Timeframe | str) -> Risk:
    """By the yearly volatility of the range: low below 0.6, medium to 1.2, high above."""
    horizon = by_name[timeframe] if isinstance(timeframe, str) else timeframe
    volatility: Any = yearly_volatility(p10, p90, horizon)
    if volatility < RISK_LOW:
        return "low"
    return "medium" if volatility <= RISK_HIGH else "high"
