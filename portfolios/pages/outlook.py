"""How the portfolio is spread, what moves as one, and what the current forecasts mean for it."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from core.drawing.price_chart import Label
from core.drawing.ranges import Pair, Span, range_columns
from core.lib.clock import market_now
from core.templatetags.khalsi import money_text
from portfolios.accounting import together
from portfolios.accounting.outlook import ValueRange
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.selectors.alike import (
    Alike,
    alike,
    alike_warnings,
    concentration_of,
    concentration_warnings,
)
from portfolios.selectors.outlook import Horizon, outlook_of
from portfolios.selectors.valuing import Valuation, valuation

MOST_IN_TABLE = 12
"""Correlations of more holdings than this are told over the API alone: the table would be too wide to read."""

_SIZES = (("ranges--wide", 560), ("ranges--narrow", 340))
"""Drawn for both, since letters that shrink with a picture cannot be read on a phone."""


@dataclass(frozen=True)
class Related:
    """One row of the table of correlations."""

    symbol: str
    values: list[float | None]


@own_page
@require_GET
def outlook(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio = own_portfolio(request, portfolio_id)
    now = market_now()
    valued = valuation(portfolio, now)
    found, how_concentrated = alike(valued, now), concentration_of(valued)
    horizons = outlook_of(found, now)
    context = {
        "portfolio": portfolio,
        "valuation": valued,
        "concentration": how_concentrated,
        "warnings": [*concentration_warnings(how_concentrated), *alike_warnings(found)],
        "related": _related(found),
        "more_related": len(found.weights) - MOST_IN_TABLE,
        "limit": together.ALIKE,
        "horizons": horizons,
        "drawn": _drawn(valued, horizons),
        "now": now,
    }
    return render(request, "portfolios/outlook.html", context)


def _related(found: Alike) -> list[Related]:
    shown = found.correlation[:MOST_IN_TABLE, :MOST_IN_TABLE].tolist()
    return [
        Related(one.symbol, [None if value != value else value for value in row])
        for one, row in zip(found.weights, shown, strict=False)
    ]


def _drawn(valued: Valuation, horizons: list[Horizon]) -> SafeString:
    """Each horizon's ranges in percent of what its covered part is worth now, so that horizons which cover different
    parts stand on one scale."""
    pairs = [Pair(one.timeframe, _span(one.value, one), _span(one.baseline, one)) for one in horizons]
    ends = [
        end for pair in pairs for span in (pair.said, pair.usual) if span for end in (span.low, span.high)
    ]
    if not ends:
        return SafeString("")
    levels = [Label(value, f"{value - 100:+.1f} %".replace("-", "−")) for value in (min(ends), max(ends))]
    drawn = [
        range_columns(
            pairs,
            100.0,
            levels,
            title=f"Range of the value of {valued.portfolio.name} at seven horizons",
            description=_told(horizons),
            css=css,
            width=width,
        )
        for css, width in _SIZES
    ]
    return mark_safe("".join(drawn))  # noqa: S308  # core.drawing escapes every text and attribute


def _span(found: ValueRange | None, horizon: Horizon) -> Span | None:
    if found is None or not horizon.covered_usd:
        return None
    return Span(*(value / horizon.covered_usd * 100 for value in (found.p10, found.p50, found.p90)))


def _told(horizons: list[Horizon]) -> str:
    said = [
        f"{one.timeframe}: {money_text(one.value.p10)} to {money_text(one.value.p90)}"
        for one in horizons
        if one.value
    ]
    return f"{'; '.join(said)}."
