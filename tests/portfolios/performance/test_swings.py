"""Drawdown and volatility of an index."""

import numpy as np
import pytest

from portfolios.accounting.drawdown import below_peak, deepest
from portfolios.accounting.returns import chained
from portfolios.accounting.volatility import daily_returns, volatility
from tests.portfolios.performance.books import DAY, MIDNIGHT, a_course

TIMES = MIDNIGHT + DAY * np.arange(20)


def test_the_deepest_fall_from_a_peak_and_its_end():
    found = deepest(TIMES[:7], np.array([1.0, 1.2, 0.9, 1.1, 1.25, 1.2, 1.3]))
    assert found.depth == pytest.approx(0.9 / 1.2 - 1)
    assert [found.peak_at, found.trough_at, found.recovered_at] == TIMES[[1, 2, 4]].tolist()


def test_a_fall_that_lasts_has_no_end():
    assert deepest(TIMES[:3], np.array([1.0, 0.5, 0.7])).recovered_at is None


def test_what_never_fell_has_no_drawdown():
    assert deepest(TIMES[:3], np.array([1.0, 1.0, 1.1])) is None
    assert deepest(TIMES[:2], np.array([np.nan, np.nan])) is None


def test_a_gap_is_not_a_fall():
    assert below_peak(np.array([1.0, np.nan, 0.5])).tolist() == pytest.approx(
        [0.0, np.nan, -0.5], nan_ok=True
    )


def test_money_taken_out_is_no_drawdown():
    course = a_course([100, 55, 60], taken_out=[50, 0])
    assert deepest(course.times, chained(course).index) is None


def test_volatility_is_the_deviation_of_daily_returns_by_the_year():
    """Eleven days of +1 %, −1 % in turns: a deviation of 0.0104447 a day, times √365."""
    moves = [0.01, -0.01] * 5 + [0.01]
    course = a_course(np.cumprod([100.0, *(1 + move for move in moves)]).tolist())
    found = volatility(course.times, chained(course))
    assert found.days == 11
    assert found.yearly == pytest.approx(np.std(moves, ddof=1) * np.sqrt(365), rel=1e-9)
    assert found.yearly == pytest.approx(0.1995, abs=1e-4)


def test_nine_days_are_too_few_to_tell():
    course = a_course(list(range(100, 110)))
    assert volatility(course.times, chained(course)).yearly is None


def test_days_around_a_gap_and_without_holdings_do_not_count():
    course = a_course([0, 0, 100, np.nan, 104, 105, 0, 0], [0, 100, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 106, 0])
    returns = daily_returns(course.times, chained(course))
    assert returns.tolist() == pytest.approx([0.0, 105 / 104 - 1, 106 / 105 - 1])


def test_hours_are_chained_to_days():
    hours = MIDNIGHT + 3600 * np.arange(49)
    course = a_course(np.linspace(100, 148, 49).tolist(), times=hours)
    assert daily_returns(course.times, chained(course)).tolist() == pytest.approx([24 / 100, 24 / 124])
