"""Who works on a batch holds a lease, and says so again and again; when it ends, another begins anew."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from core.jobs.slots import finish
from core.lib.errors import Conflict
from core.models import JobRun
from portfolios.models import ImportBatch

LEASE = timedelta(minutes=2)
KEPT_FOR = timedelta(days=7)
AT_WORK = (ImportBatch.State.CHECKING, ImportBatch.State.RUNNING)


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
        booked = batch.transactions.count()
        end(batch, state, ImportBatch.State.FAILED, wall, failure=GAVE_UP, rows_booked=booked)
        if batch.run is not None:
            finish(batch.run, JobRun.State.FAILED, GAVE_UP)
        return None
    return batch


def hold(batch: ImportBatch, state: ImportBatch.State, wall: datetime, **words: object) -> None:
    """For a while longer; `words` are further columns. Raises LeaseLost where it is another's by now."""
    until = wall + LEASE
    own = ImportBatch.objects.filter(pk=batch.pk, state=state, lease_until=batch.lease_until)
    if not own.update(lease_until=until, **words):
        raise LeaseLost("This import goes on elsewhere.")
    batch.lease_until = until


def end(
    batch: ImportBatch, before: ImportBatch.State, after: ImportBatch.State, wall: datetime, **words: object
) -> None:
    """Raises LeaseLost where it is another's by now."""
    own = ImportBatch.objects.filter(pk=batch.pk, state=before, lease_until=batch.lease_until)
    if not own.update(state=after, lease_until=None, changed_at=wall, **words):
        raise LeaseLost("This import goes on elsewhere.")


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
