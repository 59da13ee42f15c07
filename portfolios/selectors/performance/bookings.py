"""What was booked in a portfolio, oldest first: rows as plain tuples, since there may be tens of thousands of them."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

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


_AT_ONCE = 2000
_COLUMNS = ["executed_at" if name == "at" else name for name in Row._fields]


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
    return Bookings(list(booked.values_list(*_COLUMNS).iterator(_AT_ONCE)))
