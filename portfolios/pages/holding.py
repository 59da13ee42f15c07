""" "Show the sum": each figure of a holding opened to the lots, fees and prices that make it, and the methods side by
side."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.lib.clock import market_now
from core.lib.errors import NotFound
from portfolios.accounting.movements import Method
from portfolios.accounting.standing import as_written
from portfolios.models import Portfolio
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.selectors.sum_pages import PARTS, compared, cuts_of, held_asset, own_method, row_of
from portfolios.selectors.sums import by_each_method, opened_holding
from portfolios.selectors.transactions import symbols_named
from portfolios.selectors.valuing import valuation

TERMS_SHOWN = 50


@own_page
@require_GET
def holding(request: HttpRequest, portfolio_id: UUID, asset: str) -> HttpResponse:
    """`?method=` counts by another one; `?realised=2` and the like leaf through a long sum."""
    portfolio, now = own_portfolio(request, portfolio_id), market_now()
    method = own_method(request.GET.get("method", "")) or Method(portfolio.method)
    try:
        asset = held_asset(portfolio, asset)
        found = opened_holding(portfolio, asset, method)
        sides = by_each_method(portfolio, asset)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    row = row_of(valuation(portfolio, now), asset)
    cuts = cuts_of(found, _pages(request.GET), TERMS_SHOWN)
    context = {
        "portfolio": portfolio,
        "row": row,
        "found": found,
        "method": method,
        "method_name": Portfolio.CostMethod(method).label,
        "methods": compared(sides, as_written(row.quote.price_usd) if row.quote else None),
        "fees_named": _named(cuts["fees"].terms),
        "income_named": _named(cuts["income"].terms),
        "now": now,
        **cuts,
    }
    return render(request, "portfolios/holding.html", context)


def _pages(query: Mapping[str, Any]) -> dict[str, int]:
    asked = {name: str(query.get(name, "")) for name in PARTS}
    return {
        name: int(page) for name, page in asked.items() if page.isascii() and page.isdigit() and len(page) < 7
    }


def _named(terms: Sequence[Any]) -> list[tuple[Any, str]]:
    """Each with what people call the asset that it was paid in."""
    symbols = symbols_named({term.asset for term in terms if term.asset})
    return [(term, symbols.get(term.asset, "")) for term in terms]
