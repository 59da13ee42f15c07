"""The forecasts of one timeframe for all followed tokens, and what they add up to."""

from datetime import datetime
from typing import Any, TypedDict

from core.lib.clock import iso
from markets.freshness import quote_freshness
from markets.models import LatestQuote, Token
from markets.selectors.latest import market_table, quote_of
from predictions.models import Forecast
from predictions.selectors import shown
from predictions.selectors.forecasts import latest_forecasts

HIGH_CONFIDENCE = 0.5


class Totals(TypedDict):
    total_tokens: int
    bullish_predictions: int
    bearish_predictions: int
    sideways_predictions: int
    high_confidence_predictions: int
    average_confidence: float | None


class Summary(TypedDict):
    """Each row holds its numbers below `prediction_<timeframe>`, a name no type can spell out."""

    predictions: list[dict[str, Any]]
    summary: Totals
    timeframe: str


def summary(timeframe: str, now: datetime, category: str | None = None) -> Summary:
    """Tokens by rank; one that has no forecast of this timeframe is left out."""
    tokens = market_table(category)
    forecasts = latest_forecasts([timeframe])
    pairs = [
        (token, forecasts[token.pk, timeframe]) for token in tokens if (token.pk, timeframe) in forecasts
    ]
    return {
        "predictions": [_row(token, forecast, now) for token, forecast in pairs],
        "summary": totals([forecast for _, forecast in pairs]),
        "timeframe": timeframe,
    }


def totals(forecasts: list[Forecast]) -> Totals:
    """A forecast without a trend counts in no class; averages of nothing are None."""
    trends = [shown.trend(forecast) for forecast in forecasts]
    confidences = [shown.confidence(forecast) for forecast in forecasts]
    return {
        "total_tokens": len(forecasts),
        "bullish_predictions": trends.count("bullish"),
        "bearish_predictions": trends.count("bearish"),
        "sideways_predictions": trends.count("sideways"),
        "high_confidence_predictions": sum(confidence >= HIGH_CONFIDENCE for confidence in confidences),
        "average_confidence": average(confidences),
    }


def average(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None


def _row(token: Token, forecast: Forecast, now: datetime) -> dict[str, Any]:
    quote = quote_of(token)
    return {
        "id": token.coingecko_id,
        "symbol": token.symbol,
        "name": token.name,
        "current_price": quote and quote.price_usd,
        "quote": quote and _observed(quote, now),
        f"prediction_{forecast.timeframe}": {
            **shown.probabilities(forecast),
            "confidence": shown.confidence(forecast),
            "trend": shown.trend(forecast),
        },
        "baseline": shown.baseline(forecast),
        "risk_level": forecast.risk_level,
        "category": token.category,
        "last_updated": iso(quote.observed_at if quote else forecast.as_of),
        "expires_at": iso(forecast.expires_at),
        "fallback": forecast.fallback,
        "observed_at": iso(forecast.as_of),
        "source": forecast.source,
        "freshness": shown.freshness(forecast, now),
    }


def _observed(quote: LatestQuote, now: datetime) -> dict[str, str]:
    """Of the price, which has another source and grows stale by itself; the row's own are the forecast's."""
    return {
        "observed_at": iso(quote.observed_at),
        "source": quote.source,
        "freshness": quote_freshness(quote.observed_at, now),
    }
