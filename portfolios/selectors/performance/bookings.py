"""What was booked in a portfolio, oldest first: rows as plain tuples, since there may be tens of thousands of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import models
from django.db.models.sql.compiler import SQLCompiler

from portfolios.models import Portfolio, Transaction


class Row(NamedTuple):
    """Fields as in `accounting.movements.Booked`. Neither ids nor what transfers are paired with is read: they change
    nothing in what a portfolio is worth.
    """

    kind: str
    at: datetime
    asset: str
    quantity: Decimal
    price_usd: Decimal | None
    quote_asset: str
    quote_quantity: Decimal | None
    fee_asset: str
    fee_quantity: Decimal
    fee_usd: Decimal | None


class Microseconds(models.Func):
    """A moment as a whole number, exactly: as moments they cost more to read than all else in their rows."""

    output_field = models.BigIntegerField()
    template = "(extract(epoch FROM %(expressions)s) * 1000000)::int8"

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        """Whose text has six digits after the seconds, or none."""
        seconds = "unixepoch(substr(%(expressions)s, 1, 19)) * 1000000"
        rest = "CAST(substr(%(expressions)s || '.000000', 21, 6) AS INTEGER)"
        return self.as_sql(compiler, connection, template=f"({seconds} + {rest})", **context)


_AT_ONCE = 2000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def first_booking(portfolio: Portfolio) -> datetime | None:
    """When the first one was executed."""
    booked = Transaction.objects.filter(portfolio=portfolio).order_by("executed_at")
    return booked.values_list("executed_at", flat=True).first()


class Bookings:
    """Rows are made while they are gone through: plain tuples in between keep the garbage collector idle."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        return map(Row._make, self._rows)


def bookings(portfolio: Portfolio, before: datetime) -> Bookings:
    booked = Transaction.objects.filter(portfolio=portfolio, executed_at__lt=before).order_by("executed_at")
    rows = booked.annotate(at=Microseconds("executed_at")).values_list(*Row._fields).iterator(_AT_ONCE)
    return Bookings([(kind, _BEGINNING + timedelta(microseconds=at), *others) for kind, at, *others in rows])
