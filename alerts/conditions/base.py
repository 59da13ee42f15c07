"""What every condition promises: which gauge it looks at, what it makes of a reading, and how it says so."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from alerts.conditions.reading import Reading
from alerts.conditions.sides import UNKNOWN, Sides, Wakes

QUOTES, CANDLES, FORECASTS, CLOCK = "quotes", "candles", "forecasts", "clock"
PORTFOLIOS = "portfolios"
Params = Mapping[str, Any]


@dataclass(frozen=True)
class Judgement:
    """What to remember of the reading, and whether the condition came true by it."""

    memory: str
    speaks: bool


class Condition(ABC):
    """Knows no alert, no user and no clock: a reading and what was remembered in, a judgement out."""

    feed: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, given: Params, band: float) -> Self:
        """From its parameters as somebody wrote them; raises BadInput. `band` is its hysteresis."""

    @property
    @abstractmethod
    def gauge(self) -> str:
        """The name of the number that it looks at."""

    @property
    @abstractmethod
    def params(self) -> dict[str, Any]:
        """Its parameters, complete: with them it can be made again."""

    @abstractmethod
    def judge(self, value: float, memory: str) -> Judgement:
        """`memory` is that of the judgement before; empty at first."""

    @abstractmethod
    def wakes(self, memory: str) -> Wakes:
        """From which readings on `judge` could answer anything new."""

    @abstractmethod
    def is_armed(self, memory: str) -> bool:
        """Whether the next change could be one that it speaks of."""

    @abstractmethod
    def remembers(self, value: float) -> str:
        """What to remember at the start, where the gauge stands at `value` and nothing has happened yet."""

    @abstractmethod
    def clause(self, symbol: str) -> str:
        """Continues "Tells you once, as soon as …"."""

    @abstractmethod
    def told(self, symbol: str, reading: Reading) -> str:
        """What happened, as a sentence."""

    def back(self) -> str:
        """Continues "Speaks again after …" where it has to go back first; else empty."""
        return ""


class LevelCondition(Condition):
    """A condition that asks on which side of a level the reading lies."""

    @property
    @abstractmethod
    def sides(self) -> Sides: ...

    def judge(self, value: float, memory: str) -> Judgement:
        side = self.sides.of(value, memory)
        return Judgement(side, self.sides.speaks(memory, side))

    def wakes(self, memory: str) -> Wakes:
        return self.sides.wakes(memory)

    def is_armed(self, memory: str) -> bool:
        return len(self.sides.speaks_on) > 1 or memory not in self.sides.speaks_on

    def remembers(self, value: float) -> str:
        """A crossing starts from where the reading is; a level that holds already is spoken of."""
        return UNKNOWN if self.sides.even_at_first else self.sides.of(value, UNKNOWN)
