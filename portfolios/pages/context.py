"""What the navigation of a portfolio's pages shows beside their names."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core.lib.clock import wall_now
from portfolios.selectors.issues import open_count
from portfolios.selectors.portfolios import portfolios_of


def open_issues(request: HttpRequest) -> dict[str, Any]:
    """`open_issues`: how many wait in the portfolio that the address names. Asked only where a page shows it."""
    place, user = getattr(request, "resolver_match", None), getattr(request, "user", None)
    portfolio_id = place.kwargs.get("portfolio_id") if place else None
    if portfolio_id is None or user is None or not user.is_authenticated:
        return {}

    def count() -> int:
        portfolio = portfolios_of(user.pk).filter(pk=portfolio_id).first()
        return open_count(portfolio, wall_now()) if portfolio else 0

    return {"open_issues": SimpleLazyObject(count)}
