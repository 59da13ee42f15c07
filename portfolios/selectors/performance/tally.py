"""Dollars put in and taken out, added up by the step in which they came."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from markets.models import Token
from portfolios.accounting.course import Floats
from portfolios.accounting.exact import ZERO, exact
from portfolios.accounting.flows import Flow, needs_market, settled
from portfolios.selectors.performance.market import market_of
from portfolios.selectors.performance.span import Span


@dataclass(frozen=True)
class Passed:
    """Over the whole span; how many flows were valued by the market, and how many nobody could value."""

    put_in: Decimal
    taken_out: Decimal
    by_market: int
    unknown: int


class Tally:
    """Exact sums for each step; a step in which the worth of a flow is not known has none."""

    def __init__(self, span: Span) -> None:
        self._times = span.times.tolist()
        self.put_in = [ZERO] * (len(self._times) - 1)
        self.taken_out = [ZERO] * (len(self._times) - 1)
        self.unknown: list[int] = []
        self.by_market = 0

    def add(self, at: datetime, amounts: tuple[Decimal, Decimal] | None) -> None:
        """Inside `exact()` only."""
        step = bisect_right(self._times, at.timestamp()) - 1
        if amounts is None:
            self.unknown.append(step)
        else:
            self.put_in[step] += amounts[0]
            self.taken_out[step] += amounts[1]

    def column(self, amounts: list[Decimal]) -> Floats:
        column = np.array([float(amount) for amount in amounts])
        column[self.unknown] = np.nan
        return column

    @property
    def passed(self) -> Passed:
        with exact():
            put_in, taken_out = sum(self.put_in, ZERO), sum(self.taken_out, ZERO)
        return Passed(put_in, taken_out, self.by_market, len(self.unknown))


def tallied(flows: Iterable[Flow], tokens: dict[str, Token], span: Span) -> Tally:
    """What the market must value waits, so that all of it is asked for at once."""
    tally, waiting, since = Tally(span), [], span.since
    with exact():
        for flow in flows:
            if flow.at < since:
                continue
            if needs_market(flow):
                waiting.append(flow)
            else:
                tally.add(flow.at, settled(flow, lambda asset, at: None))
        market = market_of(waiting, tokens)
        for flow in waiting:
            tally.add(flow.at, settled(flow, market))
    tally.by_market = len(waiting)
    return tally
