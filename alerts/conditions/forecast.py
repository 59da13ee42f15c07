"""What the published forecasts say: probabilities, confidence, the favoured class, and that there is a new one."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from alerts.conditions.base import FORECASTS, Condition, Judgement, LevelCondition, Params
from alerts.conditions.parameters import Parameters
from alerts.conditions.reading import Reading
from alerts.conditions.sides import LEVELS, Sides, Wakes
from alerts.conditions.words import percent
from predictions import horizons
from predictions.horizons import CLASS_NAMES, MOST_PROBABILITY

TIMEFRAMES = tuple(one.name for one in horizons.TIMEFRAMES)
_BEFORE_ALL = -1.0


class _Probable(LevelCondition):
    """A probability that forecasts give, against a level; both are between 0 and 1."""

    feed: ClassVar[str] = FORECASTS
    timeframe: str
    probability: float
    direction: str
    band: float

    @property
    def sides(self) -> Sides:
        return LEVELS[self.direction](self.probability, self.band)

    def back(self) -> str:
        if self.direction == "above":
            return f"it was below {percent(100 * self.sides.fall)}"
        return f"it was {percent(100 * self.sides.rise)} or more"

    def _side(self) -> str:
        level = percent(100 * self.probability)
        return f"{level} or more" if self.direction == "above" else f"less than {level}"

    def _against(self) -> str:
        level = percent(100 * self.probability)
        return f"not below {level}" if self.direction == "above" else f"below {level}"


@dataclass(frozen=True)
class ForecastProbability(_Probable):
    """Of one class."""

    timeframe: str
    outcome: str
    probability: float
    direction: str
    band: float

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        timeframe, outcome = asked.one_of("timeframe", TIMEFRAMES, "1h"), asked.one_of("class", CLASS_NAMES)
        probability = asked.number("probability", horizons.LEAST_PROBABILITY, MOST_PROBABILITY)
        direction = asked.one_of("direction", LEVELS, "above")
        asked.done()
        return cls(timeframe, outcome, probability, direction, band)

    @property
    def params(self) -> dict[str, Any]:
        return {
            "timeframe": self.timeframe,
            "class": self.outcome,
            "probability": self.probability,
            "direction": self.direction,
        }

    @property
    def gauge(self) -> str:
        return f"forecast:{self.timeframe}:{self.outcome}"

    def clause(self, symbol: str) -> str:
        return f"the {self.timeframe} forecast for {symbol} gives “{self.outcome}” {self._side()}"

    def told(self, symbol: str, reading: Reading) -> str:
        said = percent(100 * reading.value)
        return f"The {self.timeframe} forecast for {symbol} gives “{self.outcome}” {said}, {self._against()}."


@dataclass(frozen=True)
class ForecastConfidence(_Probable):
    """The probability of the favoured class."""

    timeframe: str
    probability: float
    direction: str
    band: float

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        timeframe = asked.one_of("timeframe", TIMEFRAMES, "1h")
        confidence = asked.number("confidence", 0.34, MOST_PROBABILITY)
        direction = asked.one_of("direction", LEVELS, "above")
        asked.done()
        return cls(timeframe, confidence, direction, band)

    @property
    def params(self) -> dict[str, Any]:
        return {"timeframe": self.timeframe, "confidence": self.probability, "direction": self.direction}

    @property
    def gauge(self) -> str:
        return f"forecast:{self.timeframe}:confidence"

    def clause(self, symbol: str) -> str:
        return f"the confidence of the {self.timeframe} forecast for {symbol} is {self._side()}"

    def told(self, symbol: str, reading: Reading) -> str:
        said = percent(100 * reading.value)
        return f"The confidence of the {self.timeframe} forecast for {symbol} is {said}, {self._against()}."


@dataclass(frozen=True)
class _Remembering(Condition):
    """Nothing is asked but the timeframe; what one forecast said is remembered, as a whole number, for the next."""

    feed: ClassVar[str] = FORECASTS
    timeframe: str

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        timeframe = asked.one_of("timeframe", TIMEFRAMES, "1h")
        asked.done()
        return cls(timeframe)

    @property
    def params(self) -> dict[str, Any]:
        return {"timeframe": self.timeframe}

    def is_armed(self, memory: str) -> bool:
        return True

    def remembers(self, value: float) -> str:
        return str(int(value))


class ForecastFlip(_Remembering):
    """Remembers the favoured class by its number."""

    @property
    def gauge(self) -> str:
        return f"forecast:{self.timeframe}:favoured"

    def judge(self, value: float, memory: str) -> Judgement:
        favoured = self.remembers(value)
        return Judgement(favoured, memory != "" and favoured != memory)

    def wakes(self, memory: str) -> Wakes:
        if not memory:
            return Wakes(above=_BEFORE_ALL, below=None)
        return Wakes(above=int(memory) + 0.5, below=int(memory) - 0.5)

    def clause(self, symbol: str) -> str:
        return f"the {self.timeframe} forecast for {symbol} favours another class than the one before"

    def told(self, symbol: str, reading: Reading) -> str:
        return f"The {self.timeframe} forecast for {symbol} now favours “{CLASS_NAMES[int(reading.value)]}”."


class ForecastNew(_Remembering):
    """Remembers the newest forecast by its moment, in seconds since 1970."""

    @property
    def gauge(self) -> str:
        return f"forecast:{self.timeframe}:made"

    def judge(self, value: float, memory: str) -> Judgement:
        newer = not memory or value > float(memory)
        return Judgement(self.remembers(value) if newer else memory, newer)

    def wakes(self, memory: str) -> Wakes:
        return Wakes(above=float(memory) + 1 if memory else _BEFORE_ALL, below=None)

    def clause(self, symbol: str) -> str:
        return f"there is a new {self.timeframe} forecast for {symbol}"

    def told(self, symbol: str, reading: Reading) -> str:
        shares = ", ".join(
            f"{name} {percent(100 * reading.detail[name])}" for name in CLASS_NAMES if name in reading.detail
        )
        return f"There is a new {self.timeframe} forecast for {symbol}{': ' if shares else ''}{shares}."
