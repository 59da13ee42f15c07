"""What a portfolio was worth at each moment of a span, and what was put in and taken out: the long part of the work."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.conf import settings

from core.lib.clock import from_seconds
from markets.models import Token
from markets.selectors.closes import closes_at
from portfolios.accounting.course import Course, Floats, Gap, gaps, values
from portfolios.accounting.flows import Border, legs
from portfolios.accounting.holding import Held, on_grid, walk
from portfolios.models import Portfolio
from portfolios.selectors.performance.bookings import bookings
from portfolios.selectors.performance.market import listed
from portfolios.selectors.performance.span import Span
from portfolios.selectors.performance.tally import Passed, tallied

LARGEST = 10
Columns = dict[str, Floats]
"""By asset, along the span's times."""


@dataclass(frozen=True)
class LeftOut:
    """An asset that was held and has no price in the whole span: it lies outside, like dollars. `is_named` where there
    is a token of that name.
    """

    asset: str
    is_named: bool


@dataclass(frozen=True, eq=False)
class Reckoning:
    """`largest` are the assets of most worth at the first moment at which anything was held, the dearest first.
    `observed_at`: the last value is as old as the oldest close in it; None where nothing has a value.
    """

    course: Course
    passed: Passed
    gaps: list[Gap]
    left_out: list[LeftOut]
    largest: tuple[str, ...]
    sources: tuple[str, ...]
    observed_at: datetime | None


def reckoned(portfolio: Portfolio, span: Span) -> Reckoning:
    booked = bookings(portfolio, before=span.until)
    walked = walk(legs(booked))
    market = listed(walked.held, span)
    held = _on_span(walked.held, span)
    inside = {asset: quantities for asset, quantities in held.items() if asset in market.tokens}
    tokens = {asset: market.tokens[asset] for asset in inside}
    closes, length = _closes(tokens, span), len(span.times)
    flows = Border(market.tokens, walked.missing).flows(booked)
    tally = tallied(flows, market.tokens, span)
    nothing_known = bool(held) and not inside
    worth = np.full(length, np.nan) if nothing_known else values(inside, closes, length)
    course = Course(span.times, worth, tally.column(tally.put_in), tally.column(tally.taken_out))
    return Reckoning(
        course=course,
        passed=tally.passed,
        gaps=gaps(inside, closes, length),
        left_out=[LeftOut(asset, asset in market.named) for asset in sorted(set(held) - set(inside))],
        largest=_largest(inside, closes, course),
        sources=tuple(sorted({settings.MARKET.stamp(one.candle_source) for one in tokens.values()})),
        observed_at=_observed_at(inside, course, market.newest),
    )


def _on_span(held: dict[str, Held], span: Span) -> Columns:
    """What was there at any of the times."""
    columns = {asset: on_grid(one, span.times) for asset, one in held.items()}
    return {asset: column for asset, column in columns.items() if column.any()}


def _closes(tokens: dict[str, Token], span: Span) -> Columns:
    found = closes_at([token.pk for token in tokens.values()], span.times)
    return {asset: found[:, place] for place, asset in enumerate(tokens)}


def _largest(inside: Columns, closes: Columns, course: Course) -> tuple[str, ...]:
    worth = np.flatnonzero(course.values > 0)
    if not len(worth):
        return ()
    at = int(worth[0])
    held = {
        asset: quantities[at] * closes[asset][at]
        for asset, quantities in inside.items()
        if quantities[at] > 0
    }
    return tuple(sorted(held, key=lambda asset: (-held[asset], asset))[:LARGEST])


def _observed_at(inside: Columns, course: Course, newest: dict[str, datetime]) -> datetime | None:
    known = np.flatnonzero(np.isfinite(course.values))
    if not len(known):
        return None
    last = int(known[-1])
    closed = [newest[asset] for asset, quantities in inside.items() if quantities[last] > 0]
    return min([from_seconds(int(course.times[last])), *closed])
