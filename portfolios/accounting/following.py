"""What would have become of the same money in something else: put in and taken out at the same times."""

from dataclasses import dataclass

import numpy as np

from portfolios.accounting.course import Course, Floats
from portfolios.accounting.xirr import MoneyWeighted, Roots, of_course


@dataclass(frozen=True, eq=False)
class Followed:
    """`values` beside the portfolio's, NaN where unknown. From `first` to `last` both have a price. `ran_out` is the
    place at which more was taken out than the other thing had become worth: from there on nothing can be said, nor of
    the whole.
    """

    values: Floats
    first: int
    last: int
    price_return: float
    money_weighted: MoneyWeighted
    ran_out: int | None = None


def follow(course: Course, prices: Floats) -> Followed | None:
    """Starts with the portfolio's own value where both are first known; what is put in buys at the step's beginning,
    what is taken out is sold at its end. None where they are never both known twice.
    """
    both = np.flatnonzero(np.isfinite(course.values) & np.isfinite(prices))
    if len(both) < 2:
        return None
    first, last = int(both[0]), int(both[-1])
    values = np.full(len(prices), np.nan)
    left = values[first] = course.values[first]
    ran_out = None
    for before, at in zip(both[:-1].tolist(), both[1:].tolist(), strict=True):
        there = left + course.put_in[before:at].sum()
        left = there * prices[at] / prices[before] - course.taken_out[before:at].sum()
        if not left >= 0:
            ran_out = at if left < 0 else None
            break
        values[at] = left
    price_return = float(prices[last] / prices[first]) - 1
    whole = np.isfinite(values[last])
    rate = of_course(_beside(course, values)) if whole else MoneyWeighted(Roots.NONE)
    return Followed(values, first, last, price_return, rate, ran_out)


def equal_weights(prices: list[Floats], start: int) -> Floats:
    """The worth of one dollar spread evenly at `start` and left alone; NaN before, and where a price is missing."""
    basket = np.mean([one / one[start] for one in prices], axis=0)
    basket[:start] = np.nan
    return np.asarray(basket)


def switched(prices: Floats, holds: Floats) -> Floats:
    """The worth of one dollar that lies in the thing for each step in which `holds` is 1, and idle where it is 0; NaN
    before the first and after the last step for which `holds` is known. Steps between of which nothing is known are
    idle. Where a price is missing nothing can be bought or sold: what was held before goes on.
    """
    told = np.flatnonzero(np.isfinite(holds))
    level = np.full(len(prices), np.nan)
    if not len(told):
        return level
    first, last = int(told[0]), int(told[-1]) + 1
    known = first + np.flatnonzero(np.isfinite(prices[first : last + 1]))
    if len(known) < 2:
        return level
    growth = np.diff(np.log(prices[known]))
    staying = np.array([np.nan_to_num(holds[at]) for at in known[:-1]])
    level[known] = np.exp(np.concatenate(([0.0], np.cumsum(growth * staying))))
    return level


def _beside(course: Course, values: Floats) -> Course:
    return Course(course.times, values, course.put_in, course.taken_out)
