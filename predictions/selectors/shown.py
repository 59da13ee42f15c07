"""A forecast as the contract words it. API, ready bytes, live feed and pages all show this one shape."""

from datetime import datetime
from typing import Literal, TypedDict

from core.lib.clock import iso
from predictions import horizons
from predictions.engines import ensemble
from predictions.models import EngineVersion, Forecast, Outcome

CLASSES = horizons.CLASS_NAMES
Freshness = Literal["live", "stale"]


class Probabilities(TypedDict):
    probability_up: float
    probability_down: float
    probability_sideways: float


class PriceTarget(TypedDict):
    current: float
    upside: float
    downside: float


class PriceRange(TypedDict):
    p10: float
    p50: float
    p90: float


class Levels(TypedDict):
    support_levels: list[float]
    resistance_levels: list[float]


class Methodology(TypedDict):
    indicators_used: list[str]
    weighting: dict[str, float]
    model: str
    model_version: str


OutcomeShown = TypedDict(  # written as a call, since `class` is a reserved word
    "OutcomeShown",
    {
        "class": str | None,
        "price": float | None,
        "log_return": float | None,
        "log_score": float | None,
        "brier": float | None,
        "void": bool,
        "void_reason": str,
        "resolved_at": str,
    },
)


class ForecastShown(Probabilities):
    id: int
    symbol: str
    coingecko_id: str
    timeframe: str
    confidence_level: float
    trend: str | None
    baseline: Probabilities
    sideways_band: float
    reference_price: float
    price_target: PriceTarget
    price_range: PriceRange
    support_resistance: Levels
    risk_level: str
    methodology: Methodology
    models_used: list[str]
    definitions: int
    late: bool
    fallback: bool
    timestamp: str
    observed_at: str
    expires_at: str
    matures_at: str
    source: str
    freshness: Freshness
    outcome: OutcomeShown | None


def is_stale(forecast: Forecast, now: datetime) -> bool:
    return now > forecast.expires_at


def freshness(forecast: Forecast, now: datetime) -> Freshness:
    return "stale" if is_stale(forecast, now) else "live"


def confidence(forecast: Forecast) -> float:
    """The probability of the favoured class, and nothing else."""
    return max(forecast.up, forecast.down, forecast.sideways) / 10_000


def favoured(forecast: Forecast) -> str:
    """Among equals the first of up, down and sideways, as in scoring."""
    return max(CLASSES, key=lambda name: int(getattr(forecast, name)))


def verdict(forecast: Forecast) -> str:
    """What became of it: hit, miss, void, or still open."""
    outcome: Outcome | None = getattr(forecast, "outcome", None)
    if outcome is None:
        return "open"
    if outcome.void or outcome.outcome_class is None:
        return "void"
    return "hit" if CLASSES[outcome.outcome_class] == favoured(forecast) else "miss"


def trend(forecast: Forecast) -> str | None:
    return horizons.trend(forecast.up, forecast.down, forecast.sideways, forecast.timeframe)


def probabilities(forecast: Forecast) -> Probabilities:
    return _probabilities(forecast.up, forecast.down, forecast.sideways)


def baseline(forecast: Forecast) -> Probabilities:
    return _probabilities(forecast.baseline_up, forecast.baseline_down, forecast.baseline_sideways)


def forecast_shown(forecast: Forecast, now: datetime) -> ForecastShown:
    """`token` and `engine_version` (and `outcome`, where wanted) should have been selected with it."""
    version = forecast.engine_version
    return {
        "id": forecast.pk,
        "symbol": forecast.token.symbol,
        "coingecko_id": forecast.token.coingecko_id,
        "timeframe": forecast.timeframe,
        **probabilities(forecast),
        "confidence_level": confidence(forecast),
        "trend": trend(forecast),
        "baseline": baseline(forecast),
        "sideways_band": forecast.sideways_band,
        "reference_price": forecast.reference_price,
        "price_target": {
            "current": forecast.reference_price,
            "upside": forecast.p90,
            "downside": forecast.p10,
        },
        "price_range": {"p10": forecast.p10, "p50": forecast.p50, "p90": forecast.p90},
        "support_resistance": {"support_levels": forecast.support, "resistance_levels": forecast.resistance},
        "risk_level": forecast.risk_level,
        "methodology": _methodology(version),
        "models_used": list(_weighting(version)),
        "definitions": forecast.definitions,
        "late": forecast.late,
        "fallback": forecast.fallback,
        "timestamp": iso(forecast.made_at),
        "observed_at": iso(forecast.as_of),
        "expires_at": iso(forecast.expires_at),
        "matures_at": iso(forecast.matures_at),
        "source": forecast.source,
        "freshness": freshness(forecast, now),
        "outcome": _outcome(getattr(forecast, "outcome", None)),
    }


def _probabilities(up: int, down: int, sideways: int) -> Probabilities:
    return {
        "probability_up": up / 10_000,
        "probability_down": down / 10_000,
        "probability_sideways": sideways / 10_000,
    }


def _methodology(version: EngineVersion) -> Methodology:
    return {
        "indicators_used": version.features,
        "weighting": _weighting(version),
        "model": version.engine,
        "model_version": version.version,
    }


def _weighting(version: EngineVersion) -> dict[str, float]:
    if version.engine == ensemble.ENGINE:
        return ensemble.weighting(horizons.by_name[version.timeframe])
    return {version.engine: 1.0}


def _outcome(outcome: Outcome | None) -> OutcomeShown | None:
    if outcome is None:
        return None
    named = None if outcome.outcome_class is None else CLASSES[outcome.outcome_class]
    return {
        "class": named,
        "price": outcome.price,
        "log_return": outcome.log_return,
        "log_score": outcome.log_score,
        "brier": outcome.brier,
        "void": outcome.void,
        "void_reason": outcome.void_reason,
        "resolved_at": iso(outcome.resolved_at),
    }
