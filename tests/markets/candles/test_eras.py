"""Spikes vanish, other levels begin another series, and ordinary crashes are neither."""

import numpy as np
import pytest

from markets.candles.eras import Border, courses, last_known

HOUR, DAY = 3600, 86_400


def hours(*levels):
    """One column; each level is (price, hours), None for no candle."""
    close = np.concatenate([np.full(n, np.nan if price is None else price) for price, n in levels])
    return np.arange(1, len(close) + 1) * HOUR, close[:, None]


def course(*levels):
    (found,) = courses(*hours(*levels))
    return found


@pytest.mark.parametrize("factor", [5.0, 100.0, 0.2, 0.01])
@pytest.mark.parametrize("length", [1, 5, 48])
def test_a_level_that_vanishes_within_two_days_is_a_spike(factor, length):
    found = course((10, 30), (10 * factor, length), (11, 30))
    (spike,) = found.spikes
    assert (spike.first, spike.end) == (31 * HOUR, (31 + length) * HOUR)
    assert spike.factor == pytest.approx(factor)
    assert not found.borders
    assert found.pending is None


@pytest.mark.parametrize("factor", [5.0, 1000.0, 0.001])
def test_a_level_that_stays_begins_another_era(factor):
    found = course((10, 30), (10 * factor, 60))
    assert found.borders == (Border(31 * HOUR, pytest.approx(factor), 0),)
    assert not found.spikes
    assert found.pending is None


def test_until_two_days_have_passed_nobody_knows_which_it_is():
    found = course((10, 30), (100, 49))
    assert found.pending.first == found.pending.at == 31 * HOUR
    assert not found.spikes
    assert not found.borders


def test_what_comes_back_after_two_days_is_two_changes_of_level():
    found = course((10, 30), (100, 50), (10, 60))
    assert [border.at for border in found.borders] == [31 * HOUR, 81 * HOUR]


def test_a_second_jump_while_the_first_is_undecided_starts_the_clock_anew():
    found = course((10, 30), (100, 40), (1000, 60))
    assert [(spike.first, spike.end) for spike in found.spikes] == [(31 * HOUR, 71 * HOUR)]
    assert [border.at for border in found.borders] == [71 * HOUR]


@pytest.mark.parametrize("factor", [0.4, 2.0, 4.9, 1 / 4.9])
def test_a_real_crash_or_rally_is_left_alone(factor):
    assert course((10, 30), (10 * factor, 60)).is_smooth


def test_a_slow_rise_of_a_hundred_times_is_left_alone():
    times = np.arange(1, 1001) * HOUR
    assert courses(times, np.exp(np.linspace(0, np.log(100), 1000))[:, None])[0].is_smooth


@pytest.mark.parametrize(("factor", "splits"), [(2.0, True), (0.5, True), (1.9, False), (1.0, False)])
def test_after_days_of_silence_another_level_is_another_coin(factor, splits):
    found = course((10, 30), (None, 72), (10 * factor, 60))
    assert [(border.at, border.silent) for border in found.borders] == (
        [(103 * HOUR, 73 * HOUR)] if splits else []
    )


def test_after_hours_of_silence_double_is_no_other_coin():
    assert course((10, 30), (None, 70), (20, 60)).is_smooth


def test_only_columns_that_jump_are_walked_through():
    times, calm = hours((10, 90))
    _, wild = hours((10, 30), (100, 60))
    found = courses(times, np.concatenate([calm, wild, calm], axis=1))
    assert [each.is_smooth for each in found] == [True, False, True]


def test_an_empty_column_is_smooth():
    assert courses(*hours((None, 50)))[0].is_smooth
    assert courses(np.empty(0, np.int64), np.empty((0, 2)))[0].is_smooth


def test_the_last_known_close_and_its_time_go_on_through_gaps():
    level, seen = last_known(*hours((None, 1), (10, 2), (None, 2)))
    assert np.isnan(level[0, 0])
    assert level[1:, 0] == pytest.approx(np.log(10))
    assert seen[1:, 0].tolist() == [2 * HOUR, 3 * HOUR, 3 * HOUR, 3 * HOUR]
