"""The import: a file is chosen, understood, looked at, taken, and taken back. Each step is a page of its own."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages.signed_in import signed_in
from accounts.selectors.preferences import preferences_of
from core.lib.clock import market_now, wall_now
from core.lib.errors import KhalsiError, NotFound
from portfolios.models import ImportBatch, Portfolio, Transaction
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.pages.import_forms import MappingForm, StartForm, TermsForm, UploadForm
from portfolios.selectors.imports import exported, import_of, imports_of, rejected_lines, rejected_of
from portfolios.services.importing.checking import check
from portfolios.services.importing.running import run_import, start
from portfolios.services.importing.terms import wanted_of
from portfolios.services.importing.uploading import ask_again, drop, upload
from portfolios.statements.presets import OWN, PRESETS
from portfolios.statements.writing import csv_lines, transaction_lines
from portfolios.tasks import AT_ONCE_BYTES, send_check, send_import, take_back

SHOWN, REJECTED_SHOWN = 20, 20
_State, _KINDS = ImportBatch.State, Transaction.TransactionKind
_AT_WORK = (_State.CHECKING, _State.RUNNING, _State.UNDOING)


@own_page
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    """The file is chosen; below, those that came before."""
    portfolio, zone = own_portfolio(request, portfolio_id), str(preferences_of(request.user).zone)
    is_sent = request.method == "POST"
    form = UploadForm(request.POST if is_sent else None, request.FILES if is_sent else None, zone=zone)
    if is_sent and form.is_valid():
        try:
            batch = upload(
                owner_id=portfolio.owner_id,
                portfolio_id=portfolio.pk,
                data=form.cleaned_data["file"].read(),
                wanted=form.wanted(),
                wall=wall_now(),
            )
        except KhalsiError as refusal:
            form.refuse(refusal)
        else:
            _check_soon(batch)
            return redirect("portfolio-import-one", portfolio.pk, batch.pk)
    context = {
        "portfolio": portfolio,
        "form": form,
        "presets": list(PRESETS.values()),
        "batches": [
            {"batch": batch, "label": _label(batch)}
            for batch in imports_of(portfolio.owner_id, portfolio.pk)[:SHOWN]
        ],
        "now": wall_now(),
    }
    return render(request, "portfolios/imports.html", context)


@own_page
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, portfolio_id: UUID, import_id: UUID) -> HttpResponse:
    """Where it stands; what is sent here are other terms. While it is at work the page asks for its progress alone,
    and loads itself anew at the end.
    """
    portfolio, batch = _own(request, portfolio_id, import_id)
    form = _terms(request, batch)
    if request.method == "POST" and form.is_valid():
        try:
            again = ask_again(
                owner_id=portfolio.owner_id, batch_id=batch.pk, wanted=form.wanted(), wall=wall_now()
            )
        except KhalsiError as refusal:
            form.refuse(refusal)
        else:
            _check_soon(again)
            return redirect("portfolio-import-one", portfolio.pk, batch.pk)
    is_asked_again = request.method == "GET" and getattr(request, "htmx", False)
    if is_asked_again and batch.state not in _AT_WORK:
        return HttpResponse(headers={"HX-Refresh": "true"})
    template = "portfolios/_import_progress.html" if is_asked_again else "portfolios/import.html"
    answer = render(request, template, _context(portfolio, batch, form))
    answer["Vary"] = "HX-Request"
    return answer


def _label(batch: ImportBatch) -> str:
    """Whose file it is, in words; empty where nobody knows."""
    preset = PRESETS.get(batch.preset)
    return preset.label if preset else "Your own columns" if batch.preset else ""


def _terms(request: HttpRequest, batch: ImportBatch) -> TermsForm:
    zone, wanted = str(preferences_of(request.user).zone), wanted_of(batch.terms)
    data = request.POST if request.method == "POST" else None
    if batch.preset in ("", OWN):
        return MappingForm(data, zone=zone, batch=batch, wanted=wanted)
    return TermsForm(data, zone=zone, wanted=wanted)


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**row, "at": datetime.fromisoformat(row["executed_at"]), "what": _KINDS(row["kind"]).label}
        for row in rows
    ]


def _context(portfolio: Portfolio, batch: ImportBatch, form: TermsForm) -> dict[str, Any]:
    return {
        "portfolio": portfolio,
        "batch": batch,
        "form": form,
        "start": StartForm(),
        "preset": _label(batch),
        "wanted": wanted_of(batch.terms),
        "first": _shown(batch.preview.get("first", [])),
        "probable": _shown(batch.preview.get("probable", [])),
        "rejected": rejected_of(batch)[:REJECTED_SHOWN],
        "at_work": batch.state in _AT_WORK,
        "rows": batch.rows_new
        + batch.rows_known
        + batch.rows_probable
        + batch.rows_ignored
        + batch.rows_rejected,
        "now": wall_now(),
    }


@own_page
@require_POST
def act(request: HttpRequest, portfolio_id: UUID, import_id: UUID) -> HttpResponse:
    """What the buttons do; `do` says which."""
    portfolio, batch = _own(request, portfolio_id, import_id)
    do = {"import": _import, "undo": _undo, "drop": _drop}.get(request.POST.get("do", ""))
    if do is None:
        raise Http404("There is no such button.")
    try:
        messages.success(request, do(request, batch))
    except KhalsiError as refusal:
        messages.error(request, refusal.message)
    if do is _drop:
        return redirect("portfolio-import", portfolio.pk)
    return redirect("portfolio-import-one", portfolio.pk, batch.pk)


def _import(request: HttpRequest, batch: ImportBatch) -> str:
    owner_id, probable = signed_in(request).id, request.POST.get("probable") == "on"
    start(owner_id=owner_id, batch_id=batch.pk, probable=probable, wall=wall_now())
    if batch.size <= AT_ONCE_BYTES:
        run_import(batch.pk, now=market_now(), wall=wall_now())
        return "The file is imported."
    send_import(batch.pk)
    return "The import has begun. You may leave this page; it goes on."


def _undo(request: HttpRequest, batch: ImportBatch) -> str:
    gone = take_back(signed_in(request).id, batch)
    if gone is None:
        return "The undo has begun. You may leave this page; it goes on."
    return f"The import is undone: {gone:,} transactions are gone."


def _drop(request: HttpRequest, batch: ImportBatch) -> str:
    drop(owner_id=signed_in(request).id, batch_id=batch.pk)
    return "The file is forgotten."


@own_page
@require_GET
def undo_page(request: HttpRequest, portfolio_id: UUID, import_id: UUID) -> HttpResponse:
    """Asks once more."""
    portfolio, batch = _own(request, portfolio_id, import_id)
    if batch.state in _AT_WORK:
        return redirect("portfolio-import-one", portfolio.pk, batch.pk)
    context = {"portfolio": portfolio, "batch": batch, "left": batch.transactions.count()}
    return render(request, "portfolios/import_undo.html", context)


@own_page
@require_GET
def rejected(request: HttpRequest, portfolio_id: UUID, import_id: UUID) -> HttpResponseBase:
    """As a file to mend and send again."""
    _, batch = _own(request, portfolio_id, import_id)
    header = ["line", "column at fault", "reason", *batch.header]
    return _file("khalsi-rejected-rows.csv", csv_lines(header, rejected_lines(batch)))


@own_page
@require_GET
def export(request: HttpRequest, portfolio_id: UUID) -> HttpResponseBase:
    portfolio = own_portfolio(request, portfolio_id)
    return _file("khalsi-transactions.csv", transaction_lines(exported(portfolio.pk)))


def _file(name: str, lines: Any) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _own(request: HttpRequest, portfolio_id: UUID, import_id: UUID) -> tuple[Portfolio, ImportBatch]:
    portfolio = own_portfolio(request, portfolio_id)
    try:
        return portfolio, import_of(portfolio.owner_id, import_id, portfolio.pk)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal


def _check_soon(batch: ImportBatch) -> None:
    if batch.size <= AT_ONCE_BYTES:
        check(batch.pk, now=market_now(), wall=wall_now())
    else:
        send_check(batch.pk)
