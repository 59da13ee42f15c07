"""Transactions as files: `…/import` takes one, `…/export.csv` gives one, `…/imports` tells what became of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import signed_in
from core.api.envelope import answer, nothing
from core.api.idempotency import idempotent
from core.api.pagination import PageQuery, page_of
from core.api.parsers import StrictJSONParser
from core.api.permissions import Confirmed
from core.lib.clock import market_now, wall_now
from core.lib.errors import BadInput
from portfolios.api.file_parsers import FILE, MOST_BODY, CsvParser, FormParser
from portfolios.api.file_serializers import (
    ImportForm,
    ImportInput,
    ImportOutput,
    ImportRowOutput,
    ImportTerms,
    bytes_of,
)
from portfolios.api.views import DONE
from portfolios.models import ImportBatch
from portfolios.selectors.imports import exported, import_of, imports_of
from portfolios.selectors.portfolios import portfolio_of
from portfolios.selectors.shown_imports import import_shown
from portfolios.services.importing.checking import check
from portfolios.services.importing.running import run_import, start
from portfolios.services.importing.terms import Wanted
from portfolios.services.importing.uploading import drop, upload
from portfolios.statements.writing import transaction_lines
from portfolios.tasks import AT_ONCE_BYTES, send_check, send_import, take_back

_FILE: dict[Any, Any] = {
    "application/json": ImportInput,
    "multipart/form-data": ImportForm,
    "text/csv": OpenApiTypes.BINARY,
}
_CSV = {(200, "text/csv"): OpenApiTypes.STR}
_OUTPUTS = {200: ImportOutput, 201: ImportOutput, 202: ImportOutput}


class ImportFile(APIView):
    permission_classes = [Confirmed]
    parser_classes = [StrictJSONParser, FormParser, CsvParser]

    @idempotent(most_bytes=MOST_BODY)
    @extend_schema(
        operation_id="portfolio_import", request=_FILE, responses=_OUTPUTS, parameters=[ImportTerms]
    )
    def post(self, request: Request, portfolio_id: UUID) -> Response:
        """Takes a CSV file: as JSON, as a form with the field `file`, or as `text/csv` with what is said of it in the
        query. Rows that were imported before are known by their ids, so sending a file again doubles nothing. A small
        file is done at once (201); a larger one goes on as a job (202). A dry run tells what would happen (200, or 202
        while it is being checked); its file is kept for a week and can be imported on the site.
        """
        owner_id = signed_in(request).id
        portfolio_of(owner_id, portfolio_id)
        said, data = _said(request)
        is_trial = said.pop("dry_run", False)
        with _named_as_sent(request), transaction.atomic():
            batch = _taken(owner_id, portfolio_id, data, Wanted(**said), is_trial=is_trial)
        shown = import_shown(import_of(owner_id, batch.pk), with_errors=True)
        at_work = shown["state"] in (ImportBatch.State.CHECKING, ImportBatch.State.RUNNING)
        return answer(shown, status=202 if at_work else 200 if is_trial else 201)


def _taken(owner_id: UUID, portfolio_id: UUID, data: bytes, wanted: Wanted, *, is_trial: bool) -> ImportBatch:
    wall, now = wall_now(), market_now()
    batch = upload(owner_id=owner_id, portfolio_id=portfolio_id, data=data, wanted=wanted, wall=wall)
    if not batch.preset:
        raise BadInput.at(
            "preset", "The columns are of no kind that is known: say `own`, and which column is what."
        )
    is_small = batch.size <= AT_ONCE_BYTES
    if is_trial and is_small:
        check(batch.pk, now=now, wall=wall)
    elif is_trial:
        send_check(batch.pk)
    else:
        start(owner_id=owner_id, batch_id=batch.pk, probable=wanted.probable, wall=wall, unchecked=True)
        if is_small:
            run_import(batch.pk, now=now, wall=wall)
        else:
            send_import(batch.pk)
    return batch


@contextmanager
def _named_as_sent(request: Request) -> Iterator[None]:
    """In JSON the file is the field `csv`."""
    try:
        yield
    except BadInput as refusal:
        if not request.content_type.startswith("application/json"):
            raise
        named = (replace(one, field="csv") if one.field == FILE else one for one in refusal.details)
        raise BadInput(refusal.message, details=tuple(named)) from None


def _said(request: Request) -> tuple[dict[str, Any], bytes]:
    """What is said of the file, and the file."""
    if request.content_type.startswith("application/json"):
        found = _valid(ImportInput, request.data)
        return found, found.pop("csv").encode()
    sent: Any = request.data
    beside = sent if request.content_type.startswith("multipart/") else request.query_params
    return _valid(ImportTerms, _plain(beside)), bytes_of(sent.get(FILE))


def _valid(shape: type[ImportTerms], given: Any) -> dict[str, Any]:
    serializer = shape(data=given)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _plain(given: Any) -> dict[str, Any]:
    """Of a form or a query: one value a name, empty ones left out."""
    names = [str(name) for name in ImportTerms().fields]
    return {name: given[name] for name in names if given.get(name)}


class Imports(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="portfolio_imports", parameters=[PageQuery], responses={200: ImportRowOutput(many=True)}
    )
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """The files that were sent, newest first."""
        owner_id = signed_in(request).id
        portfolio_of(owner_id, portfolio_id)
        page = page_of(imports_of(owner_id, portfolio_id), request)
        return answer([import_shown(batch) for batch in page.items], page.meta)


class OneImport(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="portfolio_import_state", responses={200: ImportOutput})
    def get(self, request: Request, portfolio_id: UUID, import_id: UUID) -> Response:
        """How far it came, and the reasons of its first rejected rows."""
        batch = import_of(signed_in(request).id, import_id, portfolio_id)
        return answer(import_shown(batch, with_errors=True))

    @extend_schema(operation_id="portfolio_import_undo", responses=DONE | {202: ImportOutput})
    def delete(self, request: Request, portfolio_id: UUID, import_id: UUID) -> Response:
        """Undoes it: all its rows go, at once (204), or by a job where they are many (202); asked again while that goes
        on it is 409. A file that only waits goes itself.
        """
        owner_id = signed_in(request).id
        batch = import_of(owner_id, import_id, portfolio_id)
        if not _has_rows(batch):
            drop(owner_id=owner_id, batch_id=import_id)
        elif take_back(owner_id, batch) is None:
            return answer(import_shown(import_of(owner_id, import_id), with_errors=True), status=202)
        return nothing()


def _has_rows(batch: ImportBatch) -> bool:
    """What failed half-way may have brought some."""
    if batch.state == ImportBatch.State.FAILED:
        return batch.transactions.exists()
    return batch.state == ImportBatch.State.DONE


class ExportFile(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="portfolio_export", summary="Every transaction as CSV", responses=_CSV)
    def get(self, request: Request, portfolio_id: UUID) -> StreamingHttpResponse:
        """Oldest first. What a spreadsheet might run as a formula has an apostrophe in front, which the import takes
        away again: importing the file gives every transaction back.
        """
        portfolio_of(signed_in(request).id, portfolio_id)
        return csv_of(portfolio_id)


def csv_of(portfolio_id: UUID) -> StreamingHttpResponse:
    headers = {
        "Content-Disposition": 'attachment; filename="khalsi-transactions.csv"',
        "Cache-Control": "no-store",
    }
    lines = transaction_lines(exported(portfolio_id))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
