"""Candles as arrays."""

from datetime import timedelta

import numpy as np
import pytest
from django.conf import settings

from markets.selectors.panel import hourly_panel, quarter_panel, series
from tests.make.markets import NOON, a_token, candles

pytestmark = pytest.mark.django_db


def test_a_panel_ends_with_the_candle_that_closed_last() -> None:
    token = a_token()
    candles(token, 3600, [1.0, 2.0, 3.0])
    panel = hourly_panel([token.pk], NOON + timedelta(minutes=20), 3)
    assert panel.times[-1] == int(NOON.timestamp())
    assert panel.close[:, 0].tolist() == [1.0, 2.0, 3.0]
    assert panel.high[-1, 0] == pytest.approx(3.03)


def test_a_candle_that_closes_after_the_moment_is_not_in_the_panel() -> None:
    token = a_token()
    candles(token, 3600, [1.0, 2.0, 3.0])
    assert hourly_panel([token.pk], NOON - timedelta(seconds=1), 3).close[-1, 0] == 2.0


def test_holes_and_unknown_tokens_are_nan() -> None:
    token = a_token()
    candles(token, 900, [1.0, None, 3.0])
    panel = quarter_panel([999, token.pk], NOON, 4)
    assert np.isnan(panel.close[:, 0]).all()
    assert np.isnan(panel.close[[0, 2], 1]).all()
    assert panel.close[[1, 3], 1].tolist() == [1.0, 3.0]


def test_tokens_stand_in_the_order_asked_for() -> None:
    first, second = a_token("AAA"), a_token("BBB")
    candles(first, 3600, [1.0])
    candles(second, 3600, [2.0])
    assert hourly_panel([second.pk, first.pk], NOON, 1).close[0].tolist() == [2.0, 1.0]


def test_points_have_a_close_alone_and_sources_are_named() -> None:
    token, other = a_token(), a_token("NEW")
    candles(token, 3600, [5.0], points=True)
    panel = hourly_panel([token.pk, other.pk], NOON, 1)
    assert panel.close[0, 0] == 5.0
    assert np.isnan([panel.high[0, 0], panel.low[0, 0], panel.volume[0, 0]]).all()
    assert panel.sources == [settings.MARKET.stamp("coingecko-points"), ""]


def test_the_intervals_are_kept_apart() -> None:
    token = a_token()
    candles(token, 3600, [1.0])
    assert np.isnan(quarter_panel([token.pk], NOON, 2).close).all()


def test_an_empty_list_of_tokens_gives_an_empty_panel() -> None:
    assert hourly_panel([], NOON, 3).close.shape == (3, 0)


def test_a_series_has_the_stored_candles_alone() -> None:
    token = a_token()
    candles(token, 3600, [1.0, None, 3.0])
    found = series(token.pk, 3600, NOON - timedelta(hours=5), NOON)
    assert found.close.tolist() == [1.0, 3.0]
    assert found.times.tolist() == [int(NOON.timestamp()) - 7200, int(NOON.timestamp())]
    assert found.source == settings.MARKET.stamp("binance")


def test_a_series_leaves_out_what_opened_before_or_closed_after() -> None:
    token = a_token()
    candles(token, 3600, [1.0, 2.0, 3.0])
    found = series(token.pk, 3600, NOON - timedelta(hours=2), NOON - timedelta(hours=1))
    assert found.close.tolist() == [2.0]
