"""How a portfolio did over a span of time, beside something else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markets.freshness import Freshness, candle_freshness
from portfolios.accounting.course import Course
from portfolios.accounting.drawdown import Drawdown, deepest
from portfolios.accounting.returns import Chain, chained
from portfolios.accounting.volatility import Volatility, volatility
from portfolios.accounting.xirr import MoneyWeighted, of_course
from portfolios.models import Portfolio
from portfolios.selectors.performance.benchmarks import Compared, compared
from portfolios.selectors.performance.bookings import first_booking
from portfolios.selectors.performance.kept import reckoning_of
from portfolios.selectors.performance.reckoning import Reckoning
from portfolios.selectors.performance.span import HOUR, Span, span_of


@dataclass(frozen=True, eq=False)
class Performance:
    span: Span
    reckoning: Reckoning
    chain: Chain
    money_weighted: MoneyWeighted
    drawdown: Drawdown | None
    volatility: Volatility
    benchmark: Compared | None
    freshness: Freshness

    @property
    def course(self) -> Course:
        return self.reckoning.course

    @property
    def time_weighted(self) -> float | None:
        return self.chain.total


def performance(
    portfolio: Portfolio,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    benchmark: str,
    now: datetime,
) -> Performance | None:
    """None where nothing had been booked by then, or only within the last hour. `now` is market time."""
    first = first_booking(portfolio)
    span = span_of(since, until, first, now) if first else None
    if span is None:
        return None
    reckoning = reckoning_of(portfolio, span)
    course, chain = reckoning.course, chained(reckoning.course)
    return Performance(
        span=span,
        reckoning=reckoning,
        chain=chain,
        money_weighted=of_course(course),
        drawdown=deepest(course.times, chain.index),
        volatility=volatility(course.times, chain),
        benchmark=compared(benchmark, reckoning),
        freshness=_freshness(reckoning.observed_at, span, now),
    )


def _freshness(seen: datetime | None, span: Span, now: datetime) -> Freshness:
    """Of a time that is over: whether its end is known."""
    over = span.until + timedelta(seconds=HOUR) <= now
    return candle_freshness(seen and seen - timedelta(seconds=HOUR), HOUR, span.until if over else now)
