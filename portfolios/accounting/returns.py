"""Time-weighted return: what a dollar would have become that lay in the portfolio all the while.

Between two known values V(i) and V(j), with `in` put in and `out` taken out between them, it grows by

    (V(j) + out) ÷ (V(i) + in)

so what was put in counts from the step's beginning and what was taken out until its end; the steps are chained. With
steps of a day this is the daily valuation that fund reports use. Where nothing was there to grow (V(i) + in is zero)
the chain stands still: a reward into an empty portfolio has no rate of return.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portfolios.accounting.course import Course, Floats


@dataclass(frozen=True, eq=False)
class Chain:
    """`index` is 1 at the first known value and NaN where no value is known; `working` counts the steps until each
    place in which there was anything to grow.
    """

    index: Floats
    working: NDArray[np.int64]
    known: NDArray[np.int64]

    @property
    def total(self) -> float | None:
        """0.1 is ten percent over the whole of it. None where fewer than two values are known, nothing was ever there,
        or the worth of a flow is not known.
        """
        if len(self.known) < 2 or not self.working[self.known[-1]]:
            return None
        total = float(self.index[self.known[-1]]) - 1
        return total if np.isfinite(total) else None


def chained(course: Course) -> Chain:
    known = np.flatnonzero(np.isfinite(course.values))
    index = np.full(len(course.values), np.nan)
    working = np.zeros(len(course.values), np.int64)
    if not len(known):
        return Chain(index, working, known)
    base = course.values[known[:-1]] + _between(course.put_in, known)
    ended = course.values[known[1:]] + _between(course.taken_out, known)
    growing = ~(base <= 0)  # an unknown base grows by an unknown rate
    growth = np.where(growing, ended / np.where(growing, base, 1.0), 1.0)
    index[known] = np.concatenate(([1.0], np.cumprod(growth)))
    working[known[1:]] = np.cumsum(growing)
    return Chain(index, working, known)


def _between(amounts: Floats, known: NDArray[np.int64]) -> Floats:
    if len(known) < 2:
        return np.empty(0)
    return np.add.reduceat(amounts[: known[-1]], known[:-1])
