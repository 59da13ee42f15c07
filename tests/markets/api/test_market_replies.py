"""Solana, trending and sources over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from markets.api import examples, serializers
from markets.events import quotes_stored
from markets.models import LatestQuote, SourceState, Token, TrendingToken
from tests.make.markets import NOON, a_quote, a_token, candles
from tests.markets.api.conftest import Get

pytestmark = pytest.mark.django_db


@pytest.fixture
def sol() -> Token:
    token = a_token("SOL", "solana")
    a_quote(token, 150.0, NOON - timedelta(minutes=1), volume_24h=3e9, market_cap=7e10, change_24h=-1.5)
    a_quote(a_token("BTC", "bitcoin", solana=False), 100_000.0, NOON - timedelta(minutes=1))
    return token


def test_solana_as_the_contract_says(get: Get, sol: Token) -> None:
    candles(sol, 3600, [1.0, None, 3.0])
    data = get("market/solana")["data"]
    assert set(data) == set(serializers.SolanaOutput().fields)
    assert (data["symbol"], data["price_usd"], data["price_btc"]) == ("SOL", 150.0, pytest.approx(0.0015))
    assert (data["volume_24h"], data["price_change_24h"], data["max_supply"]) == (3e9, -1.5, None)
    assert data["sparkline_data"][-3:] == [1.0, None, 3.0]
    assert len(data["sparkline_data"]) == 168
    assert (data["observed_at"], data["freshness"]) == ("2026-11-20T11:59:00Z", "live")


def test_solana_without_a_price_is_unavailable(get: Get) -> None:
    a_token("SOL", "solana")
    assert get("market/solana", 503)["code"] == "SOURCE_UNAVAILABLE"


def test_an_old_price_is_shown_as_stale(get: Get, sol: Token) -> None:
    LatestQuote.objects.update(observed_at=NOON - timedelta(minutes=11))
    assert get("market/solana")["data"]["freshness"] == "stale"


def test_what_a_client_has_already_is_not_sent_again(client: Client, sol: Token) -> None:
    first = client.get("/api/v1/market/solana")
    assert first["Cache-Control"] == "public, max-age=5"
    again = client.get("/api/v1/market/solana", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_ready_bytes_ask_no_database_until_newer_prices_come(
    client: Client, sol: Token, django_assert_num_queries: Any
) -> None:
    client.get("/api/v1/market/solana")
    with django_assert_num_queries(0):
        assert client.get("/api/v1/market/solana").json()["data"]["price_usd"] == 150.0
    a_quote(sol, 151.0)
    quotes_stored.send(sender=LatestQuote, token_ids=[sol.pk])
    assert client.get("/api/v1/market/solana").json()["data"]["price_usd"] == 151.0


def test_trending_as_the_contract_says(get: Get, sol: Token) -> None:
    for rank, token, name in ((1, None, "stranger"), (2, sol, "solana")):
        TrendingToken.objects.create(
            observed_at=NOON,
            rank=rank,
            coingecko_id=name,
            symbol=name.upper(),
            name=name,
            token=token,
            price_usd=2.0,
            source="s",
        )
    data = get("market/trending")["data"]
    (place,) = data["tokens"]
    assert set(place) == set(serializers.TrendingTokenOutput().fields)
    assert (place["id"], place["current_price"], place["category"]) == ("solana", 150.0, "infrastructure")
    assert (place["social_score"], data["meta"]["total_count"]) == (None, 1)
    assert data["meta"]["timestamp"] == "2026-11-20T12:00:00Z"
    everything = get("market/trending", scope="all", limit=1)["data"]
    assert [(one["id"], one["current_price"], one["market_cap"]) for one in everything["tokens"]] == [
        ("stranger", 2.0, None)
    ]


def test_without_a_snapshot_nothing_is_made_up(get: Get) -> None:
    data = get("market/trending")["data"]
    assert data["tokens"] == []
    assert (data["meta"]["timestamp"], data["meta"]["freshness"]) == (None, "stale")


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": "many"}, {"limit": 51}, {"category": "x"}, {"scope": "mars"}]
)
def test_a_bad_wish_for_trending_names_its_field(get: Get, query: dict[str, Any]) -> None:
    error = get("market/trending", 400, **query)
    assert (error["code"], error["details"][0]["field"]) == ("VALIDATION_ERROR", next(iter(query)))


def test_sources_tell_their_state_and_no_message(get: Get, sol: Token) -> None:
    SourceState.objects.create(
        name="coingecko", state="open", last_error="secret place", last_error_class="SourceUnavailable"
    )
    body = get("market/sources")
    first, second = body["data"]
    assert set(first) == set(serializers.SourceOutput().fields)
    assert (first["name"], first["state"], first["last_error_class"]) == (
        "coingecko",
        "open",
        "SourceUnavailable",
    )
    assert (first["observed_at"], first["freshness"], second["observed_at"]) == (
        "2026-11-20T11:59:00Z",
        "live",
        None,
    )
    assert "secret place" not in str(body)


@pytest.mark.parametrize(
    ("example", "output"),
    [
        (examples.SOLANA, serializers.SolanaOutput),
        (examples.TRENDING, serializers.TrendingOutput),
        (examples.CANDLE, serializers.CandleOutput),
        (examples.HISTORY, serializers.HistoryOutput),
        (examples.SOURCE, serializers.SourceOutput),
    ],
)
def test_the_documented_examples_are_replies_that_can_be(example: dict[str, Any], output: Any) -> None:
    assert set(example) == set(output().fields)
    checked = output(data=example)
    assert checked.is_valid(), checked.errors
