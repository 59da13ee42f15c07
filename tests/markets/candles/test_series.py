"""Cutting and joining runs of candles."""

import numpy as np

from markets.candles.series import CandleSeries
from tests.markets.candles.walks import walk


def test_a_candle_is_known_only_once_it_has_closed():
    series = walk([0, 60, 120])
    assert list(series.closed_by(119.9, 60).open_times) == [0]
    assert list(series.closed_by(120, 60).open_times) == [0, 60]


def test_between_takes_both_ends():
    assert list(walk([0, 60, 120, 180]).between(60, 120).open_times) == [60, 120]


def test_joined_runs_are_in_order_of_time():
    late, early = walk([120, 180], seed=1), walk([0, 60], seed=2)
    joined = late.join(early)
    assert list(joined.open_times) == [0, 60, 120, 180]
    assert np.array_equal(joined.close, np.r_[early.close, late.close])


def test_an_empty_run_has_no_length():
    assert len(CandleSeries.empty()) == 0
