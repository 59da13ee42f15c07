"""The own portfolios: listed, made, renamed, counted by another method, deleted."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.pages.form_page import form_page, sent
from accounts.pages.signed_in import signed_in
from core.lib.clock import market_now, wall_now
from core.lib.errors import KhalsiError, NotFound
from portfolios.models import Portfolio
from portfolios.pages.forms import DeleteForm, PortfolioForm
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.selectors.portfolios import portfolios_of
from portfolios.selectors.valuing import valuations
from portfolios.services.portfolios import (
    MOST_PORTFOLIOS,
    change_portfolio,
    create_portfolio,
    delete_portfolio,
)


@own_page
@require_GET
def portfolios(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    own = list(portfolios_of(user.id))
    most = MOST_PORTFOLIOS[User.Plan(user.plan)]
    now = market_now()
    valued = valuations(own, now)
    context = {
        "rows": [valued[portfolio.id] for portfolio in own],
        "most": most,
        "is_full": len(own) >= most,
        "now": now,
    }
    return render(request, "portfolios/portfolios.html", context)


@own_page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    def make(said: dict[str, Any]) -> HttpResponse:
        portfolio = create_portfolio(owner_id=signed_in(request).id, **said, now=wall_now())
        messages.success(request, f"{portfolio.name} is there. Now tell it what you bought.")
        return redirect("portfolio", portfolio.id)

    return form_page(request, PortfolioForm(sent(request)), "portfolios/new.html", make)


@own_page
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    """Name, note and method."""
    portfolio = own_portfolio(request, portfolio_id)

    def change(said: dict[str, Any]) -> HttpResponse:
        changed = change_portfolio(
            owner_id=portfolio.owner_id, portfolio_id=portfolio.id, changes=said, now=wall_now()
        )
        messages.success(request, _WORKED_OUT[changed.is_current])
        return redirect("portfolio-settings", portfolio.id)

    form = PortfolioForm(sent(request), portfolio)
    return form_page(
        request,
        form,
        "portfolios/settings.html",
        change,
        portfolio=portfolio,
        removal=DeleteForm(name=portfolio.name),
    )


_WORKED_OUT = {
    True: "Kept.",
    False: "Kept. The figures are being worked out anew; look again in a moment.",
}


@own_page
@require_POST
def make_default(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio = own_portfolio(request, portfolio_id)
    change_portfolio(
        owner_id=portfolio.owner_id, portfolio_id=portfolio.id, changes={"is_default": True}, now=wall_now()
    )
    messages.success(request, f"{portfolio.name} is the one that apps and the token pages show first.")
    return redirect("portfolio-settings", portfolio.id)


@own_page
@require_POST
def delete(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    """Only with its name typed: nothing brings it back."""
    portfolio = own_portfolio(request, portfolio_id)
    form = DeleteForm(request.POST, name=portfolio.name)
    if not form.is_valid():
        return _asked_again(request, portfolio, form)
    try:
        delete_portfolio(owner_id=portfolio.owner_id, portfolio_id=portfolio.id, now=wall_now())
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    except KhalsiError as refusal:
        form.add_error(None, refusal.message)
        return _asked_again(request, portfolio, form)
    messages.success(request, f"{portfolio.name} is deleted with everything in it.")
    return redirect("portfolios")


def _asked_again(request: HttpRequest, portfolio: Portfolio, form: DeleteForm) -> HttpResponse:
    context = {"form": PortfolioForm(None, portfolio), "portfolio": portfolio, "removal": form}
    return render(request, "portfolios/settings.html", context)
