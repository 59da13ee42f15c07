"""A connection ends: its keys go at once, and the transactions that came through it if its owner wants."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.services.audit import NOWHERE, Action, Origin
from core.jobs.slots import finish
from core.models import JobRun
from portfolios.models import SyncedRow
from portfolios.selectors.connections import connection_of
from portfolios.services.connecting.joining import note, own_connection
from portfolios.services.recording import delete_many


def disconnect(
    *, owner_id: UUID, connection_id: UUID, with_rows: bool, now: datetime, origin: Origin = NOWHERE
) -> int:
    """How many transactions went with it. A worker that is reading finds it gone before it stores anything more."""
    with transaction.atomic():
        known = connection_of(owner_id, connection_id)
        gone = 0
        if with_rows:  # first, since whoever stores locks the portfolio before the connection
            rows = list(SyncedRow.objects.filter(connection=known).values_list("transaction_id", flat=True))
            gone = delete_many(
                owner_id=owner_id, portfolio_id=known.portfolio_id, transaction_ids=rows, wall=now
            )
        connection = own_connection(owner_id, connection_id)
        note(Action.EXCHANGE_DISCONNECTED, connection, now, origin)
        _end_job(connection.job_id)
        connection.delete()
    return gone


def _end_job(job_id: int | None) -> None:
    run = JobRun.objects.filter(pk=job_id or 0, state=JobRun.State.RUNNING).first()
    if run is not None:
        finish(run, JobRun.State.FAILED, "The connection was ended.")
