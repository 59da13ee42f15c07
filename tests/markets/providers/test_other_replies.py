"""Reading trending, details and the ways in which sources refuse."""

import json

import pytest

from core.lib.errors import ReplyRefused, SourceFailure, SourceMisconfigured, SourceUnavailable
from markets.providers.base import NotListed
from markets.providers.binance import errors as binance
from markets.providers.coingecko import errors as coingecko
from markets.providers.coingecko.details import parse_details
from markets.providers.coingecko.trending import parse_trending
from markets.providers.reading import json_of
from tests.markets.providers.recordings import recorded


def test_recorded_trending_is_read() -> None:
    body = json_of(recorded("coingecko/search_trending_full_shape_2024.json"), "CoinGecko")
    records = parse_trending(body).records
    assert [record.rank for record in records] == list(range(1, len(records) + 1))
    assert records[0].coingecko_id == "qubic-network"
    assert records[0].price_usd == pytest.approx(9.04766669820536e-07)
    assert records[0].change_percentage_24h == pytest.approx(-6.386464, abs=0.1)


def test_money_inside_formatted_text_is_not_read() -> None:
    item = {"id": "bonk", "symbol": "bonk", "name": "Bonk", "data": {"price": "$1.20"}}
    assert parse_trending({"coins": [{"item": item}]}).records[0].price_usd is None


def test_trending_of_an_older_shape_has_no_prices() -> None:
    item = {"id": "bonk", "symbol": "bonk", "name": "Bonk", "market_cap_rank": 60}
    (record,) = parse_trending({"coins": [{"item": item}]}).records
    assert (record.symbol, record.price_usd, record.market_cap_rank) == ("BONK", None, 60)


@pytest.mark.parametrize("body", [[], {}, {"coins": None}, {"coins": [{"item": None}]}])
def test_trending_of_another_shape_is_refused(body: object) -> None:
    with pytest.raises(ReplyRefused):
        parse_trending(body)


def test_recorded_details_are_read() -> None:
    body = json_of(recorded("coingecko/coins_detail_2024.json"), "CoinGecko")
    details = parse_details(body, "bitcoin")
    assert details.description.startswith("Bitcoin is the first")
    assert "<" not in details.description
    assert details.links["homepage"] == "http://www.bitcoin.org"
    assert details.links["x"] == "https://x.com/bitcoin"
    assert details.mint == ""


@pytest.mark.parametrize("name", ["bitcoin", "yearn_finance", "zksync"])
def test_recorded_details_of_other_years_are_read(name: str) -> None:
    body = json_of(recorded(f"coingecko/coins_{name}.json"), "CoinGecko")
    assert parse_details(body, name.replace("_", "-")).links


def test_links_that_are_no_web_addresses_are_left_out() -> None:
    links = {
        "homepage": ["javascript:alert(1)", ""],
        "twitter_screen_name": "a/../b",
        "whitepaper": 'https://x" y',
    }
    assert parse_details({"id": "a", "links": links}, "a").links == {}


def test_details_of_another_token_are_refused() -> None:
    with pytest.raises(ReplyRefused):
        parse_details({"id": "other"}, "solana")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"status": {"error_code": 10002, "error_message": "API Key Missing"}}, SourceMisconfigured),
        (401, {"error": {"status": {"error_code": 10012, "error_message": "too old"}}}, SourceMisconfigured),
        (403, None, SourceMisconfigured),
        (404, {"error": "coin not found"}, NotListed),
        (422, {"error": "Missing parameter vs_currency"}, ReplyRefused),
        (429, {"status": {"error_code": 429, "error_message": "Rate Limit"}}, SourceUnavailable),
        (200, {"status": {"error_code": 429, "error_message": "Rate Limit"}}, SourceUnavailable),
        (200, {"status": {"error_code": 10010}}, SourceMisconfigured),
        (500, {"status": 500, "error": "Internal Server Error"}, SourceUnavailable),
        (200, {"status": 500, "error": "Internal Server Error"}, SourceUnavailable),
        (503, None, SourceUnavailable),
        (408, "text", SourceUnavailable),
    ],
)
def test_every_way_in_which_coingecko_says_no(status: int, body: object, error: type[SourceFailure]) -> None:
    with pytest.raises(error):
        coingecko.raise_for(status, body, None)


def test_a_good_reply_is_no_error() -> None:
    coingecko.raise_for(200, [], None)
    coingecko.raise_for(200, {"prices": []}, None)
    binance.raise_for(200, [], None)


def test_the_pause_that_a_source_asks_for_is_kept() -> None:
    with pytest.raises(SourceUnavailable) as caught:
        coingecko.raise_for(429, None, 119)
    assert caught.value.retry_after == 119


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"code": -1121, "msg": "Invalid symbol."}, NotListed),
        (400, {"code": -1100, "msg": "Illegal characters"}, ReplyRefused),
        (429, {"code": -1003, "msg": "Too many requests"}, SourceUnavailable),
        (418, None, SourceUnavailable),
        (451, {"code": 0, "msg": "restricted location"}, SourceMisconfigured),
        (403, None, SourceMisconfigured),
        (502, None, SourceUnavailable),
    ],
)
def test_every_way_in_which_binance_says_no(status: int, body: object, error: type[SourceFailure]) -> None:
    with pytest.raises(error):
        binance.raise_for(status, body, None)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("error_422_history_missing_date", 422),
        ("error_422_markets_missing_vs_currency", 422),
        ("error_429_rate_limit_2022-09", 429),
        ("error_500_ohlc_missing_param", 500),
    ],
)
def test_recorded_errors_are_understood(name: str, status: int) -> None:
    body = json.loads(recorded(f"coingecko/{name}.json"))
    with pytest.raises(SourceFailure, match=str(status)):
        coingecko.raise_for(status, body, None)
