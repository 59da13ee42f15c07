"""M(t): the unit of everything, at one moment and at all of them."""

import numpy as np
import pytest

from predictions.features.scale import hourly_scale, hourly_scales
from tests.predictions.arithmetic.panels import market


def test_the_scale_is_the_mean_size_of_hourly_moves():
    close = 100 * np.exp(np.cumsum(np.resize([0.01, -0.03], 1441)))[:, None]
    assert hourly_scale(close)[0] == pytest.approx(0.02, rel=1e-3)


def test_all_moments_agree_with_each_single_one():
    close = market(days=100, quarter_days=0).close
    close[700:760, 1] = np.nan
    every = hourly_scales(close)
    for row in (0, 719, 720, 900, 1500, len(close) - 1):
        assert hourly_scale(close[: row + 1]) == pytest.approx(every[row], rel=1e-12, nan_ok=True)


def test_thirty_days_are_needed_and_enough():
    every = hourly_scales(market(days=40, quarter_days=0).close)[:, 0]
    assert np.isnan(every[719]) and np.isfinite(every[720])


def test_more_than_a_fifth_missing_is_too_much():
    close = market(days=60, quarter_days=0).close
    close[100:340, 0] = np.nan
    close[100:540, 1] = np.nan
    assert np.isfinite(hourly_scale(close)).tolist() == [True, False, True]


def test_what_lies_before_sixty_days_does_not_matter():
    close = market(days=70, quarter_days=0).close
    wild = close.copy()
    wild[: len(close) - 1441] *= 1000
    assert hourly_scale(wild).tolist() == hourly_scale(close).tolist()


def test_a_move_beside_a_gap_is_missing_not_zero():
    close = 100 * np.exp(np.cumsum(np.full((1441, 1), 0.01), axis=0))
    close[::10] = np.nan
    assert hourly_scale(close)[0] == pytest.approx(0.01)
