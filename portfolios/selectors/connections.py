"""A user's connections to exchanges: how each is, how complete its history is, and where its balance differs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, TypedDict
from uuid import UUID

from django.db.models import F, QuerySet

from core.lib.clock import iso
from core.lib.errors import NotFound
from portfolios.accounting.money import is_held
from portfolios.exchanges.profiles import PROFILES
from portfolios.models import Connection, Holding, SeenBalance, SyncCursor, SyncRun

STALE_AFTER = timedelta(hours=1)
"""A connection that was not read for so long tells of the past; its page says so."""
Completeness = Literal["complete", "reading", "incomplete", "unknown"]


class HistoryShown(TypedDict):
    kind: str
    complete_until: str | None
    refused: int


class ConnectionShown(TypedDict):
    id: str
    exchange: str
    name: str
    purpose: str
    portfolio_id: str
    dollar_coins: bool
    state: str
    is_syncing: bool
    is_stale: bool
    last_sync_at: str | None
    due_at: str | None
    last_error: str
    last_error_at: str | None
    failures: int
    rights: str
    rights_seen_at: str
    rights_confirmed_at: str | None
    completeness: Completeness
    history: list[HistoryShown]
    differences: int
    unknowable: list[str]
    job_id: int | None
    created_at: str


@dataclass(frozen=True)
class Difference:
    """A token of which the exchange says `total`, while its history adds up to `booked` and the whole portfolio holds
    `held`. `missing` is above zero where the book has too little."""

    connection: Connection
    asset: str
    ticker: str
    total: Decimal
    booked: Decimal
    held: Decimal | None
    missing: Decimal
    since: datetime


def connections_of(owner_id: UUID) -> QuerySet[Connection]:
    """In the order in which they were made."""
    own = Connection.objects.filter(owner_id=owner_id).select_related("portfolio")
    return own.prefetch_related("cursors").order_by("created_at", "id")


def connection_of(owner_id: UUID, connection_id: UUID) -> Connection:
    """Raises NotFound where there is none, or it is somebody else's."""
    own = connections_of(owner_id).filter(id=connection_id).first()
    if own is None:
        raise NotFound("You have no such connection.")
    return own


def runs_of(connection: Connection, most: int = 10) -> list[SyncRun]:
    """Newest first."""
    return list(SyncRun.objects.filter(connection=connection).order_by("-began_at", "-id")[:most])


def stale_connections(owner_id: UUID, now: datetime) -> list[Connection]:
    """Those that were not read for a while, or that wait for their owner. `now` is wall time."""
    return [one for one in connections_of(owner_id) if is_stale(one, now)]


def is_stale(connection: Connection, now: datetime) -> bool:
    if connection.state != Connection.State.ACTIVE:
        return True
    return now - (connection.last_sync_at or connection.keys_since) > STALE_AFTER


def is_syncing(connection: Connection, now: datetime) -> bool:
    return connection.leased_until is not None and connection.leased_until >= now


def is_at_work(connection: Connection, now: datetime) -> bool:
    """Whether somebody waits for what is being read: its first reading, one that was asked for, or one under way."""
    waits = connection.last_sync_at is None or connection.job_id is not None or is_syncing(connection, now)
    return waits and connection.state == Connection.State.ACTIVE and not connection.failures


def kind_read(cursors: Iterable[SyncCursor]) -> str:
    """In words, what of the history is being read; empty where that is not known."""
    kinds = list(cursors)
    begun = [one for one in kinds if one.window_until] or [one for one in kinds if one.looked_at is None]
    return begun[0].get_kind_display() if begun else ""


def completeness(cursors: Iterable[SyncCursor]) -> Completeness:
    """Whether all of the history that the exchange tells is stored."""
    kinds = list(cursors)
    if len(kinds) < len(SyncCursor.Kind):
        return "reading" if kinds else "unknown"
    if any(cursor.refused for cursor in kinds):
        return "incomplete"
    return "complete" if all(cursor.reached for cursor in kinds) else "reading"


def balance_differences(owner_id: UUID, connection_id: UUID | None = None) -> list[Difference]:
    """Seen at two times that all of the history was read, so that what had just happened is none.

    A portfolio may hold more than one account does, and may be mended by hand: so a balance between what came from
    the exchange and what the portfolio holds in all is no difference.
    """
    seen = SeenBalance.objects.filter(
        connection__owner_id=owner_id,
        differs_since__isnull=False,
        total__isnull=False,
        booked__isnull=False,
        connection__balances_at__gt=F("differs_since"),
    )
    if connection_id is not None:
        seen = seen.filter(connection_id=connection_id)
    rows = list(seen.select_related("connection__portfolio").order_by("connection__created_at", "ticker"))
    held = _held(rows)
    found = (_difference(row, held.get((row.connection.portfolio_id, row.asset))) for row in rows)
    return [difference for difference in found if difference is not None]


def _held(rows: Sequence[SeenBalance]) -> dict[tuple[UUID, str], Decimal]:
    """Of portfolios whose lots are worked out; of others it is not known now."""
    places = {
        row.connection.portfolio_id
        for row in rows
        if row.connection.portfolio.revision == row.connection.portfolio.book_revision
    }
    holdings = Holding.objects.filter(portfolio_id__in=places, asset__in={row.asset for row in rows})
    return {(one.portfolio_id, one.asset): one.quantity for one in holdings}


def _difference(row: SeenBalance, held: Decimal | None) -> Difference | None:
    total, booked = row.total, row.booked
    if total is None or booked is None or row.differs_since is None or not is_held(row.asset):
        return None
    least, most = (booked, booked) if held is None else (min(held, booked), max(held, booked))
    missing = total - most if total > most else total - least if total < least else Decimal(0)
    if not missing:
        return None
    return Difference(row.connection, row.asset, row.ticker, total, booked, held, missing, row.differs_since)


def connections_shown(
    owner_id: UUID, connections: Iterable[Connection], now: datetime
) -> list[ConnectionShown]:
    """As the contract words them; never with anything of their keys."""
    counts: dict[UUID, int] = defaultdict(int)
    for difference in balance_differences(owner_id):
        counts[difference.connection.id] += 1
    return [connection_shown(one, now, counts[one.id]) for one in connections]


def connection_shown(connection: Connection, now: datetime, differences: int = 0) -> ConnectionShown:
    cursors = list(connection.cursors.all())
    is_active = connection.state == Connection.State.ACTIVE
    return {
        "id": str(connection.id),
        "exchange": connection.exchange,
        "name": connection.name,
        "purpose": connection.purpose,
        "portfolio_id": str(connection.portfolio_id),
        "dollar_coins": connection.dollar_coins,
        "state": connection.state,
        "is_syncing": is_syncing(connection, now),
        "is_stale": is_stale(connection, now),
        "last_sync_at": _moment(connection.last_sync_at),
        "due_at": iso(connection.due_at) if is_active else None,
        "last_error": connection.last_error,
        "last_error_at": _moment(connection.last_error_at),
        "failures": connection.failures,
        "rights": connection.rights,
        "rights_seen_at": iso(connection.rights_seen_at),
        "rights_confirmed_at": _moment(connection.rights_confirmed_at),
        "completeness": completeness(cursors),
        "history": [
            {"kind": cursor.kind, "complete_until": _moment(cursor.reached), "refused": cursor.refused}
            for cursor in sorted(cursors, key=lambda one: one.kind)
        ],
        "differences": differences,
        "unknowable": list(PROFILES[connection.exchange].unknowable),
        "job_id": connection.job_id,
        "created_at": iso(connection.created_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None
