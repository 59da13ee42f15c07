"""A file arrives: looked at once, and kept with what its owner said of it."""

import hashlib
import zlib
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.lib.errors import Conflict
from portfolios.models import ImportBatch
from portfolios.selectors.imports import import_of
from portfolios.selectors.portfolios import portfolio_of
from portfolios.services.importing.terms import Wanted
from portfolios.statements.presets import OWN, recognised
from portfolios.statements.reading import Sheet
from portfolios.statements.statement import Statement, open_file, statement

MOST_WAITING = 5
"""Of one portfolio; the oldest file makes way."""
_State = ImportBatch.State
_WAITING = (_State.CHECKING, _State.READY, _State.FAILED)


def upload(*, owner_id: UUID, portfolio_id: UUID, data: bytes, wanted: Wanted, wall: datetime) -> ImportBatch:
    """A batch that is to be checked next. Raises BadInput or TooLarge for what is no table, and NotFound."""
    portfolio = portfolio_of(owner_id, portfolio_id)
    wanted.checked()
    sheet = open_file(data)
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            portfolio=portfolio,
            content=zlib.compress(data, 6),
            size=len(data),
            digest=hashlib.sha256(data).hexdigest(),
            header=list(sheet.header),
            encoding=sheet.encoding_name,
            preset=_preset(sheet, wanted),
            terms=wanted.stored(),
            created_at=wall,
            changed_at=wall,
        )
        _make_room(batch)
    return batch


def ask_again(*, owner_id: UUID, batch_id: UUID, wanted: Wanted, wall: datetime) -> ImportBatch:
    """Under other terms. Raises BadInput, and Conflict where it is past that."""
    wanted.checked()
    batch = import_of(owner_id, batch_id)
    sheet = open_file(content_of(batch))
    preset = _preset(sheet, wanted)
    took = ImportBatch.objects.filter(pk=batch.pk, state__in=[_State.READY, _State.FAILED]).update(
        state=_State.CHECKING,
        preset=preset,
        terms=wanted.stored(),
        changed_at=wall,
        failure="",
        lease_until=None,
    )
    if not took:
        raise Conflict("This import is no longer waiting for your word.")
    return import_of(owner_id, batch_id)


def drop(*, owner_id: UUID, batch_id: UUID) -> None:
    """A file that was never imported, or one that was undone, goes with all that is kept of it."""
    batch = import_of(owner_id, batch_id)
    gone = (_State.CHECKING, _State.READY, _State.FAILED, _State.UNDONE)
    if batch.transactions.exists() or not ImportBatch.objects.filter(pk=batch.pk, state__in=gone).delete()[0]:
        is_undone = ImportBatch.objects.filter(pk=batch.pk, state=_State.UNDOING).exists()
        raise Conflict(
            "This import is being undone, and goes on by itself."
            if is_undone
            else "Its rows are in the portfolio: undo the import first."
        )


def content_of(batch: ImportBatch) -> bytes:
    """Raises Conflict where it was let go."""
    content = ImportBatch.objects.values_list("content", flat=True).get(pk=batch.pk)
    if not content:
        raise Conflict("The file is no longer kept: send it again.")
    return zlib.decompress(bytes(content))


def statement_of(batch: ImportBatch, wanted: Wanted) -> Statement:
    return statement(open_file(content_of(batch)), batch.preset, wanted.mapping())


def _preset(sheet: Sheet, wanted: Wanted) -> str:
    """Empty where nobody knows yet, or where own columns were not named yet. Raises BadInput where the file is none of
    the chosen kind, or has no such columns.
    """
    if wanted.preset == OWN and not wanted.columns:
        return ""
    if wanted.preset:
        return statement(sheet, wanted.preset, wanted.mapping()).preset.name
    known = recognised(sheet.header)
    return known.name if known else ""


def _make_room(batch: ImportBatch) -> None:
    own = ImportBatch.objects.filter(portfolio=batch.portfolio_id, state__in=_WAITING)
    waiting = own.filter(transactions=None)
    stale = list(waiting.order_by("-created_at", "-id").values_list("pk", flat=True)[MOST_WAITING:])
    ImportBatch.objects.filter(pk__in=stale).delete()
