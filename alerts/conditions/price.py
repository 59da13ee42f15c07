"""The price itself: at or above a level, below it, or crossing it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from alerts.conditions.base import QUOTES, LevelCondition, Params
from alerts.conditions.parameters import Parameters
from alerts.conditions.reading import Reading
from alerts.conditions.sides import CROSSINGS, LEVELS, OVER, Sides
from alerts.conditions.words import number

LEAST, MOST = 1e-15, 1e12
_WAYS = {"up": "upwards", "down": "downwards", "either": "in either direction"}


@dataclass(frozen=True)
class PriceCondition(LevelCondition):
    """`band` is in percent of the level."""

    feed: ClassVar[str] = QUOTES
    gauge: ClassVar[str] = "price"
    price: float
    band: float

    @property
    def width(self) -> float:
        return self.price * self.band / 100

    @property
    def params(self) -> dict[str, Any]:
        return {"price": self.price}


class PriceAbove(PriceCondition):
    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        return cls(_only_price(given), band)

    @property
    def sides(self) -> Sides:
        return LEVELS["above"](self.price, self.width)

    def clause(self, symbol: str) -> str:
        return f"the price of {symbol} is {number(self.price)} USD or more"

    def told(self, symbol: str, reading: Reading) -> str:
        if reading.has_passed:
            return f"{symbol} touched {number(reading.value)} USD, not below {number(self.price)} USD."
        return f"{symbol} is at {number(reading.value)} USD, not below {number(self.price)} USD any more."

    def back(self) -> str:
        return f"the price was below {number(self.sides.fall)} USD"


class PriceBelow(PriceCondition):
    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        return cls(_only_price(given), band)

    @property
    def sides(self) -> Sides:
        return LEVELS["below"](self.price, self.width)

    def clause(self, symbol: str) -> str:
        return f"the price of {symbol} is below {number(self.price)} USD"

    def told(self, symbol: str, reading: Reading) -> str:
        verb = "touched" if reading.has_passed else "is at"
        return f"{symbol} {verb} {number(reading.value)} USD, below {number(self.price)} USD."

    def back(self) -> str:
        return f"the price was at {number(self.sides.rise)} USD or more"


@dataclass(frozen=True)
class PriceCrossing(PriceCondition):
    direction: str

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        price = asked.number("price", LEAST, MOST)
        direction = asked.one_of("direction", CROSSINGS, "either")
        asked.done()
        return cls(price, band, direction)

    @property
    def params(self) -> dict[str, Any]:
        return {"price": self.price, "direction": self.direction}

    @property
    def sides(self) -> Sides:
        return CROSSINGS[self.direction](self.price, self.width)

    def clause(self, symbol: str) -> str:
        return f"the price of {symbol} crosses {number(self.price)} USD {_WAYS[self.direction]}"

    def told(self, symbol: str, reading: Reading) -> str:
        way = "upwards" if self.sides.of(reading.value, "") == OVER else "downwards"
        return f"{symbol} crossed {number(self.price)} USD {way}: {number(reading.value)} USD."


def _only_price(given: Params) -> float:
    asked = Parameters(given)
    price = asked.number("price", LEAST, MOST)
    asked.done()
    return price
