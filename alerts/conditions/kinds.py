"""Every kind of alert with its condition."""

import math

from alerts.conditions.base import PORTFOLIOS, Condition, Params
from alerts.conditions.change import PriceChange
from alerts.conditions.forecast import (
    ForecastConfidence,
    ForecastFlip,
    ForecastNew,
    ForecastProbability,
)
from alerts.conditions.indicator import MovingAverage, Rsi
from alerts.conditions.portfolio import DrawdownSinceSet, PortfolioAbove, PortfolioBelow, PortfolioCrossing
from alerts.conditions.price import PriceAbove, PriceBelow, PriceCrossing
from alerts.conditions.staleness import SourceStale
from alerts.conditions.volume import VolumeSpike
from core.lib.errors import BadInput

_KINDS: dict[str, type[Condition]] = {
    "price_above": PriceAbove,
    "price_below": PriceBelow,
    "price_crossing": PriceCrossing,
    "price_change": PriceChange,
    "volume_spike": VolumeSpike,
    "forecast_probability": ForecastProbability,
    "forecast_confidence": ForecastConfidence,
    "forecast_flip": ForecastFlip,
    "forecast_new": ForecastNew,
    "rsi": Rsi,
    "moving_average": MovingAverage,
    "source_stale": SourceStale,
    "portfolio_above": PortfolioAbove,
    "portfolio_below": PortfolioBelow,
    "portfolio_crossing": PortfolioCrossing,
    "portfolio_drawdown": DrawdownSinceSet,
}
KINDS = tuple(_KINDS)
OF_PORTFOLIOS = frozenset(kind for kind, condition in _KINDS.items() if condition.feed == PORTFOLIOS)
"""Kinds that look at a portfolio; all others look at a token."""
_MOST_HYSTERESIS = {
    "price_above": 50.0,
    "price_below": 50.0,
    "price_crossing": 50.0,
    "price_change": 50.0,
    "volume_spike": 50.0,
    "forecast_probability": 0.5,
    "forecast_confidence": 0.5,
    "rsi": 50.0,
    "moving_average": 50.0,
    "portfolio_above": 50.0,
    "portfolio_below": 50.0,
    "portfolio_crossing": 50.0,
    "portfolio_drawdown": 50.0,
}


def condition_for(kind: str, params: Params, hysteresis: float = 0.0) -> Condition:
    """Raises BadInput, naming each parameter at fault.

    `hysteresis` is how far a reading must go back before it counts again: for prices in percent of the level, else in
    the unit of the level itself.
    """
    condition = _KINDS[kind].read(params, hysteresis)
    most = _MOST_HYSTERESIS.get(kind, 0.0)
    if not (math.isfinite(hysteresis) and 0 <= hysteresis <= most):
        because = f"Write a number from 0 to {most:g}." if most else "This kind has none; leave it out."
        raise BadInput.at("hysteresis", because)
    return condition
