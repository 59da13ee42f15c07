"""The dry run: what an import would do, counted and shown, and nothing booked."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.lib.clock import iso, wall_now
from core.lib.decimals import plain
from core.lib.errors import KhalsiError
from markets.services.bulk import insert_all
from portfolios.models import ImportBatch, RejectedRow
from portfolios.services.entries import Entry
from portfolios.services.importing.leasing import LeaseLost, end, hold, let_go, take
from portfolios.services.importing.sorting import Sorted, sorted_out
from portfolios.services.importing.terms import wanted_of
from portfolios.services.importing.uploading import statement_of
from portfolios.statements.outcomes import Rejected
from portfolios.statements.reading import Sheet

SHOWN = 20
_State = ImportBatch.State


def check(batch_id: UUID, *, now: datetime, wall: datetime) -> None:
    """`now` is market time. Does nothing where it is checked, or somebody is at it."""
    batch = take(batch_id, _State.CHECKING, wall)
    if batch is None:
        return
    if not batch.preset:
        end(batch, _State.CHECKING, _State.READY, wall)
        return
    try:
        _check(batch, now)
    except LeaseLost:
        return
    except KhalsiError as refusal:
        end(batch, _State.CHECKING, _State.FAILED, wall_now(), failure=refusal.message[:300], attempts=0)
    except Exception:
        let_go(batch)
        raise


def _check(batch: ImportBatch, now: datetime) -> None:
    wanted = wanted_of(batch.terms)
    statement = statement_of(batch, wanted)

    def progress(rows: int) -> None:
        hold(batch, _State.CHECKING, wall_now())

    found = sorted_out(statement, wanted.terms(now), batch.portfolio_id, now, progress)
    with transaction.atomic():
        keep_rejected(batch, found, statement.sheet)
        end(
            batch,
            _State.CHECKING,
            _State.READY,
            wall_now(),
            **counts(found),
            preview=shown(found),
            attempts=0,
        )


def counts(found: Sorted) -> dict[str, int]:
    return {
        "rows_new": len(found.new),
        "rows_known": found.known,
        "rows_probable": len(found.probable),
        "rows_ignored": found.ignored.total(),
        "rows_rejected": len(found.rejected),
    }


def keep_rejected(batch: ImportBatch, found: Sorted, sheet: Sheet) -> None:
    """In place of those of the last check; with their cells, for their owner to mend."""
    RejectedRow.objects.filter(batch=batch).delete()
    rows = (
        (batch.pk, one.line, one.column[:120], one.message[:300], [c.replace("\x00", "") for c in one.cells])
        for one in _with_cells(found.rejected, sheet)
    )
    insert_all(RejectedRow, ("batch", "line", "column", "message", "cells"), rows)


def _with_cells(rejected: list[Rejected], sheet: Sheet) -> Iterator[Rejected]:
    """Those that were refused after they had been read have lost theirs: they are read once more."""
    wanting = {one.line for one in rejected if not one.cells}
    cells: dict[int, tuple[str, ...]] = {}
    if wanting:
        cells = {
            row[0]: row[1] for row in sheet.lines() if not isinstance(row, Rejected) and row[0] in wanting
        }
    for one in rejected:
        yield one if one.cells else Rejected(one.line, one.column, one.message, cells.get(one.line, ()))


def shown(found: Sorted) -> dict[str, Any]:
    """As JSON, for the page and the API."""
    return {
        "first": [_row(line, entry) for line, entry in found.first],
        "probable": [_row(line, entry) for line, entry in found.probable[:SHOWN]],
        "ignored": _most(found.ignored.items()),
        "assets": dict(sorted(found.assets.items())[:200]),
        "unknown": _most(found.unknown.items()),
        "without_worth": found.without_worth,
        "from": iso(found.new[0].executed_at) if found.new else None,
        "to": iso(found.new[-1].executed_at) if found.new else None,
    }


def _most(counted: Iterable[tuple[str, int]]) -> list[list[Any]]:
    return [[name, count] for name, count in sorted(counted, key=lambda one: (-one[1], one[0]))[:200]]


def _row(line: int, entry: Entry) -> dict[str, Any]:
    def amount(value: Any) -> str | None:
        return None if value is None else _short(plain(value))

    return {
        "line": line,
        "kind": entry.kind.value,
        "executed_at": iso(entry.executed_at),
        "asset": entry.asset,
        "quantity": amount(entry.quantity),
        "price_usd": amount(entry.price_usd),
        "quote_asset": entry.quote_asset,
        "quote_quantity": amount(entry.quote_quantity),
        "fee_asset": entry.fee_asset,
        "fee_quantity": amount(entry.fee_quantity),
        "note": entry.note,
    }


def _short(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
