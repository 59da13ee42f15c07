"""A user's own portfolios; another's are not there."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet

from core.lib.errors import NotFound
from portfolios.models import Portfolio


def portfolios_of(owner_id: UUID) -> QuerySet[Portfolio]:
    """The default one first, then in the order in which they were made."""
    return Portfolio.objects.filter(owner_id=owner_id).order_by("-is_default", "created_at", "id")


def portfolio_of(owner_id: UUID, portfolio_id: UUID) -> Portfolio:
    """Raises NotFound where there is none, or it is somebody else's."""
    return portfolio_in(portfolios_of(owner_id).filter(id=portfolio_id).in_bulk(), portfolio_id)


def default_portfolio(owner_id: UUID) -> Portfolio:
    """The one that is shown where none is named. Raises NotFound where there is none at all."""
    portfolio = portfolios_of(owner_id).first()
    if portfolio is None:
        raise NotFound("You have no portfolio yet; make one at /api/v1/portfolios.")
    return portfolio


def locked_portfolios(owner_id: UUID) -> dict[UUID, Portfolio]:
    """All of a user's portfolios, held until the transaction ends. Whatever changes transactions or lots begins here:
    transfers connect them, and always in one order nobody waits for somebody who waits for him.
    """
    own = Portfolio.objects.select_for_update().filter(owner_id=owner_id).order_by("id")
    return {portfolio.pk: portfolio for portfolio in own}


def portfolio_in(portfolios: Mapping[UUID, Portfolio], portfolio_id: UUID) -> Portfolio:
    """Raises NotFound where it isn't one of them."""
    portfolio = portfolios.get(portfolio_id)
    if portfolio is None:
        raise NotFound("You have no such portfolio.")
    return portfolio
