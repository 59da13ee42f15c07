"""The registry with latest market data and forecasts: filtered, ordered, one page at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.lib.clock import iso
from markets.freshness import quote_freshness
from markets.models import LatestQuote, Token
from markets.selectors.latest import market_table, quote_of
from predictions.models import Forecast
from predictions.selectors import shown
from predictions.selectors.forecasts import latest_forecasts


@dataclass(frozen=True)
class Row:
    """One token with what is known of it now; either may be absent."""

    token: Token
    quote: LatestQuote | None
    forecast: Forecast | None


Reader = Callable[[Row], float | None]


def _of_quote(name: str) -> Reader:
    return lambda row: getattr(row.quote, name) if row.quote else None


def _of_forecast(read: Callable[[Forecast], float]) -> Reader:
    return lambda row: read(row.forecast) if row.forecast else None


FIGURES: dict[str, Reader] = {
    "price": _of_quote("price_usd"),
    "change": _of_quote("change_percentage_24h"),
    "volume": _of_quote("volume_24h"),
    "market_cap": _of_quote("market_cap"),
    "probability_up": _of_forecast(lambda forecast: forecast.up / 10_000),
    "probability_down": _of_forecast(lambda forecast: forecast.down / 10_000),
    "probability_sideways": _of_forecast(lambda forecast: forecast.sideways / 10_000),
    "confidence": _of_forecast(shown.confidence),
}
"""What may be filtered by range (`min_price`, `max_price`, …) and ordered by."""

ORDERINGS = ("rank", "symbol", "name", *FIGURES)


@dataclass(frozen=True)
class Screen:
    """What is wanted. `least` and `most` are bounds, ends included; a figure that is unknown lies within no
    bounds.
    """

    timeframe: str = "1h"
    category: str | None = None
    search: str | None = None
    risk: str | None = None
    least: dict[str, float] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    ordering: str = "rank"


def screen(wanted: Screen) -> list[Row]:
    """The rows that pass, in order; unknown figures come last either way."""
    rows = [row for row in _rows(wanted) if _passes(row, wanted)]
    if wanted.ordering == "rank":
        return sorted(rows, key=_place)
    name, backwards = wanted.ordering.removeprefix("-"), wanted.ordering.startswith("-")
    known = [row for row in rows if _key(name, row) is not None]
    unknown = [row for row in rows if _key(name, row) is None]
    return sorted(known, key=lambda row: _key(name, row), reverse=backwards) + unknown


def row_shown(row: Row, timeframe: str, now: datetime) -> dict[str, Any]:
    """A row as the contract words it. What is unknown is null."""
    token, quote = row.token, row.quote
    return {
        "id": token.coingecko_id,
        "symbol": token.symbol,
        "name": token.name,
        "category": token.category,
        "solana": token.solana,
        "image": token.image_url or None,
        "market_cap_rank": token.rank,
        "current_price": quote and quote.price_usd,
        "market_cap": quote and quote.market_cap,
        "total_volume": quote and quote.volume_24h,
        "price_change_percentage_1h": quote and quote.change_percentage_1h,
        "price_change_percentage_24h": quote and quote.change_percentage_24h,
        "price_change_percentage_7d": quote and quote.change_percentage_7d,
        "timeframe": timeframe,
        "prediction": _forecast_shown(row.forecast, now),
        "risk_level": row.forecast and row.forecast.risk_level,
        "observed_at": quote and iso(quote.observed_at),
        "source": quote and quote.source,
        "freshness": quote_freshness(quote.observed_at if quote else None, now),
    }


def _rows(wanted: Screen) -> list[Row]:
    tokens, name = market_table(wanted.category), wanted.timeframe
    forecasts = latest_forecasts([name])
    return [Row(token, quote_of(token), forecasts.get((token.pk, name))) for token in tokens]


def _passes(row: Row, wanted: Screen) -> bool:
    if wanted.search and not _matches(row.token, wanted.search.casefold()):
        return False
    if wanted.risk and (row.forecast is None or row.forecast.risk_level != wanted.risk):
        return False
    return all(_within(row, name, wanted) for name in {*wanted.least, *wanted.most})


def _matches(token: Token, text: str) -> bool:
    return (
        any(text in word.casefold() for word in (token.symbol, token.name, token.coingecko_id))
        or text == token.mint.casefold()
    )


def _within(row: Row, name: str, wanted: Screen) -> bool:
    value = FIGURES[name](row)
    if value is None:
        return False
    return wanted.least.get(name, value) <= value <= wanted.most.get(name, value)


def _key(name: str, row: Row) -> Any:
    if name in FIGURES:
        return FIGURES[name](row)
    return row.token.rank if name == "rank" else getattr(row.token, name).casefold()


def _place(row: Row) -> tuple[Any, ...]:
    """By rank; where nobody knows ranks (a replay), what is traded most first and what has no price last."""
    volume = row.quote.volume_24h if row.quote else None
    return (row.token.rank is None, row.token.rank or 0, row.quote is None, volume is None, -(volume or 0.0))


def _forecast_shown(forecast: Forecast | None, now: datetime) -> dict[str, Any] | None:
    if forecast is None:
        return None
    return {
        **shown.probabilities(forecast),
        "confidence": shown.confidence(forecast),
        "trend": shown.trend(forecast),
        "baseline": shown.baseline(forecast),
        "observed_at": iso(forecast.as_of),
        "expires_at": iso(forecast.expires_at),
        "source": forecast.source,
        "freshness": shown.freshness(forecast, now),
    }
