"""One token whole: who it is, its market, and its newest forecast of every timeframe."""

from datetime import datetime
from typing import Any

from core.lib.clock import iso
from markets.freshness import quote_freshness
from markets.models import LatestQuote, Token
from markets.selectors.latest import latest_quotes
from markets.selectors.tokens import namesakes
from predictions.horizons import TIMEFRAMES
from predictions.selectors.forecasts import latest_forecasts
from predictions.selectors.replies import Reply, next_change
from predictions.selectors.shown import forecast_shown

_QUOTE_FIELDS = {
    "market_cap": "market_cap",
    "fully_diluted_valuation": "fully_diluted_valuation",
    "volume_24h": "volume_24h",
    "high_24h": "high_24h",
    "low_24h": "low_24h",
    "price_change_24h": "change_24h",
    "price_change_percentage_1h": "change_percentage_1h",
    "price_change_percentage_24h": "change_percentage_24h",
    "price_change_percentage_7d": "change_percentage_7d",
    "price_change_percentage_30d": "change_percentage_30d",
    "market_cap_change_24h": "market_cap_change_24h",
    "market_cap_change_percentage_24h": "market_cap_change_percentage_24h",
    "circulating_supply": "circulating_supply",
    "total_supply": "total_supply",
    "max_supply": "max_supply",
    "ath": "ath",
    "ath_change_percentage": "ath_change_percentage",
    "ath_date": "ath_date",
    "atl": "atl",
    "atl_change_percentage": "atl_change_percentage",
    "atl_date": "atl_date",
}
"""The contract's word and ours."""


def token_reply(token: Token, now: datetime) -> Reply:
    """What is unknown is null. `stale_after` is when the next of its forecasts expires."""
    quote = latest_quotes([token.pk]).get(token.pk)
    latest = latest_forecasts([timeframe.name for timeframe in TIMEFRAMES], [token.pk])
    data = {**_identity(token), **_market(token, quote), **_observed(quote, now)}
    data["predictions"] = {
        timeframe.name: forecast_shown(found, now)
        if (found := latest.get((token.pk, timeframe.name)))
        else None
        for timeframe in TIMEFRAMES
    }
    return Reply(data, next_change(list(latest.values()), now))


def _identity(token: Token) -> dict[str, Any]:
    return {
        "id": token.coingecko_id,
        "symbol": token.symbol,
        "name": token.name,
        "mint": token.mint or None,
        "category": token.category,
        "solana": token.solana,
        "image": token.image_url or None,
        "description": token.description or None,
        "links": token.links,
        "others_with_symbol": [other.coingecko_id for other in namesakes(token)],
        "social": {"score": None, "mentions": None},
    }


def _market(token: Token, quote: LatestQuote | None) -> dict[str, Any]:
    fields = {name: quote and getattr(quote, own) for name, own in _QUOTE_FIELDS.items()}
    return {"market_cap_rank": token.rank, "price_usd": quote and quote.price_usd, **fields}


def _observed(quote: LatestQuote | None, now: datetime) -> dict[str, Any]:
    return {
        "observed_at": quote and iso(quote.observed_at),
        "last_updated": quote and iso(quote.fetched_at),
        "market_observed_at": quote and quote.market_observed_at and iso(quote.market_observed_at),
        "market_source": (quote and quote.market_source) or None,
        "source": quote and quote.source,
        "freshness": quote_freshness(quote.observed_at if quote else None, now),
    }
