"""Indicators of closes: RSI and simple moving averages.

RSI here is Cutler's, as in the forecasts: the average gain over the sum of average gain and average loss of the last
moves, from 0 to 100. It needs no history before its window, so that a preview and the alert itself find the same.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from alerts.conditions.base import CANDLES, LevelCondition, Params
from alerts.conditions.parameters import Parameters
from alerts.conditions.reading import Reading
from alerts.conditions.sides import CROSSINGS, LEVELS, OVER, Sides
from alerts.conditions.words import CANDLE_WORDS, interval_name, number

Floats = NDArray[np.float64]
INTERVALS = {"15m": 900, "1h": 3600, "4h": 14_400, "1d": 86_400}
_WAYS = {"up": "rises above", "down": "falls below", "either": "crosses"}


@dataclass(frozen=True)
class Rsi(LevelCondition):
    feed: ClassVar[str] = CANDLES
    level: float
    direction: str
    interval: int
    period: int
    band: float

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        level = asked.number("level", 1.0, 99.0)
        direction = asked.one_of("direction", LEVELS, "above")
        interval = INTERVALS[asked.one_of("interval", INTERVALS, "1h")]
        period = asked.whole("period", 2, 100, 14)
        asked.done()
        return cls(level, direction, interval, period, band)

    @property
    def params(self) -> dict[str, Any]:
        return {
            "level": self.level,
            "direction": self.direction,
            "interval": interval_name(self.interval),
            "period": self.period,
        }

    @property
    def gauge(self) -> str:
        return f"rsi:{self.interval}:{self.period}"

    @property
    def sides(self) -> Sides:
        return LEVELS[self.direction](self.level, self.band)

    def clause(self, symbol: str) -> str:
        words = CANDLE_WORDS[self.interval]
        side = f"{number(self.level)} or more" if self.direction == "above" else f"below {number(self.level)}"
        return f"the RSI ({self.period}) of {symbol}’s {words} candles is {side}"

    def told(self, symbol: str, reading: Reading) -> str:
        words = CANDLE_WORDS[self.interval]
        side = "not below" if self.direction == "above" else "below"
        value = number(round(reading.value, 1))
        return (
            f"The RSI ({self.period}) of {symbol}’s {words} candles is {value}, {side} {number(self.level)}."
        )

    def back(self) -> str:
        if self.direction == "above":
            return f"it was below {number(self.sides.fall)}"
        return f"it was at {number(self.sides.rise)} or more"


@dataclass(frozen=True)
class MovingAverage(LevelCondition):
    """The fast average over the slow one, in percent: it crosses nought. A fast one of 1 is the close itself."""

    feed: ClassVar[str] = CANDLES
    fast: int
    slow: int
    interval: int
    direction: str
    band: float

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        fast, slow = asked.whole("fast", 1, 199, 20), asked.whole("slow", 2, 200, 50)
        interval = INTERVALS[asked.one_of("interval", INTERVALS, "1h")]
        direction = asked.one_of("direction", CROSSINGS, "either")
        if fast >= slow:
            asked.refuse("slow", "Write more candles than for the fast average.")
        asked.done()
        return cls(fast, slow, interval, direction, band)

    @property
    def params(self) -> dict[str, Any]:
        return {
            "fast": self.fast,
            "slow": self.slow,
            "interval": interval_name(self.interval),
            "direction": self.direction,
        }

    @property
    def gauge(self) -> str:
        return f"average:{self.interval}:{self.fast}:{self.slow}"

    @property
    def sides(self) -> Sides:
        return CROSSINGS[self.direction](0.0, self.band)

    def clause(self, symbol: str) -> str:
        words = CANDLE_WORDS[self.interval]
        return f"{self._fast(symbol)} {_WAYS[self.direction]} the average of {self.slow} {words} closes"

    def told(self, symbol: str, reading: Reading) -> str:
        way = "rose above" if self.sides.of(reading.value, "") == OVER else "fell below"
        words = CANDLE_WORDS[self.interval]
        return f"{self._fast(symbol)} {way} the average of {self.slow} {words} closes.".replace(
            "the", "The", 1
        )

    def _fast(self, symbol: str) -> str:
        words = CANDLE_WORDS[self.interval]
        if self.fast == 1:
            return f"the {words} close of {symbol}"
        return f"the average of {self.fast} {words} closes of {symbol}"


def rsi(closes: Floats, period: int) -> Floats:
    """For each row, of the `period` moves up to it; NaN where one is missing or nothing moved."""
    moves = np.diff(closes, prepend=np.nan)
    gains, losses = (_means(np.maximum(side, 0.0), period) for side in (moves, -moves))
    found = np.full(len(closes), np.nan)
    np.divide(100.0 * gains, gains + losses, out=found, where=gains + losses > 0)
    return found


def spread(closes: Floats, fast: int, slow: int) -> Floats:
    """How far the fast average stands above the slow one, in percent; NaN where a close is missing."""
    return np.asarray((_means(closes, fast) / _means(closes, slow) - 1) * 100)


def _means(values: Floats, length: int) -> Floats:
    """Of each row and those before it, `length` together; NaN where one is missing. Summed window by window, so that
    the same rows give the same mean whatever lies before them."""
    found = np.full(len(values), np.nan)
    if len(values) >= length:
        windows = np.lib.stride_tricks.sliding_window_view(values, length)
        found[length - 1 :] = windows.mean(axis=1)
    return found
