"""A market made of numbers: tokens with random walks of candles, written in bulk. Enter a `Scratch` first."""

from datetime import datetime, timedelta

import numpy as np
from django.db import connection

from markets.candles.series import CandleSeries
from markets.models import LatestQuote, Token
from markets.services.bulk import insert_missing
from markets.services.candle_storage import NewCandles, store_candles

HOUR, QUARTER = 3600, 900
CONTEXT = ("bitcoin", "ethereum", "solana")
PER_STATEMENT = 20_000
"""Candles in one statement: more only costs memory."""


def make_tokens(count: int) -> list[Token]:
    """Only these are followed; the first three are what others are measured against."""
    Token.objects.update(active=False)
    Token.objects.filter(coingecko_id__in=CONTEXT[:count]).update(active=True)
    made = [_token(number) for number in range(count - len(CONTEXT))]
    Token.objects.bulk_create(made)
    tokens = list(Token.objects.active().by_rank())
    assert len(tokens) == count
    return tokens


def _token(number: int) -> Token:
    name = f"BENCH{number}"
    return Token(
        coingecko_id=name.lower(),
        symbol=name,
        name=name.title(),
        rank=1000 + number,
        binance_symbol=f"{name}USDT",
    )


def make_candles(tokens: list[Token], end: datetime, *, days: int, quarter_days: int) -> int:
    """Hours and quarter hours that agree at each full hour, the last of them closing at `end`; gives how many."""
    waiting: list[NewCandles] = []
    made = 0
    for number, token in enumerate(tokens):
        closes = _walk(number, days * 96 + 1)
        for interval, prices in (
            (QUARTER, closes[-quarter_days * 96 - 1 :]),
            (HOUR, closes[::-1][::4][::-1]),
        ):
            waiting.append(NewCandles(token, interval, _series(prices, interval, end)))
            made += len(prices) - 1
        if sum(len(new.series) for new in waiting) > PER_STATEMENT:
            store_candles(waiting, provider="binance")
            waiting = []
    store_candles(waiting, provider="binance")
    return made


def _walk(seed: int, steps: int) -> np.ndarray:
    """Prices with volatility that comes and goes."""
    random = np.random.default_rng(seed)
    calm = 0.002 * np.exp(0.5 * np.sin(np.arange(steps) / 300 + seed))
    return np.asarray(100.0 * np.exp(np.cumsum(random.standard_t(4, steps) * calm / 1.4)))


def _series(prices: np.ndarray, interval: int, end: datetime) -> CandleSeries:
    opens, closes = prices[:-1], prices[1:]
    times = int(end.timestamp()) - interval * np.arange(len(closes), 0, -1)
    high, low = np.maximum(opens, closes) * 1.001, np.minimum(opens, closes) * 0.999
    return CandleSeries(times.astype(np.int64), opens, high, low, closes, 1e6 * (high - low) / low)


def make_quotes(tokens: list[Token], at: datetime) -> None:
    names = ["token", "observed_at", "fetched_at", "source", "price_usd", "market_cap", "volume_24h"]
    names += ["change_percentage_1h", "change_percentage_24h", "change_percentage_7d"]
    names += ["market_observed_at", "market_source", "market_price_usd", "kept_at"]
    rows = [
        [
            token.pk,
            at - timedelta(seconds=30),
            at,
            "simulated",
            1.0 + token.pk,
            1e9 / token.pk,
            1e7,
            0.5,
            -1.5,
            3.0,
            at - timedelta(seconds=30),
            "simulated",
            1.0 + token.pk,
            at - timedelta(seconds=30),
        ]
        for token in tokens
    ]
    insert_missing(LatestQuote, names, rows)


def analyse() -> None:
    """As the database's own upkeep would have done by the time that so much is stored."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
