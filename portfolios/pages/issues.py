"""What is missing or doubtful in a portfolio, and the buttons that mend it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from core.lib.clock import market_now, wall_now
from core.lib.decimals import parse_plain
from core.lib.errors import BadInput, KhalsiError
from portfolios.models import Portfolio
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.selectors.assets import asset_choices, asset_meant
from portfolios.selectors.issues import issues_of
from portfolios.services.issues import leave_issue, name_token, state_worth, take_up_issue
from portfolios.services.matching import match_transfer


@own_page
@require_GET
def issues(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    portfolio = own_portfolio(request, portfolio_id)
    found = issues_of(portfolio, wall_now())
    context = {
        "portfolio": portfolio,
        "waiting": [issue for issue in found if not issue.is_left],
        "left": [issue for issue in found if issue.is_left],
        "assets": asset_choices(),
        "now": market_now(),
    }
    return render(request, "portfolios/issues.html", context)


@own_page
@require_POST
def act(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    """What the buttons of an issue do; `do` says which."""
    portfolio = own_portfolio(request, portfolio_id)
    do = _ACTIONS.get(request.POST.get("do", ""))
    if do is None:
        raise Http404("There is no such button.")
    try:
        messages.success(request, do(request, portfolio))
    except KhalsiError as refusal:
        detail = refusal.details[0].message if refusal.details else refusal.message
        messages.error(request, detail)
    return redirect("portfolio-issues", portfolio.pk)


def _leave(request: HttpRequest, portfolio: Portfolio) -> str:
    kind, subject = _named(request)
    leave_issue(
        owner_id=portfolio.owner_id, portfolio_id=portfolio.pk, kind=kind, subject=subject, wall=wall_now()
    )
    return "Left alone. It comes back when something about it changes."


def _take_up(request: HttpRequest, portfolio: Portfolio) -> str:
    kind, subject = _named(request)
    take_up_issue(owner_id=portfolio.owner_id, portfolio_id=portfolio.pk, kind=kind, subject=subject)
    return "It waits again."


def _match(request: HttpRequest, portfolio: Portfolio) -> str:
    ends = {name: _uuid(request, name) for name in ("departure_id", "arrival_id")}
    match_transfer(owner_id=portfolio.owner_id, **ends, wall=wall_now())
    return "Matched: lots and their cost moved along."


def _worth(request: HttpRequest, portfolio: Portfolio) -> str:
    price = parse_plain(request.POST.get("price_usd", "").strip())
    if price is None:
        raise BadInput.at("price_usd", "Write what one was worth in dollars, in plain digits.")
    state_worth(
        owner_id=portfolio.owner_id,
        portfolio_id=portfolio.pk,
        transaction_id=_uuid(request, "transaction_id"),
        price_usd=price,
        now=market_now(),
        wall=wall_now(),
    )
    return "Booked at that worth."


def _name(request: HttpRequest, portfolio: Portfolio) -> str:
    asset, word = request.POST.get("asset", "")[:128], request.POST.get("token", "").strip()[:128]
    count = name_token(
        owner_id=portfolio.owner_id,
        portfolio_id=portfolio.pk,
        asset=asset,
        coingecko_id=asset_meant(word) if word else "",
        wall=wall_now(),
    )
    return f"Every row of {asset} is booked as {word} now: {count} changed."


def _named(request: HttpRequest) -> tuple[str, str]:
    return request.POST.get("kind", "")[:24], request.POST.get("subject", "")[:160]


def _uuid(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError as error:
        raise Http404("There is no such transaction.") from error


_ACTIONS: dict[str, Callable[[HttpRequest, Portfolio], str]] = {
    "leave": _leave,
    "take_up": _take_up,
    "match": _match,
    "worth": _worth,
    "name": _name,
}
