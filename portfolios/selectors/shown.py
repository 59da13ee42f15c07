"""Portfolios as the contract words them."""

from typing import TypedDict

from core.lib.clock import iso
from portfolios.models import Portfolio


class PortfolioShown(TypedDict):
    id: str
    name: str
    note: str
    method: str
    is_default: bool
    is_current: bool
    created_at: str
    changed_at: str


def portfolio_shown(portfolio: Portfolio) -> PortfolioShown:
    return {
        "id": str(portfolio.id),
        "name": portfolio.name,
        "note": portfolio.note,
        "method": portfolio.method,
        "is_default": portfolio.is_default,
        "is_current": portfolio.is_current,
        "created_at": iso(portfolio.created_at),
        "changed_at": iso(portfolio.changed_at),
    }
