"""That prices stopped coming: the one condition that is made for data which is not fresh."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from alerts.conditions.base import CLOCK, LevelCondition, Params
from alerts.conditions.parameters import Parameters
from alerts.conditions.reading import Reading
from alerts.conditions.sides import Sides, at_or_above
from alerts.conditions.words import number


@dataclass(frozen=True)
class SourceStale(LevelCondition):
    """The gauge is the age of the newest price in minutes."""

    feed: ClassVar[str] = CLOCK
    gauge: ClassVar[str] = "silence"
    minutes: float
    band: float

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        minutes = asked.number("minutes", 10.0, 1440.0, 10.0)
        asked.done()
        return cls(minutes, band)

    @property
    def params(self) -> dict[str, Any]:
        return {"minutes": self.minutes}

    @property
    def sides(self) -> Sides:
        return at_or_above(self.minutes, self.band)

    def clause(self, symbol: str) -> str:
        return f"no new price of {symbol} has come for {number(self.minutes)} minutes"

    def told(self, symbol: str, reading: Reading) -> str:
        return f"The newest price of {symbol} is {number(round(reading.value))} minutes old: its sources are away."

    def back(self) -> str:
        return "a new price has come"
