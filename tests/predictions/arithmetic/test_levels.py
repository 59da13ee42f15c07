"""Support and resistance: clustered swings, nearest first."""

from dataclasses import replace

import numpy as np
import pytest

from predictions.features.levels import levels
from tests.predictions.arithmetic.panels import END, market


def saw(history, lows, highs):
    """Closes that swing evenly between the given lows and highs, 40 hours from one to the next."""
    corners = np.ravel(np.column_stack([lows, highs]))
    path = np.interp(np.arange(720), np.arange(len(corners)) * 40, corners)
    close = history.close.copy()
    close[-720:] = path[:, None]
    blank = np.full_like(close, np.nan)
    return replace(history, close=close, high=blank, low=blank)


def test_three_nearest_levels_on_either_side():
    lows, highs = [90, 92, 94, 96, 88, 70, 90, 92, 94], [110, 112, 114, 116, 118, 120, 110, 112, 102]
    history = saw(market(days=40, quarter_days=0), lows, highs)
    found = levels(history, END, np.full(3, 103.0), np.full(3, 0.0005))[0]
    assert found.support == pytest.approx([96, 94, 92])
    assert found.resistance == pytest.approx([110, 112, 114])


def test_swings_close_together_are_one_level():
    history = saw(market(days=40, quarter_days=0), [90.0, 90.1] * 4, [110.0, 110.2] * 4)
    found = levels(history, END, np.full(3, 100.0), np.full(3, 0.004))[0]
    assert len(found.support) == 1 and 90 < found.support[0] < 90.1
    assert len(found.resistance) == 1 and 110 < found.resistance[0] < 110.2


def test_without_price_or_scale_there_are_no_levels():
    history = market(days=40, quarter_days=0)
    found = levels(history, END, np.array([np.nan, 100, 100]), np.array([0.01, np.nan, 0.01]))
    assert (found[0].support, found[1].resistance) == ([], [])


def test_levels_lie_on_their_side_of_the_price():
    history = market(days=40, quarter_days=0)
    price = history.close[-1]
    for one, around in zip(levels(history, END, price, np.full(3, 0.004)), price, strict=True):
        assert all(level < around for level in one.support) and all(
            level > around for level in one.resistance
        )
        assert len(one.support) <= 3 and len(one.resistance) <= 3


def test_a_price_that_stands_still_has_no_levels():
    history = market(days=40, quarter_days=0)
    flat = np.full_like(history.close, 100.0)
    still = replace(history, close=flat, high=flat, low=flat)
    found = levels(still, END, np.full(3, 100.5), np.full(3, 0.004))[0]
    assert (found.support, found.resistance) == ([], [])
