"""What all pages of portfolios share: only their owner reaches them, and nobody keeps a copy."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from accounts.pages.signed_in import confirmed_required, signed_in
from core.lib.errors import NotFound
from portfolios.models import Portfolio
from portfolios.selectors.portfolios import portfolio_of

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def own_page(view: View) -> View:
    return never_cache(csrf_protect(confirmed_required(view)))


def own_portfolio(request: HttpRequest, portfolio_id: UUID) -> Portfolio:
    """Raises Http404 where it is another's, as where there is none."""
    try:
        return portfolio_of(signed_in(request).id, portfolio_id)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
