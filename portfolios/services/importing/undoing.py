"""An import taken back: some of its rows go at a time, each time as one transaction, and the lots are worked out once
at the end. Cut off at any moment and begun again it goes on with the rows that are left.
"""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from core.jobs.slots import begin_for
from core.lib.clock import wall_now
from core.lib.errors import Conflict, KhalsiError
from core.models import JobRun
from portfolios.models import ImportBatch, Transaction
from portfolios.selectors.imports import import_of
from portfolios.selectors.portfolios import locked_portfolios
from portfolios.services.booking.later import catch_up
from portfolios.services.importing.leasing import (
    LeaseLost,
    close_run,
    end,
    held,
    hold,
    let_go,
    take,
    tell,
)
from portfolios.services.recording import delete_many

JOB = "import-undo"
AT_ONCE = 5000
GONE = 0.6
"""The last row goes at this share of the whole; the rest is for the lots."""
_State = ImportBatch.State


@transaction.atomic
def undo(*, owner_id: UUID, batch_id: UUID, wall: datetime) -> int:
    """All at once, for a small import. How many rows went; those that were changed by hand since are among them. Raises
    as `begin_undo` does.
    """
    batch = begin_undo(owner_id=owner_id, batch_id=batch_id, wall=wall)
    count = _rows(batch).count()
    run_undo(batch_id, wall=wall)
    if failure := import_of(owner_id, batch_id).failure:
        raise Conflict(failure)
    return count


@transaction.atomic
def begin_undo(*, owner_id: UUID, batch_id: UUID, wall: datetime) -> ImportBatch:
    """The owner's word. Raises Conflict where nothing was imported, it was given before, or another file is on its way
    into the portfolio: rows that it found there must not go from under it.
    """
    batch = import_of(owner_id, batch_id)
    locked_portfolios(owner_id)
    if batch.portfolio.imports.filter(state=_State.RUNNING).exclude(pk=batch.pk).exists():
        raise Conflict("Another file is being imported into this portfolio: undo this one when that is done.")
    took = ImportBatch.objects.filter(pk=batch.pk, state__in=[_State.DONE, _State.FAILED]).update(
        state=_State.UNDOING,
        run=begin_for(owner_id, JOB, "waiting"),
        changed_at=wall,
        content=b"",
        failure="",
        lease_until=None,
        attempts=0,
    )
    if not took:
        raise Conflict(_refusal(import_of(owner_id, batch_id)))
    return import_of(owner_id, batch_id)


def _refusal(batch: ImportBatch) -> str:
    if batch.state == _State.UNDOING:
        return "This import is being undone already, and goes on by itself."
    return "Only an import that is done can be undone, and only once."


def run_undo(batch_id: UUID, *, wall: datetime) -> None:
    """Does nothing where it is undone, or somebody is at it."""
    batch = take(batch_id, _State.UNDOING, wall)
    if batch is None:
        return
    try:
        _run(batch)
    except LeaseLost:
        return
    except KhalsiError as refusal:
        with suppress(LeaseLost):  # the portfolio may be gone, and the batch with it
            failure = f"It could not be undone: {refusal.message}"[:300]
            end(batch, _State.UNDOING, _State.DONE, wall_now(), attempts=0, failure=failure)
        close_run(batch, JobRun.State.FAILED, refusal.message)
    except Exception:
        let_go(batch)
        raise


def _run(batch: ImportBatch) -> None:
    left = _rows(batch).count()
    whole = max(batch.rows_booked, left)
    is_large = whole > AT_ONCE
    while ids := list(_rows(batch).values_list("pk", flat=True)[:AT_ONCE]):
        with held(batch, _State.UNDOING):
            left -= delete_many(
                owner_id=batch.portfolio.owner_id,
                portfolio_id=batch.portfolio_id,
                transaction_ids=ids,
                wall=wall_now(),
                later=is_large,
            )
        tell(batch, GONE * (whole - left) / whole, f"{whole - left} of {whole} rows taken out")
    if is_large:
        _catch_up(batch)
    end(batch, _State.UNDOING, _State.UNDONE, wall_now(), attempts=0)
    close_run(batch, JobRun.State.DONE, f"{whole} rows taken out")


def _rows(batch: ImportBatch) -> QuerySet[Transaction]:
    """What it brought and is still where it came."""
    return batch.transactions.filter(portfolio_id=batch.portfolio_id)


def _catch_up(batch: ImportBatch) -> None:
    def told(share: float) -> None:
        hold(batch, _State.UNDOING, wall_now())
        tell(batch, GONE + (1 - GONE) * share, "working out lots")

    catch_up(batch.portfolio.owner_id, told)
