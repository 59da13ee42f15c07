"""A worker takes a connection for a while, and everything that it stores renews its hold. Whoever lost his stores
nothing more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from portfolios.models import Connection, SyncRun
from portfolios.services.syncing.order import free_or_left, next_ones

LEASE = timedelta(seconds=120)
"""Longer than one request may take with all its waits; it is renewed before each."""
State = Connection.State


class LeaseLost(Exception):
    """Another worker has taken over, or the connection is gone, off, or has new keys."""


@dataclass(frozen=True)
class Held:
    """A connection in the caller's hands, and the run that tells of it."""

    connection: Connection
    run: SyncRun


def take_next(now: datetime, at_once: int) -> Held | None:
    """None where nothing is due, or all that is due waits for an exchange that has its share of workers."""
    for connection_id in next_ones(now, at_once):
        held = take(connection_id, now)
        if held is not None:
            return held
    return None


@transaction.atomic
def take(connection_id: UUID, now: datetime) -> Held | None:
    """Whoever changes the row has it."""
    token = uuid4()
    own = Connection.objects.filter(free_or_left(now), id=connection_id, state=State.ACTIVE, due_at__lte=now)
    if not own.update(lease=token, leased_until=now + LEASE):
        return None
    SyncRun.objects.filter(connection_id=connection_id, state=SyncRun.State.RUNNING).update(
        state=SyncRun.State.LOST, ended_at=now
    )
    connection = Connection.objects.select_related("owner", "portfolio").get(id=connection_id)
    run = SyncRun.objects.create(
        connection=connection, lease=token, began_at=now, asked=connection.asked_at is not None
    )
    return Held(connection, run)


def renew(held: Held, now: datetime) -> None:
    """Raises LeaseLost; inside a transaction, which is then undone."""
    if not mine(held).update(leased_until=now + LEASE):
        raise LeaseLost


def give_back(held: Held, **facts: object) -> bool:
    """With what is known now; False where it was lost before."""
    return mine(held).update(lease=None, leased_until=None, **facts) == 1


def mine(held: Held) -> QuerySet[Connection]:
    return Connection.objects.filter(id=held.connection.id, lease=held.run.lease)


def release_leases(now: datetime) -> int:
    """Embedded start: whoever held a connection died with the process, so nobody needs to wait for him."""
    return Connection.objects.filter(lease__isnull=False, leased_until__gt=now).update(
        leased_until=now - timedelta(seconds=1)
    )
