"""One portfolio at the latest prices: totals, shares, and each holding with the age of its price."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.lib.clock import market_now
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.selectors.alike import concentration_of, concentration_warnings
from portfolios.selectors.spread import spread
from portfolios.selectors.valuing import valuation


@own_page
@require_GET
def overview(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    """For htmx the figures alone, so that the page can keep them current."""
    portfolio, now = own_portfolio(request, portfolio_id), market_now()
    valued = valuation(portfolio, now)
    context = {
        "portfolio": portfolio,
        "valuation": valued,
        "spread": spread(valued),
        "warnings": concentration_warnings(concentration_of(valued)),
        "now": now,
    }
    is_part = getattr(request, "htmx", False)
    page = render(request, "portfolios/_figures.html" if is_part else "portfolios/overview.html", context)
    page["Vary"] = "HX-Request"
    return page
