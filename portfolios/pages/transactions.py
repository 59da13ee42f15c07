"""What was booked in a portfolio: searched, entered, changed, deleted."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages.form_page import form_page, sent
from accounts.pages.signed_in import signed_in
from accounts.selectors.preferences import preferences_of
from core.api.pagination import cursor_page
from core.lib.clock import market_now, wall_now
from core.lib.errors import KhalsiError, NotFound
from portfolios.accounting.movements import Kind
from portfolios.models import Portfolio, Transaction
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.pages.searching import SearchForm
from portfolios.pages.transaction_forms import WORDS, TransactionForm, local, shown_of
from portfolios.selectors.assets import asset_choices
from portfolios.selectors.portfolios import portfolios_of
from portfolios.selectors.transactions import NEWEST_FIRST, symbols_of, transaction_of, transactions_of
from portfolios.services.changing import price_following
from portfolios.services.entries import Entry
from portfolios.services.matching import record_transfer
from portfolios.services.transactions import change_transaction, delete_transaction, record_transaction

_LABELS = Transaction.TransactionKind


@own_page
@require_GET
def transactions(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    """Newest first; for htmx the list alone."""
    portfolio = own_portfolio(request, portfolio_id)
    form = SearchForm(request.GET or None, zone=preferences_of(request.user).zone)
    try:
        page = cursor_page(transactions_of(portfolio, form.searched()), request, order=NEWEST_FIRST)
    except KhalsiError as refusal:
        raise Http404(refusal.message) from refusal
    symbols = symbols_of(page.items)
    context = {
        "portfolio": portfolio,
        "form": form,
        "page": page,
        "rows": [_named(row, symbols) for row in page.items],
        "assets": asset_choices(),
        "is_searched": form.is_searched,
    }
    is_part = getattr(request, "htmx", False)
    template = "portfolios/_transactions.html" if is_part else "portfolios/transactions.html"
    answer = render(request, template, context)
    answer["Vary"] = "HX-Request"
    return answer


def _named(row: Transaction, symbols: Mapping[str, str]) -> dict[str, Any]:
    return {
        "row": row,
        "symbol": symbols.get(row.asset, row.asset),
        "quote": symbols.get(row.quote_asset, "USD"),
        "fee": symbols.get(row.fee_asset, "USD"),
    }


@own_page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    """`?kind=` says which; its fields are those that the kind needs. `?asset=` fills in the token."""
    portfolio, kind = own_portfolio(request, portfolio_id), _kind(request)
    zone, now = preferences_of(request.user).zone, market_now()
    first: dict[str, Any] = {
        "asset": request.GET.get("asset", "")[:128],
        "quote_asset": "USD",
        "fee_asset": "USD",
    }
    first["executed_at"] = local(now.replace(microsecond=0), zone)
    others = portfolios_of(portfolio.owner_id).exclude(id=portfolio.id)
    form = TransactionForm(kind, zone, sent(request), first, others)

    def book(said: dict[str, Any]) -> HttpResponse:
        booking: dict[str, Any] = {
            "owner_id": portfolio.owner_id,
            "portfolio_id": portfolio.id,
            "entry": Entry(**form.entered(said)),
            "now": now,
            "wall": wall_now(),
        }
        if said.get("to"):
            record_transfer(**booking, to_portfolio_id=UUID(said["to"]), arrived=said["arrived"])
        else:
            record_transaction(**booking)
        messages.success(request, f"{WORDS[kind]} booked.")
        again = request.POST.get("do") == "more"
        if again:
            return redirect(request.get_full_path())
        return redirect("portfolio-transactions", portfolio.id)

    kinds = [(one.value, words) for one, words in WORDS.items()]
    return form_page(
        request,
        form,
        "portfolios/transaction_new.html",
        book,
        portfolio=portfolio,
        kind=kind.value,
        kinds=kinds,
        assets=asset_choices(),
    )


@own_page
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, portfolio_id: UUID, transaction_id: UUID) -> HttpResponse:
    portfolio = own_portfolio(request, portfolio_id)
    row = _own(portfolio, transaction_id)
    zone = preferences_of(request.user).zone
    form = TransactionForm(Kind(row.kind), zone, sent(request), shown_of(row, symbols_of([row]), zone))

    def change(said: dict[str, Any]) -> HttpResponse:
        change_transaction(
            owner_id=portfolio.owner_id,
            portfolio_id=portfolio.id,
            transaction_id=row.id,
            changes=price_following(row, _changes(row, form.entered(said))),
            now=market_now(),
            wall=wall_now(),
        )
        messages.success(request, "The transaction is changed.")
        return redirect("portfolio-transactions", portfolio.id)

    return form_page(
        request,
        form,
        "portfolios/transaction.html",
        change,
        portfolio=portfolio,
        transaction=row,
        assets=asset_choices(),
    )


def _changes(row: Transaction, entered: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entered.items() if value != getattr(row, name)}


@own_page
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, portfolio_id: UUID, transaction_id: UUID) -> HttpResponse:
    """Asks first; what follows from it is worked out anew."""
    portfolio = own_portfolio(request, portfolio_id)
    row = _own(portfolio, transaction_id)
    if request.method == "POST":
        owner_id = signed_in(request).id
        delete_transaction(
            owner_id=owner_id, portfolio_id=portfolio.id, transaction_id=row.id, wall=wall_now()
        )
        messages.success(request, "The transaction is deleted, as if it had never been.")
        return redirect("portfolio-transactions", portfolio.id)
    named = _named(row, symbols_of([row]))
    return render(
        request,
        "portfolios/transaction_delete.html",
        {"portfolio": portfolio, "transaction": row, "one": named},
    )


def _kind(request: HttpRequest) -> Kind:
    try:
        return Kind(request.GET.get("kind", Kind.BUY))
    except ValueError:
        raise Http404("There is no such kind of transaction.") from None


def _own(portfolio: Portfolio, transaction_id: UUID) -> Transaction:
    try:
        return transaction_of(portfolio, transaction_id)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
