"""`/market/tokens` and `/market/token/{symbol}`: the registry with market data and forecasts."""

import pytest
from django.test import Client

from core.lib.clock import market_now
from tests.make.markets import NOON, a_quote, a_token
from tests.make.predictions import a_forecast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
TOKENS = "/api/v1/market/tokens"


@pytest.fixture
def three():
    sol, bonk, wif = (
        a_token("SOL", rank=5),
        a_token("BONK", rank=60, category="meme"),
        a_token("WIF", category="meme"),
    )
    a_quote(sol, 150.0, volume_24h=9e9, market_cap=8e10, change_percentage_24h=2.5)
    a_quote(bonk, 0.00002, volume_24h=5e8, market_cap=2e9, change_percentage_24h=-6.0)
    a_forecast(sol, up=4500, down=2500, risk_level="low")
    a_forecast(bonk, up=3000, down=4000, risk_level="high")
    return sol, bonk, wif


def symbols(client, **query):
    reply = client.get(TOKENS, query)
    assert reply.status_code == 200, reply.content
    return [row["symbol"] for row in reply.json()["data"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["SOL", "BONK", "WIF"]),
        ({"category": "meme"}, ["BONK", "WIF"]),
        ({"search": "bon"}, ["BONK"]),
        ({"min_price": "1"}, ["SOL"]),
        ({"max_price": "1"}, ["BONK"]),
        ({"min_change": "-10", "max_change": "0"}, ["BONK"]),
        ({"min_volume": "1e9"}, None),
        ({"min_volume": "1000000000"}, ["SOL"]),
        ({"max_market_cap": "10000000000"}, ["BONK"]),
        ({"min_probability_up": "0.45"}, ["SOL"]),
        ({"min_probability_down": "0.4"}, ["BONK"]),
        ({"risk": "high"}, ["BONK"]),
        ({"ordering": "-rank"}, ["BONK", "SOL", "WIF"]),
        ({"ordering": "change"}, ["BONK", "SOL", "WIF"]),
        ({"ordering": "-price"}, ["SOL", "BONK", "WIF"]),
        ({"ordering": "symbol"}, ["BONK", "SOL", "WIF"]),
        ({"timeframe": "1d", "risk": "high"}, []),
    ],
)
def test_filters_and_orders(client: Client, three, query, found):
    if found is None:
        assert client.get(TOKENS, query).status_code == 400
    else:
        assert symbols(client, **query) == found


def test_a_row_shows_market_and_forecast(client: Client, three):
    row = client.get(TOKENS).json()["data"][0]
    assert row["current_price"] == 150.0
    assert row["prediction"]["probability_up"] == 0.45
    assert row["prediction"]["trend"] == "bullish"
    assert row["freshness"] == "live"
    assert row["source"] == "simulated"


def test_what_is_unknown_is_null(client: Client, three):
    row = client.get(TOKENS).json()["data"][2]
    assert row["current_price"] is None
    assert row["prediction"] is None
    assert row["freshness"] == "stale"


def test_pages(client: Client, three):
    body = client.get(TOKENS, {"limit": "2"}).json()
    assert [row["symbol"] for row in body["data"]] == ["SOL", "BONK"]
    assert body["meta"]["count"] == 3
    assert [row["symbol"] for row in client.get(body["meta"]["next"]).json()["data"]] == ["WIF"]


@pytest.mark.parametrize(
    "query",
    [
        {"ordering": "colour"},
        {"risk": "none"},
        {"min_price": "NaN"},
        {"max_price": "inf"},
        {"page": "0"},
        {"limit": "201"},
    ],
)
def test_a_bad_parameter_is_refused(client: Client, three, query):
    reply = client.get(TOKENS, query)
    assert reply.status_code == 400
    assert reply.json()["error"]["details"][0]["field"] == next(iter(query))


def test_one_token_whole(client: Client):
    token = a_token(
        "SOL", "solana", description="A chain.", mint="So111", links={"homepage": "https://solana.com"}
    )
    a_quote(token, 150.0, NOON, market_cap=8e10, ath=260.0, ath_date=NOON)
    a_forecast(token, "4h")
    data = client.get("/api/v1/market/token/SOL").json()["data"]
    assert data["id"] == "solana"
    assert data["description"] == "A chain."
    assert data["price_usd"] == 150.0
    assert data["ath_date"] == "2026-11-20T12:00:00Z"
    assert data["social"] == {"score": None, "mentions": None}
    assert data["predictions"]["4h"]["symbol"] == "SOL"
    assert data["predictions"]["1h"] is None
    assert list(data["predictions"]) == ["15m", "1h", "4h", "1d", "7d", "14d", "30d"]


def test_a_token_that_was_never_priced_is_shown_with_nulls(client: Client):
    a_token("SOL")
    data = client.get("/api/v1/market/token/SOL").json()["data"]
    assert data["price_usd"] is None
    assert data["observed_at"] is None
    assert data["freshness"] == "stale"


def test_a_token_page_needs_few_queries(client: Client, django_assert_max_num_queries):
    token = a_token()
    for timeframe in ("15m", "1h", "4h", "1d", "7d", "14d", "30d"):
        a_forecast(token, timeframe)
    market_now()  # where market time stands is asked every few seconds, not by each page
    with django_assert_max_num_queries(4):
        client.get("/api/v1/market/token/SOL")


def test_an_unknown_token_is_not_found(client: Client):
    assert client.get("/api/v1/market/token/NOPE").status_code == 404
