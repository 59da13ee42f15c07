"""How far the price went within a window."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from alerts.conditions.base import QUOTES, LevelCondition, Params
from alerts.conditions.parameters import Parameters
from alerts.conditions.reading import Reading
from alerts.conditions.sides import Sides, at_or_above, below
from alerts.conditions.words import SPAN_WORDS, SPANS, interval_name, number, percent

_VERBS = {"up": "risen", "down": "fallen", "either": "moved"}


@dataclass(frozen=True)
class PriceChange(LevelCondition):
    """`percent` is positive, whatever the direction; `band` is in percentage points."""

    feed: ClassVar[str] = QUOTES
    percent: float
    window: int
    direction: str
    band: float

    @classmethod
    def read(cls, given: Params, band: float) -> Self:
        asked = Parameters(given)
        direction = asked.one_of("direction", _VERBS, "either")
        most = 99.0 if direction == "down" else 1000.0
        wanted = asked.number("percent", 0.1, most)
        window = SPANS[asked.one_of("window", SPANS, "1h")]
        asked.done()
        return cls(wanted, window, direction, band)

    @property
    def params(self) -> dict[str, Any]:
        return {
            "percent": self.percent,
            "window": interval_name(self.window),
            "direction": self.direction,
        }

    @property
    def gauge(self) -> str:
        """`move` is the change without its sign."""
        return f"{'move' if self.direction == 'either' else 'change'}:{self.window}"

    @property
    def sides(self) -> Sides:
        return (
            below(-self.percent, self.band)
            if self.direction == "down"
            else at_or_above(self.percent, self.band)
        )

    def clause(self, symbol: str) -> str:
        verb = _VERBS[self.direction]
        return f"{symbol} has {verb} by {percent(self.percent)} or more within {SPAN_WORDS[self.window]}"

    def told(self, symbol: str, reading: Reading) -> str:
        change = reading.detail.get("change_percent", reading.value)
        verb = "rose" if change > 0 else "fell"
        to = f" to {number(reading.detail['price'])} USD" if "price" in reading.detail else ""
        return f"{symbol} {verb} by {percent(abs(change))} within {SPAN_WORDS[self.window]}{to}."

    def back(self) -> str:
        return f"the change was less than {percent(self.percent - self.band)}"


def change_percent(price: float, before: float) -> float:
    """From `before` to `price`: 5.0 is +5 %."""
    return (price / before - 1) * 100
