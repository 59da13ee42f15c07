"""The definitions in plain words, with the numbers that the code works by: none of them is written here or there."""

import math
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.lib.clock import market_now
from core.templatetags.khalsi import span_text
from markets.freshness import QUOTE_LIMIT
from predictions import horizons
from predictions.engines import climatology
from predictions.evaluation import calibration, coverage, scores, skill
from predictions.features import levels, regimes, scale
from predictions.horizons import DAY, HOUR, Timeframe
from predictions.models import EngineVersion
from predictions.selectors.engines import engine_versions, published_version, speaking
from predictions.selectors.summary import HIGH_CONFIDENCE
from predictions.services import instants, scoring
from predictions.services.abstaining import MEANINGS

EXAMPLE_SCALE = 0.006
"""A mean absolute hourly return of 0.6 %: a token of middling calm, to show how wide bands are."""


@dataclass(frozen=True)
class Defined:
    """One timeframe with all that follows from its definition."""

    timeframe: Timeframe
    publisher: EngineVersion | None

    @property
    def example_percent(self) -> float:
        """Half-width of sideways for a token of the example's scale."""
        return float(horizons.band(self.timeframe, EXAMPLE_SCALE)) * 100

    @property
    def made_every(self) -> str:
        return span_text(self.timeframe.stored_every)

    @property
    def counts_every(self) -> str:
        return span_text(self.timeframe.counts_every)

    @property
    def block(self) -> str:
        return f"{self.timeframe.block_seconds // DAY} d"

    @property
    def half_life(self) -> str:
        return span_text(climatology.HALF_LIFE_HOURS[self.timeframe.name] * HOUR)


def definitions(request: HttpRequest) -> HttpResponse:
    return render(request, "predictions/definitions.html", numbers())


def numbers() -> dict[str, object]:
    """Everything that the page says in figures."""
    versions = speaking(engine_versions(retired=False), market_now())
    return {
        "definitions": horizons.DEFINITIONS,
        "timeframes": [Defined(one, published_version(versions, one.name)) for one in horizons.TIMEFRAMES],
        "unproven": [one.name for one in horizons.TIMEFRAMES if one.name in horizons.DIRECTION_UNPROVEN],
        "normal": scale.NORMAL,
        "scale_days": scale.SCALE_HOURS // 24,
        "least_days": scale.LEAST_HOURS // 24,
        "band_floor": horizons.BAND_FLOOR * 100,
        "example_scale": EXAMPLE_SCALE,
        "least_probability": horizons.LEAST_PROBABILITY,
        "most_probability": horizons.MOST_PROBABILITY,
        "high_confidence": HIGH_CONFIDENCE,
        "trend_points": horizons.TREND_LEAST / 100,
        "lead_points": horizons.SIDEWAYS_LEAD / 100,
        "baseline_days": climatology.DAYS,
        "baseline_weight": climatology.SHRINK,
        "wanted": coverage.WANTED,
        "risk_low": horizons.RISK_LOW,
        "risk_high": horizons.RISK_HIGH,
        "level_days": levels.LEVEL_HOURS // 24,
        "nearest": levels.NEAREST,
        "floor": scores.FLOOR,
        "uniform": math.log(len(horizons.CLASS_NAMES)),
        "uniform_brier": 1 - 1 / len(horizons.CLASS_NAMES),
        "bins": calibration.BINS,
        "fewest_blocks": skill.FEWEST_BLOCKS,
        "usual_interval": skill.USUAL,
        "late_after": int(instants.LATE_AFTER.total_seconds()),
        "void_after": span_text(scoring.GAP_FILLING.total_seconds()),
        "silences": MEANINGS,
        "calm": math.exp(regimes.CALM_BELOW),
        "wild": math.exp(regimes.WILD_ABOVE),
        "quote_minutes": int(QUOTE_LIMIT.total_seconds() // 60),
    }
