"""A forecast as pages show it: the favoured class in words, always with the baseline beside it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString, mark_safe

from core.drawing.bars import Chances
from core.drawing.fan import Range, range_strip
from predictions import horizons
from predictions.models import Forecast
from predictions.selectors import shown

ARROWS = {"up": "▲", "down": "▼", "sideways": "◆"}
SPANS = {
    "15m": "15 minutes",
    "1h": "1 hour",
    "4h": "4 hours",
    "1d": "1 day",
    "7d": "7 days",
    "14d": "14 days",
    "30d": "30 days",
}
_WORDS = ((0.50, "high"), (0.44, "clear"), (0.38, "modest"), (0.0, "slight"))
"""Confidence is low by nature (0.34 to 0.56 for nearly every forecast), so the words are for that range."""


def confidence_word(confidence: float) -> str:
    return next(word for least, word in _WORDS if confidence >= least)


@dataclass(frozen=True)
class Said:
    """One published forecast, as of `now`."""

    forecast: Forecast
    now: datetime

    @property
    def chances(self) -> Chances:
        said = self.forecast
        return Chances(said.down / 10_000, said.sideways / 10_000, said.up / 10_000)

    @property
    def baseline(self) -> Chances:
        said = self.forecast
        return Chances(
            said.baseline_down / 10_000, said.baseline_sideways / 10_000, said.baseline_up / 10_000
        )

    @property
    def favoured(self) -> str:
        return shown.favoured(self.forecast)

    @property
    def arrow(self) -> str:
        return ARROWS[self.favoured]

    @property
    def confidence(self) -> float:
        return shown.confidence(self.forecast)

    @property
    def baseline_here(self) -> float:
        """What the baseline gives the favoured class."""
        return float(getattr(self.baseline, self.favoured))

    @property
    def edge(self) -> float:
        return self.confidence - self.baseline_here

    @property
    def word(self) -> str:
        return confidence_word(self.confidence)

    @property
    def trend(self) -> str | None:
        return shown.trend(self.forecast)

    @property
    def direction_known(self) -> bool:
        """Whether any engine has shown to know up from down this far ahead."""
        return self.forecast.timeframe not in horizons.DIRECTION_UNPROVEN

    @property
    def colour(self) -> str:
        """The favoured class's, but neutral where a direction means nothing."""
        return self.favoured if self.direction_known else "sideways"

    @property
    def freshness(self) -> str:
        return shown.freshness(self.forecast, self.now)

    @property
    def span(self) -> str:
        return SPANS[self.forecast.timeframe]

    @property
    def is_baseline(self) -> bool:
        return self.forecast.engine_version.role == "baseline"

    @property
    def moves(self) -> dict[str, float]:
        """The ends of the range as changes in percent of the reference price."""
        reference = self.forecast.reference_price
        return {name: (getattr(self.forecast, name) / reference - 1) * 100 for name in ("p10", "p50", "p90")}

    @property
    def band_percent(self) -> float:
        return self.forecast.sideways_band * 100

    @property
    def strip(self) -> SafeString:
        said = self.forecast
        spread = Range(said.reference_price, said.p10, said.p50, said.p90, said.sideways_band)
        told = (
            f"p10 {said.p10:g}, p50 {said.p50:g}, p90 {said.p90:g}, reference {said.reference_price:g} USD."
        )
        drawn = range_strip(spread, title=f"Range in {self.span}", description=told)
        return mark_safe(drawn)  # noqa: S308  # core.drawing escapes every text and attribute


def row_of(forecast: Forecast | None, now: datetime) -> Said | None:
    return None if forecast is None else Said(forecast, now)
