"""How one portfolio did: value over time, returns, drawdown, and the same money elsewhere."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.lib.clock import from_seconds, market_now
from portfolios.accounting.course import Course
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.pages.performance_drawn import below_drawn, value_drawn
from portfolios.pages.performance_form import PerformanceForm
from portfolios.pages.performance_words import Returns, gap_words, returns_of
from portfolios.selectors.performance.benchmarks import NAMES
from portfolios.selectors.performance.figures import Performance, performance
from portfolios.selectors.performance.shown import percent, why_left_out
from portfolios.selectors.transactions import symbols_named

MOST_FLOWS, MOST_GAPS = 100, 10


class Dated(NamedTuple):
    """What XIRR is made of: below zero was put in."""

    at: datetime
    what: str
    usd: float


@own_page
@require_GET
def performance_page(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio, now = own_portfolio(request, portfolio_id), market_now()
    form = PerformanceForm(request.GET)
    found = performance(portfolio, **form.asked(), now=now)
    context = {"portfolio": portfolio, "form": form, "spans": form.spans(now), "now": now, "found": found}
    return render(request, "portfolios/performance.html", context | (_told(found) if found else {}))


def _told(found: Performance) -> dict[str, Any]:
    course, benchmark = found.course, found.benchmark
    dated = _dated(course)
    gaps, left_out = found.reckoning.gaps[:MOST_GAPS], found.reckoning.left_out
    symbols = symbols_named(
        {*(one.asset for one in left_out), *(asset for gap in gaps for asset in gap.assets)}
    )
    return {
        "value_drawn": value_drawn(found),
        "below_drawn": below_drawn(found),
        "value": _known(course.values[-1]),
        "gain": _known(course.gain),
        "returns": returns_of(
            found.time_weighted, found.money_weighted, found.span, found.reckoning.passed.unknown
        ),
        "drawdown": _drawdown(found),
        "volatility": found.volatility,
        "beside": _beside(found) if benchmark and benchmark.followed else None,
        "benchmark_name": NAMES[benchmark.name] if benchmark else "",
        "gaps": [gap_words(course, gap, symbols) for gap in gaps],
        "more_gaps": max(len(found.reckoning.gaps) - MOST_GAPS, 0),
        "left_out": [(symbols[one.asset], why_left_out(one)) for one in left_out],
        "dated": dated[-MOST_FLOWS:],
        "earlier_flows": max(len(dated) - MOST_FLOWS, 0),
    }


def _drawdown(found: Performance) -> dict[str, Any] | None:
    one = found.drawdown
    if one is None:
        return None
    return {
        "percent": percent(one.depth),
        "peak_at": from_seconds(one.peak_at),
        "trough_at": from_seconds(one.trough_at),
        "recovered_at": None if one.recovered_at is None else from_seconds(one.recovered_at),
    }


def _beside(found: Performance) -> dict[str, Any]:
    """Two rows over the same time: the portfolio's, and the benchmark's."""
    benchmark, course = found.benchmark, found.course
    assert benchmark is not None and benchmark.followed is not None  # noqa: S101  the caller looked
    followed, span = benchmark.followed, found.span
    first, last = followed.first, followed.last
    own: Returns = returns_of(benchmark.own_time_weighted, benchmark.own_money_weighted, span)
    return {
        "since": from_seconds(int(course.times[first])),
        "until": from_seconds(int(course.times[last])),
        "is_part": first > 0 or last < len(course.times) - 1,
        "own": own,
        "own_value": _known(course.values[last]),
        "returns": returns_of(followed.price_return, followed.money_weighted, span),
        "value": _known(followed.values[last]),
        "ran_out_at": None if followed.ran_out is None else from_seconds(int(course.times[followed.ran_out])),
    }


def _dated(course: Course) -> list[Dated]:
    """Oldest first."""
    known = np.flatnonzero(np.isfinite(course.values))
    if len(known) < 2:
        return []
    cut = course.cut(int(known[0]), int(known[-1]))
    put_in = [(0, "Put in", -cut.put_in, cut.times[:-1]), (1, "Taken out", cut.taken_out, cut.times[1:])]
    rows = [(int(cut.times[0]), 0, "Value in the beginning", -float(cut.values[0]))]
    rows += [
        (int(at), 1 + order, what, float(usd))
        for order, what, amounts, times in put_in
        for at, usd in zip(times.tolist(), amounts.tolist(), strict=True)
        if usd
    ]
    rows.append((int(cut.times[-1]), 3, "Value in the end", float(cut.values[-1])))
    return [Dated(from_seconds(at), what, usd) for at, _, what, usd in sorted(rows, key=lambda row: row[:2])]


def _known(value: float) -> Decimal | None:
    return None if value != value else Decimal(repr(round(float(value), 8)))
