"""Reading the stream's messages, and the reply that stands in for them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.lib.errors import ReplyRefused
from markets.providers.base import Tick
from markets.providers.binance.ticker import GoingDown, parse_tickers, read_message

NOW = datetime(2026, 11, 20, 12, 0, 20, tzinfo=UTC)
MS = int(NOW.timestamp() * 1000)
LISTED = {"SOLUSDT", "BTCUSDT"}


def message(stream: str = "solusdt@miniTicker", **event: Any) -> str:
    usual = {"e": "24hrMiniTicker", "E": MS - 250, "s": "SOLUSDT", "c": "154.25", "o": "150.00"}
    usual |= {"h": "155.10", "l": "149.00", "v": "1000", "q": "152000"}
    return json.dumps({"stream": stream, "data": usual | event})


def row(**values: Any) -> dict[str, Any]:
    usual = {"symbol": "SOLUSDT", "lastPrice": "154.25", "openPrice": "150.0", "highPrice": "155.1"}
    return usual | {"lowPrice": "149.0", "closeTime": MS - 250} | values


def test_a_message_says_what_a_pair_costs_and_what_its_day_was() -> None:
    assert read_message(message(), LISTED, NOW) == Tick(
        "SOLUSDT", NOW - timedelta(milliseconds=250), 154.25, 150.0, 155.1, 149.0
    )


def test_what_is_not_known_of_the_day_is_left_out() -> None:
    tick = read_message(message(o=None, h=None, l=None), LISTED, NOW)
    assert tick is not None
    assert (tick.opened_24h, tick.high_24h, tick.low_24h) == (None, None, None)


@pytest.mark.parametrize("answer", ['{"result":null,"id":1}', '{"result":["solusdt@miniTicker"],"id":3}'])
def test_an_answer_to_a_command_is_no_price(answer: str) -> None:
    assert read_message(answer, LISTED, NOW) is None


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_server_that_goes_down_says_so(wrapped: bool) -> None:
    event = {"e": "serverShutdown", "E": MS}
    with pytest.raises(GoingDown):
        read_message(json.dumps({"stream": "x", "data": event} if wrapped else event), LISTED, NOW)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "<!DOCTYPE html>",
        '{"error":{"code":2,"msg":"Invalid request"},"id":1}',
        '{"stream":"solusdt@miniTicker"}',
        '{"stream":"solusdt@miniTicker","data":[]}',
        '{"stream":"solusdt@miniTicker","data":{"s":5}}',
        message(c=None),
        message(c="NaN"),
        message(c="0"),
        message(c="-1"),
        message(c=True),
        message(c="155.11"),
        message(c="148.99"),
        message(E=None),
        message(E=True),
        message(E=MS + 61_000),
        message(E=MS * 1000),
        message(s="DOGEUSDT"),
        message(s="BTCUSDT"),
        message(stream="btcusdt@miniTicker"),
        message(stream="solusdt@kline_1m"),
        message().replace('"c":', '"c": "7", "c":'),
        message().replace('"154.25"', "NaN"),
        "[" * 100_000,
        message(pad="x" * 20_000),
        b"\x00\x01",
    ],
)
def test_what_makes_no_sense_is_refused(bad: str | bytes) -> None:
    with pytest.raises(ReplyRefused):
        read_message(bad, LISTED, NOW)


def test_a_reply_is_read_row_by_row() -> None:
    parsed = parse_tickers([row(), row(symbol="BTCUSDT", lastPrice="-1"), row(symbol="ELSE")], LISTED, NOW)
    assert [tick.listing for tick in parsed.records] == ["SOLUSDT"]
    assert [refusal.subject for refusal in parsed.refusals] == ["BTCUSDT"]
    assert parsed.missing == ["BTCUSDT"]


def test_a_reply_of_another_shape_is_refused_whole() -> None:
    with pytest.raises(ReplyRefused):
        parse_tickers({"symbol": "SOLUSDT"}, LISTED, NOW)
