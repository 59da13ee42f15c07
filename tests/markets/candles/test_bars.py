"""What one candle tells of itself: filled in, frozen, a high that cannot be, a volume that was not told."""

import numpy as np
import pytest

from markets.candles.bars import FROZEN_AFTER, Bars, faults, mended
from tests.markets.candles.walks import walk

HOUR = 3600


def bars(count=40, seed=0):
    series = walk(np.arange(count) * HOUR, seed)
    sides = (series.close, series.high, series.low, series.volume)
    return Bars(series.open_times + HOUR, *(side[:, None].copy() for side in sides))


def still(made, first, last, volume=None, price=None):
    """Rows `first` to `last` stand at the close before them."""
    price = made.close[first - 1, 0] if price is None else price
    for side in (made.close, made.high, made.low):
        side[first : last + 1, 0] = price
    if volume is not None:
        made.volume[first : last + 1, 0] = volume
    return made


def rows(mask):
    return np.flatnonzero(mask[:, 0]).tolist()


def test_moving_candles_have_no_fault():
    found = faults(bars(2000))
    assert not any(mask.any() for mask in (found.filled, found.frozen, found.wick, found.untold))


def test_a_candle_without_trades_is_filled_in_from_the_first_on():
    found = faults(still(bars(), 10, 12, volume=0.0))
    assert rows(found.filled) == [10, 11, 12]
    assert rows(found.untold) == []


@pytest.mark.parametrize("volume", [None, 7.0, np.nan])
def test_a_price_that_stands_still_is_frozen_from_the_sixth_candle_on(volume):
    found = faults(still(bars(), 10, 20, volume))
    assert rows(found.frozen) == list(range(10 + FROZEN_AFTER - 2, 21))
    assert found.still[20, 0] == 12
    assert found.still[21, 0] == 1


def test_a_candle_that_is_served_again_and_again_is_frozen_too():
    made = bars()
    for side in (made.close, made.high, made.low, made.volume):
        side[10:20] = side[9]
    assert rows(faults(made).frozen) == list(range(9 + FROZEN_AFTER - 1, 20))


def test_new_trades_between_the_same_prices_are_a_calm_market():
    made = bars()
    for side in (made.close, made.high, made.low):
        side[10:40] = side[9]
    assert not faults(made).frozen.any()


def test_closes_alone_freeze_as_well():
    made = bars()
    nothing = np.full_like(made.close, np.nan)
    still(made, 10, 20)
    found = faults(Bars(made.times, made.close, nothing, nothing, nothing))
    assert rows(found.frozen) == list(range(14, 21))
    assert not found.wick.any()


def test_a_gap_ends_a_standstill():
    made = still(bars(), 10, 20)
    for side in (made.close, made.high, made.low, made.volume):
        side[13] = np.nan
    found = faults(made)
    assert found.still[13, 0] == 0
    assert rows(found.frozen) == [19, 20]


@pytest.mark.parametrize(("side", "factor"), [("high", 2.5), ("low", 0.4), ("high", 100.0), ("low", 0.01)])
def test_a_wick_that_no_close_is_near_loses_high_and_low_alone(side, factor):
    made = bars()
    getattr(made, side)[15] *= factor
    found = faults(made)
    assert rows(found.wick) == [15]
    after = mended(made, found)
    assert np.isnan([after.high[15, 0], after.low[15, 0]]).all()
    assert after.close[15] == made.close[15]
    assert after.volume[15] == made.volume[15]


def test_the_range_of_a_crash_is_no_wick():
    made = bars()
    made.close[15:] *= 0.35
    made.low[15:] *= 0.35
    made.high[16:] *= 0.35
    assert not faults(made).wick.any()


def test_a_volume_of_nothing_beside_a_price_that_moved_is_missing():
    made = bars()
    made.volume[15] = 0
    found = faults(made)
    assert rows(found.untold) == [15]
    assert np.isnan(mended(made, found).volume[15, 0])
    assert mended(made, found).close[15] == made.close[15]


def test_no_verdict_changes_with_later_candles():
    made = still(still(bars(200, 3), 30, 45), 90, 99, volume=0.0)
    made.high[60] *= 9
    whole = faults(made)
    for end in range(1, 200, 7):
        part = faults(
            Bars(made.times[:end], *(s[:end] for s in (made.close, made.high, made.low, made.volume)))
        )
        for name in ("filled", "frozen", "wick", "untold", "still"):
            assert np.array_equal(getattr(part, name), getattr(whole, name)[:end])
