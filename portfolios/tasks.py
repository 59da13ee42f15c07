"""The jobs of portfolios: words in, a service call, a line of log out. Each can run twice and be lost."""

from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from celery import shared_task
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerAway

from core.jobs.slots import begin_for, claim, report_progress, running
from core.jobs.tasks import JobTask
from core.lib.clock import market_now, wall_now
from portfolios import feed
from portfolios.models import ImportBatch
from portfolios.services import filling
from portfolios.services.booking import later
from portfolios.services.importing import leasing
from portfolios.services.importing.checking import check
from portfolios.services.importing.running import run_import
from portfolios.services.importing.undoing import begin_undo, run_undo, undo
from portfolios.services.syncing import sync_due as synchronise_due
from portfolios.services.syncing.order import workers_wanted

log = structlog.get_logger(__name__)
PACE_SECONDS = 4
_ASKED = "portfolios:values-asked"
WAITS_AT_MOST = 50
"""A message to the synchronising workers that waited so long is needless: the sweep has sent new ones."""


def push_values_soon() -> None:
    """Once in `PACE_SECONDS`, however many prices came, and late enough to hold the last of them."""
    if cache.add(_ASKED, True, PACE_SECONDS):
        push_values.apply_async(countdown=PACE_SECONDS, expires=5 * PACE_SECONDS)


@shared_task(base=JobTask, name="portfolios.push_values")
def push_values() -> None:
    feed.push_values(now=market_now(), wall=wall_now())


@shared_task(base=JobTask, name="portfolios.work_out_books")
def work_out_books(owner_id: str) -> None:
    """What is too large for a request: lots and holdings from all transactions of an asset."""
    run = begin_for(UUID(owner_id), later.JOB, "Lots are worked out anew")
    with running(run):
        later.show_run(UUID(owner_id), run)
        assets = later.catch_up(UUID(owner_id), partial(report_progress, run))
        run.detail = f"{assets} assets worked out anew"
    log.info("books_worked_out", owner=owner_id, assets=assets)


@shared_task(base=JobTask, name="portfolios.sweep_books")
def sweep_books(slot: str = "") -> None:
    """Each five minutes: books that a lost message left behind."""
    run = claim("portfolio-book-sweep", datetime.fromisoformat(slot) if slot else None)
    if run is None:
        return
    with running(run):
        owners = later.owners_behind(wall_now())
        for owner_id in owners:
            work_out_books.delay(str(owner_id))
        run.detail = f"{len(owners)} owners behind"


@shared_task(base=JobTask, name="portfolios.fill_in_worths")
def fill_in_worths(slot: str = "") -> None:
    """Each quarter hour: worths that were unknown when they were booked, and that a close tells now."""
    run = claim("market-worths", datetime.fromisoformat(slot) if slot else None)
    if run is None:
        return
    with running(run):
        run.detail = f"{filling.fill_in_worths(wall_now())} transactions valued at market"


AT_ONCE_BYTES = 256 * 1024
"""Files up to here are read within the request; larger ones by a worker, with progress."""
AT_ONCE_ROWS = 5000
"""So many are taken out within the request."""


@shared_task(base=JobTask, name="portfolios.check_import")
def check_import(batch_id: str) -> None:
    check(UUID(batch_id), now=market_now(), wall=wall_now())


@shared_task(base=JobTask, name="portfolios.run_import")
def run_import_of(batch_id: str) -> None:
    run_import(UUID(batch_id), now=market_now(), wall=wall_now())


@shared_task(base=JobTask, name="portfolios.sweep_imports")
def sweep_imports(slot: str = "") -> None:
    """Each minute: imports that a lost message or a dead worker left behind, and files that nobody came back to."""
    run = claim("imports", datetime.fromisoformat(slot) if slot else None)
    if run is None:
        return
    with running(run):
        left = leasing.left_behind(wall_now())
        for batch_id, state in left:
            _SENDERS[ImportBatch.State(state)](batch_id)
        run.detail = f"{len(left)} taken up again, {leasing.forget_old(wall_now())} forgotten"


@shared_task(base=JobTask, name="portfolios.undo_import")
def undo_import(batch_id: str) -> None:
    run_undo(UUID(batch_id), wall=wall_now())


def take_back(owner_id: UUID, batch: ImportBatch) -> int | None:
    """The owner undoes an import. How many rows went; None where so many go that a worker does it, with progress."""
    if batch.transactions.count() <= AT_ONCE_ROWS:
        return undo(owner_id=owner_id, batch_id=batch.pk, wall=wall_now())
    begin_undo(owner_id=owner_id, batch_id=batch.pk, wall=wall_now())
    send_undo(batch.pk)
    return None


def send_check(batch_id: UUID) -> None:
    transaction.on_commit(partial(_send, check_import, str(batch_id)))


def send_import(batch_id: UUID) -> None:
    transaction.on_commit(partial(_send, run_import_of, str(batch_id)))


def send_undo(batch_id: UUID) -> None:
    transaction.on_commit(partial(_send, undo_import, str(batch_id)))


_SENDERS = {
    ImportBatch.State.CHECKING: send_check,
    ImportBatch.State.RUNNING: send_import,
    ImportBatch.State.UNDOING: send_undo,
}


def _send(task: JobTask, batch_id: str) -> None:
    """Where the queue is away, the minute's sweep sends it."""
    try:
        task.delay(batch_id)
    except BrokerAway as error:
        log.warning("import_waits_for_the_sweep", batch=batch_id, error=type(error).__name__)


def wake_syncers(count: int = 1) -> None:
    for _ in range(count):
        sync_due.apply_async(expires=WAITS_AT_MOST)


@shared_task(base=JobTask, name="portfolios.sync_due")
def sync_due() -> None:
    """Which connection it is, the worker finds out when it has time: so nobody's place in a queue grows old."""
    if count := synchronise_due():
        log.info("exchanges_synchronised", connections=count)


@shared_task(base=JobTask, name="portfolios.sweep_connections")
def sweep_connections(slot: str = "") -> None:
    """Each minute: connections whose time has come, and those that a lost message or a dead worker left behind."""
    wake_syncers(workers_wanted(wall_now()))
