"""What becomes of quotes when they are stored."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.dispatch import Signal

from markets.events import prices_changed, quotes_stored
from markets.models import LatestQuote, Quote, Token
from markets.providers.base import MarketRecord
from markets.services.quote_storage import StoredQuotes, store_quotes
from tests.make.markets import NOON, a_token, candles

pytestmark = pytest.mark.django_db


@pytest.fixture
def sol() -> Token:
    return a_token("SOL", "solana", rank=7)


def a_record(price: float = 100.0, seconds: int = 0, **fields: Any) -> MarketRecord:
    return MarketRecord("solana", NOON + timedelta(seconds=seconds), price, **fields)


def stored(*records: MarketRecord) -> StoredQuotes:
    tokens = {token.coingecko_id: token for token in Token.objects.all()}
    return store_quotes(records, tokens, source="simulated", fetched_at=NOON)


def test_a_quote_is_kept_whole_as_latest_and_short_as_history(sol: Token) -> None:
    stored(a_record(market_cap=5e9, ath=300.0, ath_date=NOON - timedelta(days=9), volume_24h=None))
    latest, history = LatestQuote.objects.get(), Quote.objects.get()
    assert (latest.price_usd, latest.market_cap, latest.ath, latest.volume_24h) == (100.0, 5e9, 300.0, None)
    assert latest.ath_date == NOON - timedelta(days=9)
    assert (history.price_usd, history.observed_at, history.market_cap) == (100.0, NOON, 5e9)


def test_a_newer_quote_replaces_the_latest_and_joins_the_history(sol: Token) -> None:
    stored(a_record(100.0, market_cap=5e9))
    assert stored(a_record(101.0, 60)).token_ids == [sol.pk]
    assert LatestQuote.objects.get().price_usd == 101.0
    assert LatestQuote.objects.get().market_cap is None
    assert Quote.objects.count() == 2


def test_an_older_quote_is_refused(sol: Token) -> None:
    stored(a_record(100.0, 60))
    assert "before the last" in stored(a_record(99.0)).refusals[0].reason
    assert (Quote.objects.count(), LatestQuote.objects.get().price_usd) == (1, 100.0)


def test_the_same_quote_again_is_no_news(sol: Token) -> None:
    stored(a_record())
    again = stored(a_record())
    assert (again.token_ids, again.refusals, again.unchanged) == ([], [], 1)


def test_another_price_for_the_same_instant_is_refused(sol: Token) -> None:
    stored(a_record(100.0))
    assert "same instant" in stored(a_record(100.1)).refusals[0].reason
    assert LatestQuote.objects.get().price_usd == 100.0


@pytest.mark.parametrize("price", [2001.0, 4.9])
def test_a_leap_within_an_hour_is_refused(sol: Token, price: float) -> None:
    stored(a_record(100.0))
    assert "leapt" in stored(a_record(price, 3600)).refusals[0].reason


def test_a_leap_back_to_where_the_candles_are_is_believed(sol: Token) -> None:
    stored(a_record(100_000.0))  # the very first price, a thousand times too high: nothing could tell
    candles(sol, 3600, [100.0, 101.0], end=NOON)
    assert stored(a_record(102.0, 300)).token_ids == [sol.pk]
    assert LatestQuote.objects.get().price_usd == 102.0


@pytest.mark.parametrize(("close", "hours_ago"), [(5.0, 0), (100.0, 4)])
def test_a_leap_that_no_late_candle_vouches_for_is_refused(sol: Token, close: float, hours_ago: int) -> None:
    stored(a_record(5.0))
    candles(sol, 3600, [close], end=NOON - timedelta(hours=hours_ago))
    assert "leapt" in stored(a_record(110.0, 300)).refusals[0].reason


def test_after_a_longer_silence_a_larger_move_is_believed(sol: Token) -> None:
    stored(a_record(100.0))
    assert stored(a_record(2001.0, 2 * 3600)).token_ids == [sol.pk]


def test_rank_and_image_follow_and_are_kept_where_the_source_is_silent(sol: Token) -> None:
    stored(a_record(market_cap_rank=6, image_url="https://example.org/sol.png"))
    stored(a_record(101.0, 60))
    sol.refresh_from_db()
    assert (sol.rank, sol.image_url) == (6, "https://example.org/sol.png")


@pytest.mark.parametrize("event", [quotes_stored, prices_changed])
def test_one_event_after_commit_names_the_tokens(
    sol: Token, event: Signal, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[list[int]] = []

    def hear(token_ids: list[int], **_: Any) -> None:
        heard.append(token_ids)

    event.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            stored(a_record())
            assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            stored(a_record())
    finally:
        event.disconnect(hear)
    assert len(heard) == 1
    assert set(heard[0]) == {sol.pk}


def test_two_hundred_and_fifty_quotes_need_few_statements(django_assert_max_num_queries: Any) -> None:
    Token.objects.bulk_create(Token(coingecko_id=f"t{n}", symbol=f"T{n}", name="T") for n in range(250))
    records = [replace(a_record(), coingecko_id=f"t{n}", market_cap_rank=n + 1) for n in range(250)]
    tokens = {token.coingecko_id: token for token in Token.objects.all()}
    with django_assert_max_num_queries(12 + 250):  # SQLite's executemany counts as one
        store_quotes(records, tokens, source="simulated", fetched_at=NOON)
    assert LatestQuote.objects.count() == 250


@pytest.mark.parametrize("price", [10_000.0, 1.0])
@pytest.mark.parametrize(
    "told",
    [
        {"high_24h": 105.0, "low_24h": 95.0},
        {"market_cap": 1e9, "circulating_supply": 1e7},
        {"high_24h": 105.0, "low_24h": 95.0, "market_cap": 1e9, "circulating_supply": 1e7},
    ],
)
def test_a_first_price_far_from_its_own_row_is_refused(
    sol: Token, price: float, told: dict[str, float]
) -> None:
    assert "first price" in stored(a_record(price, **told)).refusals[0].reason
    assert not LatestQuote.objects.exists()
    assert stored(a_record(100.0, 60, **told)).token_ids == [sol.pk]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"high_24h": 105.0, "low_24h": 95.0},
        {"low_24h": 1.0, "high_24h": 110.0},
        {"market_cap": 0.0, "circulating_supply": 5.0},
    ],
)
def test_a_first_price_that_its_row_does_not_contradict_is_stored(sol: Token, told: dict[str, float]) -> None:
    assert stored(a_record(100.0, **told)).token_ids == [sol.pk]
