"""Money-weighted return: the one yearly rate at which everything put in would have become everything taken out.

    Σ amount(j) × (1 + rate) ^ (−days(j) ÷ 365) = 0

with what was put in below zero and what was taken out above it: XIRR as spreadsheets have it, actual days over 365.
Such an equation may have no root or several; then there is no one rate, and that is what is said.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from portfolios.accounting.course import Course, Floats

YEAR_DAYS = 365.0
_PLACES = np.sinh(np.linspace(-6.0, 6.0, 801)) / 5
"""Where a change of sign is looked for: growth over the whole time between e^−40 and e^40, closest around none. Two
roots between two of these places (less than 0.3 % apart around none) are not seen.
"""


class Roots(StrEnum):
    ONE = "one"
    NONE = "none"
    SEVERAL = "several"
    NO_TIME = "no_time"
    """Everything on one day: no time passed, so no rate by the year."""


@dataclass(frozen=True)
class MoneyWeighted:
    """`total` is over the whole time, `yearly` the same by the year; both None unless there is one root. `rates` are
    all roots, by the year, that were found.
    """

    roots: Roots
    total: float | None = None
    yearly: float | None = None
    rates: tuple[float, ...] = ()


def money_weighted(days: Floats, amounts: Floats) -> MoneyWeighted:
    """`days` from any beginning, fractions allowed, in any order: sums are made in one, so that the last bit of a rate
    does not depend on how its flows came.
    """
    order = np.lexsort((amounts, days))
    order = order[amounts[order] != 0]
    days, amounts = days[order], amounts[order]
    if not len(days) or not np.isfinite(amounts).all():
        return MoneyWeighted(Roots.NONE)
    span = float(days.max() - days.min())
    if span <= 0:
        return MoneyWeighted(Roots.NO_TIME)
    shares, scaled = (days - days.min()) / span, amounts / np.abs(amounts).sum()
    growths = _roots(shares, scaled)
    rates = tuple(rate for growth in growths if (rate := _exponential(growth * YEAR_DAYS / span)) is not None)
    if len(growths) != 1:
        return MoneyWeighted(Roots.SEVERAL if growths else Roots.NONE, rates=rates)
    return MoneyWeighted(Roots.ONE, _exponential(growths[0]), rates[0] if rates else None, rates)


def of_course(course: Course) -> MoneyWeighted:
    """From the first known value, which counts as put in, to the last, which counts as taken out. As in the
    time-weighted return, what is put in is dated at its step's beginning and what is taken out at its end.
    """
    known = np.flatnonzero(np.isfinite(course.values))
    if len(known) < 2:
        return MoneyWeighted(Roots.NONE)
    whole = course.cut(int(known[0]), int(known[-1]))
    days = (whole.times - whole.times[0]) / 86_400
    amounts = np.zeros(len(days))
    amounts[[0, -1]] = -whole.values[0], whole.values[-1]
    amounts[:-1] -= whole.put_in
    amounts[1:] += whole.taken_out
    return money_weighted(days, amounts)


def _roots(shares: Floats, amounts: Floats) -> list[float]:
    """Growth over the whole time at which all is worth nothing, from the smallest."""
    if (amounts > 0).all() or (amounts < 0).all():
        return []
    found = _worth(_PLACES[:, None], shares, amounts)
    exact = _PLACES[found == 0].tolist()
    signs = np.sign(found)
    crossings = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    return sorted(exact + [_narrowed(shares, amounts, *_PLACES[at : at + 2].tolist()) for at in crossings])


def _worth(growth: Floats, shares: Floats, amounts: Floats) -> Floats:
    """What all is worth at the beginning, or where that would be huge at the end: only the sign counts."""
    exponents = np.where(growth >= 0, -growth * shares, growth * (1 - shares))
    return np.asarray(np.exp(exponents) @ amounts)


def _narrowed(shares: Floats, amounts: Floats, low: float, high: float) -> float:
    """By halving, as far as numbers go."""
    rises = _worth(np.array([low]), shares, amounts) < 0
    while low < (middle := (low + high) / 2) < high:
        if (_worth(np.array([middle]), shares, amounts) < 0) == rises:
            low = middle
        else:
            high = middle
    return middle


def _exponential(growth: float) -> float | None:
    """e^growth − 1; None beyond what a number can hold."""
    try:
        return math.expm1(growth)
    except OverflowError:
        return None
