"""The rows go in: some at a time, each time as one transaction, and the lots are worked out once at the end.

Cut off at any moment and begun again it neither loses nor doubles: the file is kept until the last row is in, and rows
that are there are known by their external ids.
"""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.jobs.slots import begin_for
from core.lib.clock import wall_now
from core.lib.errors import Conflict, KhalsiError
from core.models import JobRun
from portfolios.models import ImportBatch, Transaction
from portfolios.selectors.imports import import_of
from portfolios.selectors.portfolios import locked_portfolios
from portfolios.services.booking.later import catch_up
from portfolios.services.entries import Entry
from portfolios.services.importing.checking import counts, keep_rejected, shown
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
from portfolios.services.importing.sorting import sorted_out
from portfolios.services.importing.terms import wanted_of
from portfolios.services.importing.uploading import statement_of
from portfolios.services.recording import record_many

JOB = "import"
AT_ONCE = 5000
READ, BOOKED = 0.3, 0.8
"""Reading is done at the first of these shares of the whole, storing at the second."""
_State = ImportBatch.State


@transaction.atomic
def start(
    *, owner_id: UUID, batch_id: UUID, probable: bool, wall: datetime, unchecked: bool = False
) -> ImportBatch:
    """The owner's word. Raises Conflict where it was given before, the file is not checked and need be, or another
    import into the portfolio is being undone: rows that are on their way out would count as known.
    """
    batch = import_of(owner_id, batch_id)
    if not batch.preset:
        raise Conflict("Say first which column is what.")
    locked_portfolios(owner_id)
    if batch.portfolio.imports.filter(state=_State.UNDOING).exists():
        raise Conflict("An import into this portfolio is being undone: begin when that is done.")
    run = begin_for(owner_id, JOB, "waiting")
    states = [_State.READY, _State.FAILED] + ([_State.CHECKING] if unchecked else [])
    took = ImportBatch.objects.filter(pk=batch.pk, state__in=states).update(
        state=_State.RUNNING,
        run=run,
        terms={**batch.terms, "probable": probable},
        lease_until=None,
        attempts=0,
        failure="",
        changed_at=wall,
    )
    if not took:
        raise Conflict("This import has begun already, or its file is still being checked.")
    return import_of(owner_id, batch_id)


def run_import(batch_id: UUID, *, now: datetime, wall: datetime) -> None:
    """`now` is market time. Does nothing where it is done, or somebody is at it."""
    batch = take(batch_id, _State.RUNNING, wall)
    if batch is None:
        return
    try:
        _run(batch, now)
    except LeaseLost:
        return
    except KhalsiError as refusal:
        with suppress(LeaseLost):  # the portfolio may be gone, and the batch with it
            words = {"failure": refusal.message[:300], "rows_booked": batch.transactions.count()}
            end(batch, _State.RUNNING, _State.FAILED, wall_now(), attempts=0, **words)
        close_run(batch, JobRun.State.FAILED, refusal.message)
    except Exception:
        let_go(batch)
        raise


def _run(batch: ImportBatch, now: datetime) -> None:
    wanted = wanted_of(batch.terms)
    statement = statement_of(batch, wanted)
    whole = batch.rows_new + batch.rows_known + batch.rows_probable + batch.rows_ignored + batch.rows_rejected

    def read(rows: int) -> None:
        hold(batch, _State.RUNNING, wall_now())
        tell(batch, READ * min(1.0, rows / max(whole, 1)), f"{rows} rows read")

    found = sorted_out(statement, wanted.terms(now), batch.portfolio_id, now, read)
    entries = found.new
    if wanted.probable:
        entries = sorted([*entries, *(entry for _, entry in found.probable)], key=lambda one: one.executed_at)
    before = batch.transactions.count()
    _store(batch, entries)
    if before + len(entries) > AT_ONCE:
        _catch_up(batch)
    booked = batch.transactions.count()
    told = counts(found) | {
        "rows_known": max(0, found.known - before),
        "rows_new": booked,
        "rows_booked": booked,
    }
    if wanted.probable:
        told["rows_probable"] = 0
    with transaction.atomic():
        keep_rejected(batch, found, statement.sheet)
        words = {"content": b"", "preview": batch.preview or shown(found), **told}
        end(batch, _State.RUNNING, _State.DONE, wall_now(), **words)
    close_run(batch, JobRun.State.DONE, f"{booked} rows imported")


def _store(batch: ImportBatch, entries: list[Entry]) -> None:
    for place in range(0, len(entries), AT_ONCE):
        with held(batch, _State.RUNNING):
            record_many(
                owner_id=batch.portfolio.owner_id,
                portfolio_id=batch.portfolio_id,
                entries=entries[place : place + AT_ONCE],
                origin=Transaction.Origin.FILE,
                wall=wall_now(),
                also={"batch": batch},
                later=len(entries) > AT_ONCE,
            )
        done = min(place + AT_ONCE, len(entries))
        tell(batch, READ + (BOOKED - READ) * done / len(entries), f"{done} of {len(entries)} rows stored")


def _catch_up(batch: ImportBatch) -> None:
    def told(share: float) -> None:
        hold(batch, _State.RUNNING, wall_now())
        tell(batch, BOOKED + (1 - BOOKED) * share, "working out lots")

    catch_up(batch.portfolio.owner_id, told)
