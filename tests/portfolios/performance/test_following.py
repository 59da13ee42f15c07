"""The same money in something else."""

import numpy as np
import pytest

from portfolios.accounting.following import equal_weights, follow, switched
from portfolios.accounting.xirr import Roots
from tests.portfolios.performance.books import a_course


def test_the_same_money_goes_in_and_out_at_the_same_times():
    """100 becomes 110, 210 becomes 231 of which 31 are taken out."""
    course = a_course([100, 90, 120], put_in=[0, 100], taken_out=[0, 31])
    found = follow(course, np.array([10.0, 11.0, 12.1]))
    assert found.values.tolist() == pytest.approx([100, 110, 200])
    assert found.price_return == pytest.approx(0.21)
    assert found.money_weighted.total == pytest.approx(0.21, abs=1e-9)


def test_it_starts_where_both_are_known():
    found = follow(a_course([np.nan, 100, 110, 120]), np.array([1.0, np.nan, 5.0, 6.0]))
    assert (found.first, found.last) == (2, 3)
    assert found.values[2:].tolist() == pytest.approx([110, 132])


def test_more_taken_out_than_it_had_become_worth_is_said():
    found = follow(a_course([100, 60, 70], taken_out=[60, 0]), np.array([10.0, 5.0, 6.0]))
    assert found.ran_out == 1
    assert np.isnan(found.values[1:]).all()
    assert found.money_weighted.roots == Roots.NONE


def test_nothing_is_compared_with_what_has_no_price():
    assert follow(a_course([100, 110]), np.array([np.nan, 1.0])) is None


def test_a_basket_is_bought_once():
    basket = equal_weights([np.array([1.0, 1.0, 3.0]), np.array([5.0, 10.0, 10.0])], start=1)
    assert basket.tolist() == pytest.approx([np.nan, 1.0, 2.0], nan_ok=True)


def test_following_forecasts_is_the_market_on_some_days_and_dollars_on_others():
    level = switched(np.array([10.0, 11.0, 22.0, 11.0, 12.0]), np.array([1.0, 0.0, 1.0, np.nan]))
    assert level.tolist() == pytest.approx([1.0, 1.1, 1.1, 0.55, np.nan], nan_ok=True)


def test_without_a_forecast_nothing_is_followed():
    assert np.isnan(switched(np.array([10.0, 11.0]), np.array([np.nan]))).all()
