"""What becomes of candles when they are stored."""

from datetime import timedelta

import numpy as np
import pytest

from markets.candles.series import CandleSeries
from markets.models import Candle, Token
from markets.providers.base import POINTS
from markets.selectors.coverage import newest_candles, oldest_candles
from markets.services.candle_storage import NewCandles, missing_of, store_candles
from tests.make.markets import NOON, a_token, candles

pytestmark = pytest.mark.django_db

HOUR = 3600
START = int(NOON.timestamp())


def a_series(closes: list[float], start: int = START, points: bool = False) -> CandleSeries:
    close = np.array(closes)
    times = start + HOUR * np.arange(len(closes), dtype=np.int64)
    nothing = np.full(len(closes), np.nan)
    if points:
        return CandleSeries(times, nothing, nothing, nothing, close, nothing)
    return CandleSeries(times, close, close * 1.1, close * 0.9, close, close * 0 + 5)


def test_candles_are_stored_as_they_came() -> None:
    token = a_token()
    store_candles([NewCandles(token, HOUR, a_series([1.0, 2.0]))], provider="binance")
    first = Candle.objects.order_by("open_time").first()
    assert first is not None
    assert (first.open_time, first.open, first.high, first.volume) == (NOON, 1.0, 1.1, 5.0)
    assert Token.objects.get().candle_source == "binance"


def test_points_have_a_close_alone() -> None:
    token = a_token()
    store_candles([NewCandles(token, HOUR, a_series([1.0], points=True))], provider=POINTS)
    candle = Candle.objects.get()
    assert (candle.open, candle.high, candle.low, candle.close, candle.volume) == (
        None,
        None,
        None,
        1.0,
        None,
    )


def test_a_candle_is_never_stored_twice_or_overwritten() -> None:
    token = a_token()
    for close in (1.0, 3.0):
        store_candles([NewCandles(token, HOUR, a_series([close]))], provider="binance")
    assert Candle.objects.get().close == 1.0


def test_a_second_source_never_enters_a_series() -> None:
    token = a_token()
    store_candles([NewCandles(token, HOUR, a_series([1.0]))], provider="binance")
    store_candles([NewCandles(token, HOUR, a_series([2.0], START + HOUR, points=True))], provider=POINTS)
    assert Candle.objects.count() == 1
    assert Token.objects.get().candle_source == "binance"


def test_what_is_stored_already_is_left_out_and_a_conflict_is_told() -> None:
    token = a_token()
    store_candles([NewCandles(token, HOUR, a_series([1.0, 2.0]))], provider="binance")
    new, refusals = missing_of(NewCandles(token, HOUR, a_series([1.0, 2.5, 3.0])))
    assert new.series.close.tolist() == [3.0]
    assert "1 of 2 candles differ" in refusals[0].reason


def test_coverage_is_read_in_one_query(django_assert_num_queries: object) -> None:
    token, empty = a_token(), a_token("NEW")
    candles(token, HOUR, [1.0, 2.0, 3.0])
    with django_assert_num_queries(2):  # type: ignore[operator]
        newest = newest_candles([token.pk, empty.pk], HOUR)
        oldest = oldest_candles([token.pk, empty.pk], HOUR)
    assert newest[token.pk].open_time == NOON - timedelta(hours=1)
    assert newest[token.pk].close == 3.0
    assert oldest[token.pk].open_time == NOON - timedelta(hours=3)
    assert empty.pk not in newest
