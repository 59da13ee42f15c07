"""What a portfolio is worth: at or above a level, below it, crossing it, or fallen from its highest.

Readings come where every price in the portfolio is fresh; what has no price at all is not in the value.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from alerts.conditions.base import PORTFOLIOS, Condition, Judgement, LevelCondition, Params
from alerts.conditions.parameters import Parameters
from alerts.conditions.reading import Reading
from alerts.conditions.sides import CROSSINGS, LEVELS, OVER, UNDER, Sides, Wakes, at_or_above
from alerts.conditions.words import number, percent

LEAST, MOST = 0.01, 1e12
_HAIR = 1e-12
SINCE_SET = "set"
WINDOWS = {"1d": 86_400, "7d": 604_800, "30d": 2_592_000, "90d": 7_776_000}
_WINDOW_WORDS = {"1d": "of the last day", "7d": "of the last 7 days", "30d": "of the last 30 days",
                 "90d": "of the last 90 days", SINCE_SET: "since the alert was set"}  # fmt: skip
_WAYS = {"up": "upwards", "down": "downwards", "either": "in either direction"}


@dataclass(frozen=True)
class ValueCondition(LevelCondition):
    """`band` is in percent of the level."""

    feed: ClassVar[str] = PORTFOLIOS
    gauge: ClassVar[str] = "value"
    value: float
    band: float

    @property
    def width(self) -> float:
        return self.value * self.band / 100

    @property
    def params(self) -> dict[str, Any]:
        return {"value": self.value}


class PortfolioAbove(ValueCondition):
    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        return cls(_only_value(given), band)

    @property
    def sides(self) -> Sides:
        return LEVELS["above"](self.value, self.width)

    def clause(self, symbol: str) -> str:
        return f"the portfolio {symbol} is worth {number(self.value)} USD or more"

    def told(self, symbol: str, reading: Reading) -> str:
        worth, level = number(reading.value), number(self.value)
        return f"The portfolio {symbol} is worth {worth} USD, not below {level} USD any more."

    def back(self) -> str:
        return f"it was worth less than {number(self.sides.fall)} USD"


class PortfolioBelow(ValueCondition):
    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        return cls(_only_value(given), band)

    @property
    def sides(self) -> Sides:
        return LEVELS["below"](self.value, self.width)

    def clause(self, symbol: str) -> str:
        return f"the portfolio {symbol} is worth less than {number(self.value)} USD"

    def told(self, symbol: str, reading: Reading) -> str:
        worth, level = number(reading.value), number(self.value)
        return f"The portfolio {symbol} is worth {worth} USD, less than {level} USD."

    def back(self) -> str:
        return f"it was worth {number(self.sides.rise)} USD or more"


@dataclass(frozen=True)
class PortfolioCrossing(ValueCondition):
    direction: str

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        value = asked.number("value", LEAST, MOST)
        direction = asked.one_of("direction", CROSSINGS, "either")
        asked.done()
        return cls(value, band, direction)

    @property
    def params(self) -> dict[str, Any]:
        return {"value": self.value, "direction": self.direction}

    @property
    def sides(self) -> Sides:
        return CROSSINGS[self.direction](self.value, self.width)

    def clause(self, symbol: str) -> str:
        return f"the worth of the portfolio {symbol} crosses {number(self.value)} USD {_WAYS[self.direction]}"

    def told(self, symbol: str, reading: Reading) -> str:
        way = "upwards" if self.sides.of(reading.value, "") == OVER else "downwards"
        level = number(self.value)
        return f"The portfolio {symbol} crossed {level} USD {way}: it is worth {number(reading.value)} USD."


@dataclass(frozen=True)
class PortfolioDrawdown(Condition):
    """Fallen by so many percent from the highest value of a window. `band` is in percentage points."""

    feed: ClassVar[str] = PORTFOLIOS
    percent: float
    window: str
    band: float

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        """From the highest since it was set, unless a window is given."""
        asked = Parameters(given)
        fallen = asked.number("percent", 0.1, 99.0)
        window = asked.one_of("window", (SINCE_SET, *WINDOWS), SINCE_SET)
        asked.done()
        kind = DrawdownSinceSet if window == SINCE_SET else DrawdownOfWindow
        return kind(fallen, window, band)  # type: ignore[return-value]  # both are this kind

    @property
    def params(self) -> dict[str, Any]:
        return {"percent": self.percent, "window": self.window}

    @property
    def sides(self) -> Sides:
        """Of the percentage lost."""
        return at_or_above(self.percent, self.band)

    def clause(self, symbol: str) -> str:
        highest = f"its highest {_WINDOW_WORDS[self.window]}"
        return f"the portfolio {symbol} is worth {percent(self.percent)} or more below {highest}"

    def told(self, symbol: str, reading: Reading) -> str:
        worth = number(reading.detail.get("value_usd", reading.value))
        highest = f"its highest {_WINDOW_WORDS[self.window]}"
        return (
            f"The portfolio {symbol} is worth {worth} USD, {percent(self.percent)} or more below {highest}."
        )

    def back(self) -> str:
        return f"it was less than {percent(self.percent - self.band)} below its highest"


class DrawdownOfWindow(PortfolioDrawdown, LevelCondition):
    """The gauge is the percentage lost from the highest value of the window."""

    @property
    def gauge(self) -> str:
        return f"drawdown:{WINDOWS[self.window]}"


class DrawdownSinceSet(PortfolioDrawdown):
    """The gauge is the value; the highest so far is remembered beside the side: `under:10250.5`."""

    gauge: ClassVar[str] = "value"

    def judge(self, value: float, memory: str) -> Judgement:
        before, highest = _recalled(memory)
        highest = max(highest, value)
        side = self.sides.of(percent_below(highest, value), before or UNDER)
        return Judgement(_kept(side, highest), self.sides.speaks(before or UNDER, side))

    def wakes(self, memory: str) -> Wakes:
        """Any reading where nothing is known; else a new highest, the fall, or the way back: a hair too soon, since
        these limits are rounded in another way than the percentage is.
        """
        side, highest = _recalled(memory)
        if not memory:
            return Wakes(above=0.0, below=None)
        back = highest * (1 - self.sides.fall / 100) * (1 - _HAIR)
        if side == OVER:
            return Wakes(above=min(back, highest), below=None)
        return Wakes(above=highest, below=highest * (1 - self.percent / 100) * (1 + _HAIR))

    def is_armed(self, memory: str) -> bool:
        return _recalled(memory)[0] != OVER

    def remembers(self, value: float) -> str:
        return _kept(UNDER, value)


def percent_below(highest: float, value: float) -> float:
    """Exact where the fall is a round one: 1,080 is 10 below 1,200."""
    return (highest - value) / highest * 100 if highest > 0 else 0.0


def _recalled(memory: str) -> tuple[str, float]:
    side, _, highest = memory.partition(":")
    return side, float(highest or 0)


def _kept(side: str, highest: float) -> str:
    """Within the 24 letters of a memory; twelve digits are more than any value has that matter."""
    return f"{side}:{highest:.12g}"


def _only_value(given: Params) -> float:
    asked = Parameters(given)
    value = asked.number("value", LEAST, MOST)
    asked.done()
    return value
