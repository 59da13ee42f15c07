"""A user's own imports; another's are not there."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.lib.clock import iso
from core.lib.decimals import trimmed
from core.lib.errors import NotFound
from portfolios.accounting.market_worth import worth_of
from portfolios.models import ImportBatch, RejectedRow, Transaction
from portfolios.statements.writing import HEADER

_AT_ONCE = 1000


def imports_of(owner_id: UUID, portfolio_id: UUID | None = None) -> QuerySet[ImportBatch]:
    """Newest first; without the bytes."""
    own = ImportBatch.objects.filter(portfolio__owner_id=owner_id)
    if portfolio_id is not None:
        own = own.filter(portfolio_id=portfolio_id)
    return own.defer("content").select_related("portfolio", "run").order_by("-created_at", "-id")


def import_of(owner_id: UUID, batch_id: UUID, portfolio_id: UUID | None = None) -> ImportBatch:
    """Raises NotFound where there is none, or it is somebody else's."""
    batch = imports_of(owner_id, portfolio_id).filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("You have no such import.")
    return batch


def rejected_of(batch: ImportBatch) -> QuerySet[RejectedRow]:
    return RejectedRow.objects.filter(batch=batch).order_by("line", "id")


def rejected_lines(batch: ImportBatch) -> Iterator[list[Any]]:
    """As a file to mend: the row as it stood, behind its line and the reason."""
    columns = len(batch.header)
    for row in rejected_of(batch).iterator(_AT_ONCE):
        cells = [*row.cells, *[""] * columns][:columns]
        yield [row.line, row.column, row.message, *cells]


def exported(portfolio_id: UUID) -> Iterator[dict[str, Any]]:
    """Every transaction, oldest first."""
    rows = Transaction.objects.filter(portfolio_id=portfolio_id).order_by("executed_at", "id")
    for row in rows.values(*HEADER).iterator(_AT_ONCE):
        yield row | {"valued_by": "; ".join(map(_told, row["valued_by"] or ()))}


def _told(stored: dict[str, Any]) -> str:
    """What a worth was valued by, in a cell."""
    one = worth_of(stored)
    price, close = trimmed(one.close.price_usd), one.close
    return (
        f"{one.part}: {trimmed(one.quantity)} {one.asset} at {price}, {iso(close.closed_at)}, {close.source}"
    )
