"""The other end of a transfer between own portfolios: chosen by its owner, and parted again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.lib.clock import wall_now
from core.lib.errors import KhalsiError, NotFound
from portfolios.accounting.movements import Kind
from portfolios.models import Transaction
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.selectors.matching import Suggestion, other_ends
from portfolios.selectors.transactions import symbols_of, transaction_of
from portfolios.services.matching import match_transfer, unmatch_transfer

_TRANSFERS = (Kind.TRANSFER_OUT, Kind.TRANSFER_IN)


@own_page
@require_http_methods(["GET", "POST"])
def match(request: HttpRequest, portfolio_id: UUID, transaction_id: UUID) -> HttpResponse:
    """A list of what it could belong to; where it is matched, what with."""
    portfolio = own_portfolio(request, portfolio_id)
    try:
        row = transaction_of(portfolio, transaction_id)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    if row.kind not in _TRANSFERS:
        raise Http404("Only a transfer has another end.")
    if request.method == "POST":
        _do(request, row)
        return redirect("portfolio-transaction-match", portfolio.id, row.id)
    context = {
        "portfolio": portfolio,
        "transaction": row,
        "symbol": symbols_of([row])[row.asset],
        "pair": row.pair,
        "ends": [_end(one, row) for one in other_ends(row)],
    }
    return render(request, "portfolios/transaction_match.html", context)


def _do(request: HttpRequest, row: Transaction) -> None:
    owner_id = row.portfolio.owner_id
    try:
        if request.POST.get("do") == "part":
            unmatch_transfer(owner_id=owner_id, transaction_id=row.pk, wall=wall_now())
            messages.success(request, "Both ends stand alone again.")
            return
        other = _chosen(request.POST.get("with", ""))
        ends = (row.pk, other) if row.kind == Kind.TRANSFER_OUT else (other, row.pk)
        match_transfer(owner_id=owner_id, departure_id=ends[0], arrival_id=ends[1], wall=wall_now())
        messages.success(request, "The two ends are matched; the lots moved along.")
    except KhalsiError as refusal:
        messages.error(request, refusal.message)


def _chosen(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("Choose one of the transfers below.") from None


def _end(one: Suggestion, row: Transaction) -> dict[str, Any]:
    return {"row": one.arrival if one.departure == row else one.departure, "lost": one.lost}
