"""Who works on a batch holds a lease, and says so again and again; when it ends, another begins anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from core.jobs.slots import finish, report_progress
from core.lib.clock import wall_now
from core.lib.errors import Conflict
from core.models import JobRun
from portfolios.models import ImportBatch

LEASE = timedelta(minutes=2)
KEPT_FOR = timedelta(days=7)
_State = ImportBatch.State
AT_WORK = (_State.CHECKING, _State.RUNNING, _State.UNDOING)


GAVE_UP = "It was begun several times and never ended. Try again; if that does not help, tell us."


class LeaseLost(Conflict):
    """Somebody else goes on with this batch, or its owner let it go."""


MOST_ATTEMPTS = 5
"""In a row, without a row stored in between: what fails so often fails for a reason that time does not mend."""


def take(batch_id: UUID, state: ImportBatch.State, wall: datetime) -> ImportBatch | None:
    """None where somebody holds it, or there is nothing left to do."""
    free = Q(lease_until=None) | Q(lease_until__lte=wall)
    taken = ImportBatch.objects.filter(free, pk=batch_id, state=state).update(
        lease_until=wall + LEASE, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    batch = ImportBatch.objects.defer("content").select_related("portfolio", "run").get(pk=batch_id)
    if batch.attempts > MOST_ATTEMPTS:
        _give_up(batch, state, wall)
        return None
    return batch


def _give_up(batch: ImportBatch, state: ImportBatch.State, wall: datetime) -> None:
    """Where rows are left of an undo, the import is as it was: done, and may be undone once more."""
    is_undo = state == _State.UNDOING
    after, failure = (_State.DONE, f"Not undone yet. {GAVE_UP}") if is_undo else (_State.FAILED, GAVE_UP)
    end(batch, state, after, wall, failure=failure, rows_booked=batch.transactions.count())
    close_run(batch, JobRun.State.FAILED, failure)


def hold(batch: ImportBatch, state: ImportBatch.State, wall: datetime, **words: object) -> None:
    """For a while longer; `words` are further columns. Raises LeaseLost where it is another's by now."""
    until = wall + LEASE
    own = ImportBatch.objects.filter(pk=batch.pk, state=state, lease_until=batch.lease_until)
    if not own.update(lease_until=until, **words):
        raise LeaseLost("This import goes on elsewhere.")
    batch.lease_until = until


@contextmanager
def held(batch: ImportBatch, state: ImportBatch.State) -> Iterator[None]:
    """A part with the lease in one transaction: whoever lost it changes nothing. Undone, the lease is as it was."""
    before = batch.lease_until
    try:
        with transaction.atomic():
            hold(batch, state, wall_now(), attempts=0)
            yield
    except BaseException:
        batch.lease_until = before
        raise


def end(
    batch: ImportBatch, before: ImportBatch.State, after: ImportBatch.State, wall: datetime, **words: object
) -> None:
    """Raises LeaseLost where it is another's by now."""
    own = ImportBatch.objects.filter(pk=batch.pk, state=before, lease_until=batch.lease_until)
    if not own.update(state=after, lease_until=None, changed_at=wall, **words):
        raise LeaseLost("This import goes on elsewhere.")


def tell(batch: ImportBatch, progress: float, detail: str) -> None:
    """Its owner, who watches the job."""
    if batch.run is not None:
        report_progress(batch.run, progress, detail)


def close_run(batch: ImportBatch, state: JobRun.State, detail: str) -> None:
    if batch.run is not None:
        finish(batch.run, state, detail)


def let_go(batch: ImportBatch) -> None:
    """For whoever comes next, at once."""
    ImportBatch.objects.filter(pk=batch.pk, lease_until=batch.lease_until).update(lease_until=None)


def left_behind(wall: datetime) -> list[tuple[UUID, str]]:
    """Batches that somebody should be working on, and nobody is."""
    free = Q(lease_until__lte=wall) | Q(lease_until=None, changed_at__lte=wall - LEASE)
    rows = ImportBatch.objects.filter(free, state__in=AT_WORK).order_by("changed_at")
    return list(rows.values_list("pk", "state"))


def forget_old(wall: datetime) -> int:
    """Files that wait for a word that never came."""
    waiting = [ImportBatch.State.READY, ImportBatch.State.FAILED]
    old = ImportBatch.objects.filter(state__in=waiting, changed_at__lte=wall - KEPT_FOR)
    return old.filter(transactions=None).delete()[0]
