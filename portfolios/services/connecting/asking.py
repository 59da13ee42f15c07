"""Synchronise now: ahead of all that nobody waits for."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from core.jobs.slots import begin_for, may_take
from core.lib.errors import Conflict
from core.models import JobRun
from portfolios.models import Connection
from portfolios.services.connecting.joining import own_connection
from portfolios.services.connecting.waking import wake

JOB = "exchange-sync"
may_take(JOB, timedelta(hours=6))  # a long history is read in slices, between which others have their turn
State = Connection.State


def ask_for_sync(*, owner_id: UUID, connection_id: UUID, now: datetime) -> JobRun:
    """The run that tells how far it is: the one under way where there is one. Conflict where the keys don't work."""
    with transaction.atomic():
        connection = own_connection(owner_id, connection_id)
        if connection.state != State.ACTIVE:
            raise Conflict("This connection needs new keys first.")
        return _asked(connection, now)


def ask_for_all(*, owner_id: UUID, now: datetime) -> list[JobRun]:
    """Of every connection that works; none where there is none."""
    with transaction.atomic():
        own = Connection.objects.select_for_update().filter(owner_id=owner_id, state=State.ACTIVE)
        return [_asked(connection, now) for connection in own.order_by("created_at", "id")]


def ask_for_those(connections: QuerySet[Connection], now: datetime) -> int:
    """By staff; how many. Call it inside a transaction."""
    active = list(connections.filter(state=State.ACTIVE))
    for connection in active:
        _asked(connection, now)
    return len(active)


def _asked(connection: Connection, now: datetime) -> JobRun:
    running = JobRun.objects.filter(pk=connection.job_id or 0, state=JobRun.State.RUNNING).first()
    if running is not None:
        Connection.objects.filter(id=connection.id).update(due_at=min(connection.due_at, now))
        wake()
        return running
    run = begin_for(connection.owner_id, JOB, f"{connection.get_exchange_display()}: waiting for a worker")
    Connection.objects.filter(id=connection.id).update(asked_at=now, due_at=now, job_id=run.pk)
    wake()
    return run
