"""Tokens, quotes and candles, from what matters alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.conf import settings

from markets.models import Candle, LatestQuote, Quote, Token

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_NUMBERS = count(1)


def a_token(symbol: str = "SOL", coingecko_id: str | None = None, **fields: Any) -> Token:
    """A followed token; each has an id of its own, and a Binance pair unless told otherwise."""
    fields.setdefault("binance_symbol", f"{symbol}USDT")
    fields.setdefault("name", symbol.title())
    fields.setdefault("category", Token.Category.INFRASTRUCTURE)
    coingecko_id = coingecko_id or f"{symbol.lower()}-{next(_NUMBERS)}"
    return Token.objects.create(symbol=symbol, coingecko_id=coingecko_id, **fields)


def a_quote(token: Token, price: float = 100.0, at: datetime = NOON, **fields: Any) -> LatestQuote:
    """The token's latest quote as a poll brought it, and its row of history."""
    source = settings.MARKET.stamp("coingecko")
    kept = {name: fields.get(name) for name in ("market_cap", "volume_24h", "change_percentage_24h")}
    Quote.objects.create(token=token, observed_at=at, fetched_at=at, price_usd=price, source=source, **kept)
    values = {"observed_at": at, "fetched_at": at, "price_usd": price, "source": source, "streamed": False}
    values |= {"market_observed_at": at, "market_source": source, "market_price_usd": price, "kept_at": at}
    values |= fields
    return LatestQuote.objects.update_or_create(token=token, defaults=values)[0]


def candles(
    token: Token,
    interval: int,
    closes: Sequence[float | None],
    end: datetime = NOON,
    *,
    points: bool = False,
    volume: float = 1000.0,
) -> list[Candle]:
    """One candle for each close, the last of them closing at `end`; None leaves a hole."""
    provider = "coingecko-points" if points else "binance"
    start = end - timedelta(seconds=interval * len(closes))
    made = [
        _candle(token, interval, start + timedelta(seconds=interval * place), close, points, volume, provider)
        for place, close in enumerate(closes)
        if close is not None
    ]
    Candle.objects.bulk_create(made, batch_size=2000)
    Token.objects.filter(pk=token.pk).update(candle_source=provider, candles_from=start)
    token.candle_source, token.candles_from = provider, start
    return made


def _candle(
    token: Token, interval: int, at: datetime, close: float, points: bool, volume: float, provider: str
) -> Candle:
    bar = (None, None, None, None) if points else (close, close * 1.01, close * 0.99, volume)
    return Candle(
        token=token,
        interval=interval,
        open_time=at,
        open=bar[0],
        high=bar[1],
        low=bar[2],
        close=close,
        volume=bar[3],
        source=settings.MARKET.stamp(provider),
    )
