"""What a reply says, from what a selector found. Absent is null; nothing is rounded, filled or guessed."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.lib.clock import from_seconds, iso
from markets.freshness import quote_freshness, trending_freshness
from markets.models import LatestQuote, TrendingToken
from markets.selectors.history import Candles, History
from markets.selectors.solana import SolanaMarket
from markets.selectors.sources import SourceReport, StreamReport
from markets.selectors.trending import Trending


def solana_shown(found: SolanaMarket, now: datetime) -> dict[str, Any]:
    quote = found.quote
    return {
        "symbol": found.token.symbol,
        "name": found.token.name,
        "price_usd": quote.price_usd,
        "price_btc": found.price_btc,
        "volume_24h": quote.volume_24h,
        "market_cap": quote.market_cap,
        "price_change_24h": quote.change_24h,
        "price_change_percentage_24h": quote.change_percentage_24h,
        "circulating_supply": quote.circulating_supply,
        "total_supply": quote.total_supply,
        "max_supply": quote.max_supply,
        "sparkline_data": found.sparkline,
        "last_updated": iso(quote.observed_at),
        "market_observed_at": _moment(quote.market_observed_at),
        "market_source": quote.market_source or None,
        **_quoted(quote, now),
    }


def trending_shown(found: Trending, now: datetime) -> dict[str, Any]:
    return {
        "tokens": [_place_shown(place, now) for place in found.places],
        "meta": {
            "total_count": found.total,
            "timestamp": _moment(found.observed_at),
            "observed_at": _moment(found.observed_at),
            "source": found.source or None,
            "freshness": trending_freshness(found.observed_at, now),
        },
    }


def _place_shown(place: TrendingToken, now: datetime) -> dict[str, Any]:
    """A followed token's own quote; what the snapshot says of the others."""
    quote: LatestQuote | None = getattr(place.token, "latest", None)
    return {
        "id": place.coingecko_id,
        "symbol": place.symbol,
        "name": place.name,
        "current_price": quote.price_usd if quote else place.price_usd,
        "market_cap_rank": quote.market_cap_rank if quote else place.market_cap_rank,
        "market_cap": quote.market_cap if quote else None,
        "total_volume": quote.volume_24h if quote else None,
        "price_change_percentage_24h": quote.change_percentage_24h if quote else place.change_percentage_24h,
        "social_score": None,
        "category": place.token.category if place.token else None,
        **(_quoted(quote, now) if quote else _snapped(place, now)),
    }


def candles_shown(found: Candles) -> list[dict[str, Any]]:
    series = found.series
    times = [iso(from_seconds(int(opened))) for opened in series.open_times]
    columns = [
        _nullable(column) for column in (series.open, series.high, series.low, series.close, series.volume)
    ]
    names = ("time", "open", "high", "low", "close", "volume")
    return [dict(zip(names, row, strict=True)) for row in zip(times, *columns, strict=True)]


def history_shown(found: History) -> dict[str, Any]:
    return {
        "symbol": found.token.symbol,
        "id": found.token.coingecko_id,
        "prices": found.prices,
        "volumes": found.volumes,
        "market_caps": found.market_caps,
        "observed_at": iso(found.observed_at),
        "source": found.source,
        "freshness": found.freshness,
    }


def source_shown(report: SourceReport) -> dict[str, Any]:
    """No message of an error: those are for staff."""
    return {
        "name": report.name,
        "state": report.state,
        "failures": report.failures,
        "last_success_at": _moment(report.last_success_at),
        "last_error_at": _moment(report.last_error_at),
        "last_error_class": report.last_error_class or None,
        "retry_at": _moment(report.retry_at),
        "refused": report.refused,
        "requests_left": report.requests_left,
        "observed_at": _moment(report.data_observed_at),
        "source": report.source,
        "freshness": report.freshness,
        "stream": _stream(report.stream) if report.stream else None,
    }


def _stream(report: StreamReport) -> dict[str, Any]:
    return {
        "state": report.state,
        "since": _moment(report.since),
        "last_message_at": _moment(report.last_message_at),
        "reconnects": report.reconnects,
        "refused": report.refused,
    }


def _quoted(quote: LatestQuote, now: datetime) -> dict[str, str]:
    return {
        "observed_at": iso(quote.observed_at),
        "source": quote.source,
        "freshness": quote_freshness(quote.observed_at, now),
    }


def _snapped(place: TrendingToken, now: datetime) -> dict[str, str]:
    return {
        "observed_at": iso(place.observed_at),
        "source": place.source,
        "freshness": trending_freshness(place.observed_at, now),
    }


def _moment(value: datetime | None) -> str | None:
    return iso(value) if value else None


def _nullable(column: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in column.tolist()]
