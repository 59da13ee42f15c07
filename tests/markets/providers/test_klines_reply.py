"""Reading Binance's candles."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.lib.errors import ReplyRefused
from markets.providers.binance.klines import parse_klines
from markets.providers.reading import json_of
from tests.markets.providers.recordings import recorded

HOUR = 3600
START = int(datetime(2026, 11, 20, 8, tzinfo=UTC).timestamp())
NOW = datetime(2026, 11, 20, 12, 0, 20, tzinfo=UTC)


def kline(hour: int, close: object = "10.5", **other: Any) -> list[Any]:
    """The candle that opens `hour` hours after 8 o'clock."""
    at = (START + hour * HOUR) * 1000
    bar = {"open": "10.0", "high": "11.0", "low": "9.0", "volume": "100.0", **other}
    row = [at, bar["open"], bar["high"], bar["low"], close, bar["volume"], at + HOUR * 1000 - 1]
    return [*row, "0", 5, "0", "0", "0"]


def test_recorded_candles_are_read() -> None:
    body = json_of(recorded("binance/spot_klines_BTCUSDT_1m_2021-10.json"), "Binance")
    bundle = parse_klines(body, 60, NOW)
    assert len(bundle.series) == len(body)
    assert bundle.series.close[0] == 60719.27
    assert bundle.series.volume[0] == 21.63272


def test_the_unfinished_candle_is_left_out_without_a_complaint() -> None:
    bundle = parse_klines([kline(2), kline(3), kline(4)], HOUR, NOW)
    assert len(bundle.series) == 2
    assert not bundle.refusals
    assert bundle.rows == 3


def test_a_candle_is_closed_at_the_very_second() -> None:
    assert len(parse_klines([kline(3)], HOUR, datetime(2026, 11, 20, 12, tzinfo=UTC)).series) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        kline(1, close=None),
        kline(1, close="NaN"),
        kline(1, close="-1"),
        kline(1, close="0"),
        kline(1, close="12"),
        kline(1, high="5"),
        kline(1, high="1e9"),
        kline(1, low="0"),
        kline(1, low="0.001"),
        kline(1, volume="-3"),
        kline(1, close=True),
        kline(1)[:4],
        "row",
        None,
        [START * 1000 + 1, *kline(1)[1:]],
        [*kline(1)[:6], kline(1)[6] + HOUR],
    ],
)
def test_a_candle_that_makes_no_sense_costs_its_row(wrong: object) -> None:
    bundle = parse_klines([kline(0), wrong, kline(2)], HOUR, NOW)
    assert len(bundle.series) == 2
    assert len(bundle.refusals) == 1


def test_candles_come_in_order_and_once() -> None:
    bundle = parse_klines([kline(2), kline(0), kline(1), kline(1)], HOUR, NOW)
    assert bundle.series.open_times.tolist() == [START, START + HOUR, START + 2 * HOUR]
    assert not bundle.refusals


def test_of_two_that_contradict_each_other_one_is_refused() -> None:
    bundle = parse_klines([kline(0), kline(1), kline(1, close="10.6")], HOUR, NOW)
    assert bundle.series.close.tolist() == [10.5, 10.5]
    assert "differently" in bundle.refusals[0].reason


def test_a_candle_from_the_future_is_refused() -> None:
    assert "future" in parse_klines([kline(0), kline(1), kline(90)], HOUR, NOW).refusals[0].reason


def test_a_leap_is_not_believed() -> None:
    leap = {"open": "1e7", "high": "1.1e7", "low": "9e6"}
    bundle = parse_klines([kline(0), kline(1, close="1e7", **leap), kline(2), kline(3)], HOUR, NOW)
    assert bundle.series.close.tolist() == [10.5, 10.5, 10.5]


@pytest.mark.parametrize("body", [{}, None, {"code": 0}, [1, 2], [kline(0, close="x")]])
def test_a_reply_of_another_shape_is_refused_whole(body: object) -> None:
    with pytest.raises(ReplyRefused):
        parse_klines(body, HOUR, NOW)


def test_an_empty_page_is_an_answer() -> None:
    assert len(parse_klines([], HOUR, NOW).series) == 0
