"""Coarse candles hold what their fine candles hold, and only where all of them are there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.candles.resample import resample
from tests.markets.candles.walks import walk

slots = st.lists(st.integers(0, 60), unique=True, min_size=1).map(sorted)


def test_an_hour_of_four_quarters_by_hand():
    fine = walk([0, 900, 1800, 2700])
    hour = resample(fine, 900, 3600)
    assert list(hour.open_times) == [0]
    assert hour.open[0] == fine.open[0]
    assert hour.close[0] == fine.close[-1]
    assert hour.high[0] == fine.high.max()
    assert hour.low[0] == fine.low.min()
    assert hour.volume[0] == pytest.approx(fine.volume.sum())


def test_an_hour_that_lacks_a_quarter_does_not_exist():
    assert len(resample(walk([0, 900, 2700]), 900, 3600)) == 0


def test_an_interval_that_does_not_divide_is_refused():
    with pytest.raises(ValueError, match="do not add up"):
        resample(walk([0]), 1800, 2700)


@given(slots)
def test_a_coarse_candle_exists_exactly_where_all_its_fine_ones_do(present):
    coarse = resample(walk([slot * 900 for slot in present]), 900, 3600)
    expected = [hour * 3600 for hour in range(16) if {hour * 4 + k for k in range(4)} <= set(present)]
    assert list(coarse.open_times) == expected


@given(slots, st.integers(0, 9))
def test_nothing_is_lost_or_invented(present, seed):
    fine = walk([slot * 300 for slot in present], seed)
    coarse = resample(fine, 300, 900)
    used = np.isin(fine.open_times // 900 * 900, coarse.open_times)
    assert coarse.volume.sum() == pytest.approx(fine.volume[used].sum())
    assert (coarse.high >= np.maximum(coarse.open, coarse.close)).all()
    assert (coarse.low <= np.minimum(coarse.open, coarse.close)).all()
    if used.any():
        assert coarse.high.max() == fine.high[used].max()
        assert coarse.low.min() == fine.low[used].min()


@given(slots)
def test_two_steps_give_what_one_step_gives_where_both_exist(present):
    fine = walk([slot * 300 for slot in present])
    once, twice = resample(fine, 300, 3600), resample(resample(fine, 300, 900), 900, 3600)
    assert list(once.open_times) == list(twice.open_times)
    assert np.allclose(once.volume, twice.volume)
    assert np.array_equal(once.close, twice.close)
