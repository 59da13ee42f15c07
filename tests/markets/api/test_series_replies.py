"""Candles and history over the API."""

from datetime import timedelta
from typing import Any

import pytest

from markets.api import serializers
from markets.models import Token
from tests.make.markets import NOON, a_quote, a_token, candles
from tests.markets.api.conftest import Get

pytestmark = pytest.mark.django_db
CANDLES = "market/token/SOL/candles"
HISTORY = "market/token/SOL/history"


@pytest.fixture
def sol() -> Token:
    return a_token("SOL", "solana", rank=5)


def test_candles_as_the_contract_says(get: Get, sol: Token) -> None:
    candles(sol, 3600, [1.0, 2.0, 3.0])
    body = get(CANDLES, limit=2)
    assert [set(candle) for candle in body["data"]] == [set(serializers.CandleOutput().fields)] * 2
    assert body["data"][-1] == {
        "time": "2026-11-20T11:00:00Z",
        "open": 3.0,
        "high": pytest.approx(3.03),
        "low": pytest.approx(2.97),
        "close": 3.0,
        "volume": 1000.0,
    }
    assert (body["meta"]["count"], body["meta"]["interval"], body["meta"]["freshness"]) == (2, "1h", "live")
    assert body["meta"]["observed_at"] == "2026-11-20T12:00:00Z"


def test_the_rest_of_a_long_series_is_behind_the_next_address(get: Get, sol: Token) -> None:
    candles(sol, 3600, [1.0, 2.0, 3.0, 4.0, 5.0])
    start = "2026-11-20T07:00:00Z"
    body = get(CANDLES, limit=2, **{"from": start})
    closes = [candle["close"] for candle in body["data"]]
    while body["meta"]["next"]:
        path, _, query = body["meta"]["next"].partition("?")
        body = get(f"{path.removeprefix('/api/v1/')}?{query}")
        closes += [candle["close"] for candle in body["data"]]
    assert closes == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_points_have_no_open_high_low_and_volume(get: Get, sol: Token) -> None:
    candles(sol, 3600, [1.0], points=True)
    (candle,) = get(CANDLES)["data"]
    assert (candle["open"], candle["high"], candle["volume"], candle["close"]) == (None, None, None, 1.0)


def test_no_candles_are_insufficient_data(get: Get, sol: Token) -> None:
    assert get(CANDLES, 422)["code"] == "INSUFFICIENT_DATA"
    assert get(HISTORY, 422)["code"] == "INSUFFICIENT_DATA"


@pytest.mark.parametrize("path", ["candles", "history"])
def test_an_unknown_symbol_is_not_found(get: Get, path: str) -> None:
    error = get(f"market/token/NOPE/{path}", 404)
    assert error["code"] == "NOT_FOUND"
    assert "NOPE" in error["message"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("interval", "2h"),
        ("interval", "1H"),
        ("limit", "0"),
        ("limit", "1001"),
        ("limit", "ten"),
        ("limit", "1e1"),
        ("from", "yesterday"),
        ("to", "NaN"),
        ("to", "2026-13-01"),
    ],
)
def test_a_bad_parameter_is_named(get: Get, sol: Token, field: str, value: str) -> None:
    candles(sol, 3600, [1.0])
    error = get(CANDLES, 400, **{field: value})
    assert (error["code"], error["details"][0]["field"]) == ("VALIDATION_ERROR", field)
    assert value not in error["message"]


def test_a_span_that_ends_before_it_begins_is_refused(get: Get, sol: Token) -> None:
    candles(sol, 3600, [1.0])
    error = get(CANDLES, 400, **{"from": "2026-11-20", "to": "2026-11-19"})
    assert error["details"][0]["field"] == "from"


@pytest.mark.parametrize(
    "span", [("0001-01-01", "9999-12-31"), ("2026-01-01", "2026-01-02"), ("9000-01-01", "9001-01-01")]
)
def test_any_span_of_time_is_answered(get: Get, sol: Token, span: tuple[str, str]) -> None:
    candles(sol, 3600, [1.0])
    data = get(CANDLES, **{"from": span[0], "to": span[1]})["data"]
    assert [candle["close"] for candle in data] == ([1.0] if span[0] < "2000" else [])


def test_an_id_picks_one_of_those_that_share_a_ticker(get: Get, sol: Token) -> None:
    candles(a_token("SOL", "other-sol", rank=900), 3600, [7.0])
    assert get(CANDLES, id="other-sol")["data"][0]["close"] == 7.0
    assert get(CANDLES, 404, id="bonk")["code"] == "NOT_FOUND"


def test_history_as_the_contract_says(get: Get, sol: Token) -> None:
    candles(sol, 3600, [1.0, 2.0])
    a_quote(sol, 2.0, NOON - timedelta(minutes=5), volume_24h=9.0)
    data = get(HISTORY, days=30)["data"]
    assert set(data) == set(serializers.HistoryOutput().fields)
    assert data["prices"][-1] == [int(NOON.timestamp() * 1000), 2.0]
    assert [value for _, value in data["volumes"]] == [9.0]
    assert data["market_caps"] == []


@pytest.mark.parametrize("days", [0, 731, "x"])
def test_days_are_bounded(get: Get, sol: Token, days: Any) -> None:
    assert get(HISTORY, 400, days=days)["details"][0]["field"] == "days"


def test_the_same_path_with_a_slash_answers_alike(get: Get, sol: Token) -> None:
    candles(sol, 3600, [1.0])
    assert get(f"{CANDLES}/") == get(CANDLES)
