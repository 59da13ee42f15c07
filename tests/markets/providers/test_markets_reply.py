"""Reading CoinGecko's list of markets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.lib.errors import ReplyRefused
from markets.providers.coingecko.markets import parse_markets
from markets.providers.reading import json_of
from tests.markets.providers.recordings import recorded

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def a_row(**fields: Any) -> dict[str, Any]:
    return {"id": "solana", "current_price": 150.5, "last_updated": "2026-11-20T11:59:00.000Z", **fields}


def test_a_whole_page_of_recorded_markets_is_read() -> None:
    body = json_of(recorded("coingecko/markets_top250_usd_2023-07.json.gz"), "CoinGecko")
    parsed = parse_markets(body, [row["id"] for row in body], NOW)
    assert len(parsed.records) == 250
    assert not parsed.refusals
    bitcoin = next(record for record in parsed.records if record.coingecko_id == "bitcoin")
    assert (bitcoin.market_cap_rank, bitcoin.max_supply) == (1, 21_000_000)
    assert sum(record.max_supply is None for record in parsed.records) == 102


def test_every_field_of_a_recorded_row_arrives() -> None:
    body = json_of(recorded("coingecko/markets_bitcoin_usd_2021-05.json"), "CoinGecko")
    (record,) = parse_markets(body, ["bitcoin"], NOW).records
    row = body[0]
    assert record.price_usd == row["current_price"]
    assert record.volume_24h == row["total_volume"]
    assert record.change_24h == pytest.approx(row["price_change_24h"])
    assert record.ath_date == datetime.fromisoformat(row["ath_date"])
    assert record.image_url == row["image"]


@pytest.mark.parametrize("price", [None, 0, -1.5, "abc", float("nan"), float("inf"), True, [], {}, 10**400])
def test_a_price_that_is_no_positive_number_costs_its_row(price: object) -> None:
    parsed = parse_markets([a_row(current_price=price), a_row(id="bonk")], ["solana", "bonk"], NOW)
    assert [record.coingecko_id for record in parsed.records] == ["bonk"]
    assert parsed.refusals[0].subject == "solana"


@pytest.mark.parametrize(
    "seen", [None, "", "yesterday", 5, "0001-01-01T00:00:00+14:00", "2026-11-20T12:01:01Z", True]
)
def test_a_time_that_is_none_or_in_the_future_costs_its_row(seen: object) -> None:
    parsed = parse_markets([a_row(last_updated=seen), a_row(id="bonk")], ["solana", "bonk"], NOW)
    assert len(parsed.records) == 1


def test_a_minute_ahead_is_the_skew_of_clocks() -> None:
    assert parse_markets([a_row(last_updated="2026-11-20T12:01:00Z")], ["solana"], NOW).records


@pytest.mark.parametrize("stamp", [1795175940, 1795175940000, "1795175940"])
def test_unix_times_in_seconds_and_milliseconds_are_understood(stamp: object) -> None:
    records = parse_markets(
        [a_row(last_updated=stamp), a_row(id="b")], ["solana", "b"], NOW + timedelta(days=40)
    ).records
    assert len(records) == (1 if isinstance(stamp, str) else 2)


def test_numbers_as_text_are_numbers() -> None:
    (record,) = parse_markets([a_row(current_price="1.2e-05", market_cap="12")], ["solana"], NOW).records
    assert (record.price_usd, record.market_cap) == (1.2e-05, 12.0)


def test_a_negative_cap_is_left_out_and_told() -> None:
    parsed = parse_markets([a_row(market_cap=-5)], ["solana"], NOW)
    assert parsed.records[0].market_cap is None
    assert "market_cap is negative" in parsed.refusals[0].reason


def test_what_was_asked_for_and_did_not_come_is_named() -> None:
    assert parse_markets([a_row()], ["solana", "gone"], NOW).missing == ["gone"]


def test_rows_for_others_and_second_rows_are_refused() -> None:
    parsed = parse_markets([a_row(), a_row(id="stranger"), a_row(current_price=7)], ["solana"], NOW)
    assert [record.price_usd for record in parsed.records] == [150.5]
    assert [refusal.subject for refusal in parsed.refusals] == ["stranger", "solana"]


def test_an_empty_list_misses_the_one_token_that_was_asked_for() -> None:
    assert parse_markets([], ["solana"], NOW).missing == ["solana"]


def test_an_empty_list_for_many_tokens_is_refused() -> None:
    with pytest.raises(ReplyRefused, match="nothing about any of 2 tokens"):
        parse_markets([], ["solana", "bonk"], NOW)


@pytest.mark.parametrize("body", [{}, None, 5, "text", {"bitcoin": {}}])
def test_a_reply_of_another_shape_is_refused_whole(body: object) -> None:
    with pytest.raises(ReplyRefused):
        parse_markets(body, ["solana"], NOW)


def test_a_reply_without_one_good_row_is_refused_whole() -> None:
    with pytest.raises(ReplyRefused, match="None of the 1 rows"):
        parse_markets([a_row(current_price=None)], ["solana"], NOW)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'[{"id": "sol', "cut"),
        (b"hello", "something else"),
    ],
)
def test_what_is_no_json_is_refused_by_its_kind(body: bytes, kind: str) -> None:
    with pytest.raises(ReplyRefused, match=kind):
        json_of(body, "CoinGecko")


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ReplyRefused):
        json_of(b"[" * 200_000, "CoinGecko")


def test_a_key_told_twice_differently_says_nothing() -> None:
    body = json_of(b'[{"id": "a", "p": 1, "p": 2, "q": 3, "q": 3}]', "CoinGecko")
    assert body == [{"id": "a", "q": 3}]
