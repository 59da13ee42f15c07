"""How much a portfolio swings: the standard deviation of its daily returns, by the year."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from portfolios.accounting.course import Floats, Seconds
from portfolios.accounting.returns import Chain

DAY = 86_400
YEAR_DAYS = 365
"""Tokens are traded every day."""
FEWEST_DAYS = 10


@dataclass(frozen=True)
class Volatility:
    """`yearly` is 0.8 for 80 percent; None with fewer than ten `days` to tell from."""

    yearly: float | None
    days: int


def volatility(times: Seconds, chain: Chain) -> Volatility:
    """Sample standard deviation of the returns from midnight to midnight (UTC), times √365. Days around a gap, and
    days in which nothing was held, are left out.
    """
    daily = daily_returns(times, chain)
    if len(daily) < FEWEST_DAYS:
        return Volatility(None, len(daily))
    return Volatility(float(np.std(daily, ddof=1)) * sqrt(YEAR_DAYS), len(daily))


def daily_returns(times: Seconds, chain: Chain) -> Floats:
    midnights = np.flatnonzero(times % DAY == 0)
    first, last = midnights[:-1], midnights[1:]
    index = chain.index
    whole = np.isfinite(index[first]) & np.isfinite(index[last]) & (index[first] > 0)
    whole &= (times[last] - times[first] == DAY) & (chain.working[last] > chain.working[first])
    return np.asarray(index[last[whole]] / index[first[whole]] - 1)
