"""Reading CoinGecko's points."""

from datetime import UTC, datetime

import numpy as np
import pytest

from core.lib.errors import ReplyRefused
from markets.providers.coingecko.points import parse_points
from markets.providers.reading import json_of
from tests.markets.providers.recordings import recorded

HOUR = 3600
START = int(datetime(2026, 11, 20, 8, tzinfo=UTC).timestamp())
NOW = datetime(2026, 11, 20, 12, 0, 20, tzinfo=UTC)


def chart(*points: tuple[float, object]) -> dict[str, object]:
    """Points at seconds after 8 o'clock."""
    return {"prices": [[(START + seconds) * 1000, price] for seconds, price in points]}


def test_a_recorded_month_of_hours_is_read() -> None:
    body = json_of(recorded("coingecko/market_chart_bitcoin_30d_hourly_2021-05.json"), "CoinGecko")
    bundle = parse_points(body, HOUR, datetime(2021, 5, 15, 14, 30, tzinfo=UTC))
    assert 650 < len(bundle.series) <= 721
    assert (np.diff(bundle.series.open_times) % HOUR == 0).all()
    assert np.isnan(bundle.series.volume).all()
    assert not bundle.refusals


def test_recorded_five_minute_points_make_quarter_hours() -> None:
    body = json_of(recorded("coingecko/market_chart_bitcoin_1d_5min_2021-05.json"), "CoinGecko")
    bundle = parse_points(body, 900, datetime(2021, 5, 15, 15, tzinfo=UTC))
    assert 90 <= len(bundle.series) <= 96


def test_a_close_is_the_last_point_of_its_bucket_and_never_a_later_one() -> None:
    bundle = parse_points(chart((60, 1.0), (3500, 2.0), (3601, 3.0), (7300, 4.0)), HOUR, NOW)
    assert bundle.series.open_times.tolist() == [START, START + HOUR]
    assert bundle.series.close.tolist() == [2.0, 3.0]


def test_the_newest_bucket_is_not_over() -> None:
    assert len(parse_points(chart((60, 1.0)), HOUR, NOW).series) == 0


def test_unsorted_and_repeated_points_are_put_in_order() -> None:
    tidy = parse_points(chart((60, 1.0), (3500, 2.0), (3601, 3.0)), HOUR, NOW).series
    messy = parse_points(chart((3601, 3.0), (3500, 2.0), (60, 1.0), (3500, 2.0)), HOUR, NOW).series
    assert tidy.close.tolist() == messy.close.tolist()


def test_points_without_a_price_are_refused_and_counted() -> None:
    body = chart((0, 1.0), (10, None), (20, -1.0), (30, 1.1), (40, 1.2), (50, 1.3), (3700, 1.4))
    bundle = parse_points(body, HOUR, NOW)
    assert bundle.series.close.tolist() == [1.3]
    assert "2 points" in bundle.refusals[0].reason


def test_a_point_in_the_future_is_refused() -> None:
    body = chart((0, 1.0), (3600, 1.0), (7200, 1.0), (9 * HOUR, 5.0))
    assert parse_points(body, HOUR, NOW).series.close.tolist() == [1.0, 1.0]


def test_a_leap_of_a_millionfold_is_not_believed() -> None:
    body = chart((0, 1.0), (3600, 1e6), (7200, 1.0), (10800, 1.0))
    bundle = parse_points(body, HOUR, NOW)
    assert bundle.series.close.tolist() == [1.0, 1.0]
    assert "jump" in bundle.refusals[0].reason


@pytest.mark.parametrize(
    "body", [{}, [], None, {"prices": None}, {"prices": {"a": 1}}, {"prices": [[1, 2, 3], 5]}]
)
def test_a_chart_of_another_shape_is_refused_whole(body: object) -> None:
    with pytest.raises(ReplyRefused):
        parse_points(body, HOUR, NOW)


def test_no_points_are_no_candles() -> None:
    assert len(parse_points({"prices": []}, HOUR, NOW).series) == 0
