"""What tests of readings say alike: read what is due, what is booked, and how the connection stands now."""

from datetime import datetime, timedelta
from decimal import Decimal

from portfolios.models import Connection, Transaction
from portfolios.services.syncing import sync_due
from tests.make.exchanges import NOW

MINUTE = timedelta(minutes=1)


def sync(at: datetime = NOW) -> int:
    return sync_due(clock=lambda: at)


def booked() -> list[tuple[str, str, Decimal]]:
    rows = Transaction.objects.order_by("executed_at", "external_id")
    return [(row.kind, row.asset, row.quantity) for row in rows]


def told(connection: Connection) -> Connection:
    connection.refresh_from_db()
    return connection
