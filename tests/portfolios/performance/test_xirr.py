"""Money-weighted return: worked examples, equations without one root, and pyxirr's word."""

from datetime import date, timedelta

import numpy as np
import pytest
import pyxirr

from portfolios.accounting.xirr import Roots, money_weighted, of_course
from tests.portfolios.performance.books import a_course, a_random_course

RANDOM_BOOKS = 1000


def rate(*flows: tuple[float, float]):
    days, amounts = np.array(flows, float).T
    return money_weighted(days, amounts)


def test_a_year_at_ten_percent():
    found = rate((0, -1000), (365, 1100))
    assert (found.roots, found.yearly, found.total) == (Roots.ONE, pytest.approx(0.1), pytest.approx(0.1))


def test_half_a_year_is_given_by_the_year_and_for_itself():
    found = rate((0, -1000), (182.5, 1100))
    assert (found.total, found.yearly) == (pytest.approx(0.1, abs=1e-12), pytest.approx(0.21, abs=1e-12))


def test_money_put_in_late_weighs_by_its_time():
    """1,000 for a year and 1,000 for the second half of it become 2,200: 1.1347 + 1.0652 thousands."""
    found = rate((0, -1000), (182.5, -1000), (365, 2200))
    growth = (-1 + (1 + 4 * 2.2) ** 0.5) / 2  # of half a year: x² + x = 2.2
    assert found.yearly == pytest.approx(growth**2 - 1, abs=1e-12)


def test_the_order_of_flows_is_irrelevant():
    flows = [(0.0, -1000.0), (30.0, 200.0), (100.0, -50.0), (365.0, 990.0)]
    assert rate(*flows).yearly == rate(*reversed(flows)).yearly


def test_nothing_came_back_has_no_rate():
    assert rate((0, -1000), (10, -100)).roots == Roots.NONE
    assert rate((0, 100)).yearly is None


def test_everything_on_one_day_has_no_rate_by_the_year():
    assert rate((3, -1000), (3, 1100)).roots == Roots.NO_TIME


def test_two_roots_are_said_and_none_is_chosen():
    """−100, +230, −132 a year apart: both 10 % and 20 % solve it."""
    found = rate((0, -100), (365, 230), (730, -132))
    assert (found.roots, found.yearly, found.total) == (Roots.SEVERAL, None, None)
    assert found.rates == (pytest.approx(0.1), pytest.approx(0.2))


def test_an_equation_that_no_rate_solves_has_none():
    assert rate((0, -100), (365, 200), (730, -132)).roots == Roots.NONE


def test_a_wild_day_is_more_by_the_year_than_can_be_written():
    found = rate((0, -1), (1, 8))
    assert (found.total, found.yearly) == (pytest.approx(7), None)


def test_a_flow_of_unknown_worth_leaves_the_rate_unknown():
    assert of_course(a_course([100, 110, 120], put_in=[0, np.nan])).roots == Roots.NONE


def test_gaps_at_the_ends_are_cut_off():
    whole = of_course(a_course([100, 110, 121]))
    assert of_course(a_course([np.nan, 100, 110, 121, np.nan])).total == whole.total


@pytest.mark.slow
def test_money_weighted_return_is_pyxirrs_on_a_thousand_books():
    differences, several = [], 0
    for seed in range(RANDOM_BOOKS):
        course = a_random_course(seed)
        ours = of_course(course)
        theirs = pyxirr.xirr(*as_pyxirr_wants_them(course), silent=True)
        several += ours.roots == Roots.SEVERAL
        if ours.yearly is not None:
            assert theirs is not None, seed
            differences.append(abs(ours.yearly - theirs) / (1 + abs(theirs)))
    assert len(differences) > RANDOM_BOOKS * 0.9
    assert max(differences) < 1e-9


def as_pyxirr_wants_them(course) -> tuple[list[date], list[float]]:
    first = date(2026, 1, 5)
    days = [first + timedelta(days=day) for day in range(len(course.values))]
    amounts = [
        -float(course.values[0]),
        *(-course.put_in).tolist(),
        *course.taken_out.tolist(),
        float(course.values[-1]),
    ]
    return [days[0], *days[:-1], *days[1:], days[-1]], amounts
