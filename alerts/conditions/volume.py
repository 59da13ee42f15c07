"""A candle's volume against the average of those before it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from alerts.conditions.base import CANDLES, LevelCondition, Params
from alerts.conditions.parameters import Parameters
from alerts.conditions.reading import Reading
from alerts.conditions.sides import Sides, at_or_above
from alerts.conditions.words import CANDLE_WORDS, interval_name, number

Floats = NDArray[np.float64]
INTERVALS = {"15m": 900, "1h": 3600}
PRESENT = 0.75
"""Of the candles before so many must be there, or there is no average."""


@dataclass(frozen=True)
class VolumeSpike(LevelCondition):
    feed: ClassVar[str] = CANDLES
    factor: float
    interval: int
    periods: int
    band: float

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        factor = asked.number("factor", 1.1, 100.0)
        interval = INTERVALS[asked.one_of("interval", INTERVALS, "1h")]
        periods = asked.whole("periods", 5, 168, 24)
        asked.done()
        return cls(factor, interval, periods, band)

    @property
    def params(self) -> dict[str, Any]:
        return {
            "factor": self.factor,
            "interval": interval_name(self.interval),
            "periods": self.periods,
        }

    @property
    def gauge(self) -> str:
        return f"volume:{self.interval}:{self.periods}"

    @property
    def sides(self) -> Sides:
        return at_or_above(self.factor, self.band)

    def clause(self, symbol: str) -> str:
        return (
            f"the volume of {symbol} in {_a(self.interval)} candle is {number(self.factor)} times the average of the "
            f"{self.periods} before it, or more"
        )

    def told(self, symbol: str, reading: Reading) -> str:
        words = CANDLE_WORDS[self.interval]
        return (
            f"The volume of {symbol} was {number(round(reading.value, 2))} times its average"
            f" of {self.periods} {words} candles."
        )

    def back(self) -> str:
        return f"it was below {number(self.factor - self.band)} times"


def _a(interval: int) -> str:
    return f"{'an' if interval == 3600 else 'a'} {CANDLE_WORDS[interval]}"


def spikes(volume: Floats, periods: int) -> Floats:
    """Each row over the mean of the `periods` rows before it; NaN where too few are there, or nothing was traded.

    Rows are consecutive candles, NaN where one is missing.
    """
    known = np.isfinite(volume)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, volume, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    rows = np.arange(len(volume))
    first = np.maximum(rows - periods, 0)
    there = count[rows] - count[first]
    mean = np.full(len(volume), np.nan)
    np.divide(total[rows] - total[first], there, out=mean, where=there >= PRESENT * periods)
    found = np.full(len(volume), np.nan)
    np.divide(volume, mean, out=found, where=known & (mean > 0))
    return found
