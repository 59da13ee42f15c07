"""Time-weighted return: worked examples, rules for empty portfolios and gaps, and an independent computation."""

import numpy as np
import pytest

from portfolios.accounting.course import Course
from portfolios.accounting.returns import chained
from tests.portfolios.performance.books import a_course, a_random_course

RANDOM_BOOKS = 1000


def test_money_put_in_before_a_fall_is_no_loss():
    """The example of the documentation: 1,000 becomes 1,100, then 2,100 with a new thousand becomes 1,890."""
    chain = chained(a_course([1000, 1100, 1890], put_in=[0, 1000]))
    assert chain.total == pytest.approx(1.1 * 0.9 - 1, abs=1e-12)


def test_what_is_taken_out_counts_until_the_end_of_its_day():
    assert chained(a_course([1000, 550], taken_out=[550])).total == pytest.approx(0.10, abs=1e-12)


def test_bought_and_sold_on_one_day_is_a_return():
    assert chained(a_course([0, 0], put_in=[1000], taken_out=[1050])).total == pytest.approx(0.05)


def test_a_reward_into_an_empty_portfolio_has_no_rate_of_return():
    chain = chained(a_course([0, 100, 110]))
    assert chain.total == pytest.approx(0.10)
    assert chain.index.tolist() == pytest.approx([1.0, 1.0, 1.1])


def test_an_empty_portfolio_keeps_its_return():
    chain = chained(a_course([100, 0, 0, 120], put_in=[0, 0, 100], taken_out=[110, 0, 0]))
    assert chain.total == pytest.approx(1.1 * 1.2 - 1)


def test_everything_lost_is_lost():
    assert chained(a_course([100, 0, 50], put_in=[0, 50])).total == -1


def test_a_gap_is_one_long_step():
    chain = chained(a_course([100, np.nan, np.nan, 132], put_in=[0, 10, 0]))
    assert chain.total == pytest.approx(132 / 110 - 1)
    assert np.isnan(chain.index[1:3]).all()


@pytest.mark.parametrize("values", [[], [100], [np.nan, 100], [0, 0, 0]])
def test_without_two_values_or_anything_held_there_is_no_return(values: list[float]):
    assert chained(a_course(values or [np.nan])).total is None


def test_a_flow_of_unknown_worth_leaves_the_return_unknown():
    assert chained(a_course([100, 110, 120], put_in=[0, np.nan])).total is None


@pytest.mark.slow
def test_time_weighted_return_is_that_of_a_funds_share_on_a_thousand_books():
    differences = []
    for seed in range(RANDOM_BOOKS):
        course = a_random_course(seed)
        ours = chained(course).total
        theirs = return_of_a_share(course)
        assert (ours is None) == (theirs is None), seed
        if ours is not None:
            differences.append(abs(ours - theirs) / (1 + abs(theirs)))
    assert len(differences) > RANDOM_BOOKS * 0.95
    assert max(differences) < 1e-9


def return_of_a_share(course: Course) -> float | None:
    """As a fund keeps its books: whoever puts money in gets new shares at the price of the evening before, whoever
    takes money out gives shares back at the price of the evening. What a share became is the return.
    """
    price, shares, worked = 100.0, float(course.values[0]) / 100.0, False
    columns = (course.put_in, course.taken_out, course.values[1:])
    for put_in, taken_out, value in zip(*(column.tolist() for column in columns), strict=True):
        shares += put_in / price
        if shares > 0:
            worked = True
            price = (value + taken_out) / shares
            shares -= taken_out / price
        elif value > 0:
            shares = value / price
    return price / 100.0 - 1 if worked else None
