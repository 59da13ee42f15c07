"""Transactions as the lot book sees them, as tests want them: `buy(10, 100)` is ten SOL for a hundred dollars each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from portfolios.accounting.book import Book, worked_out
from portfolios.accounting.movements import Booked, Kind, Method
from portfolios.accounting.taking_apart import taken_apart

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
_ids = count(1)


def booked(kind: Kind, quantity: Any, price: Any = None, *, day: float = 0, **more: Any) -> Booked:
    """`day` counts from START."""
    return Booked(
        id=more.pop("id", f"t{next(_ids):05}"),
        portfolio=more.pop("portfolio", "main"),
        kind=kind,
        at=START + timedelta(days=day),
        asset=more.pop("asset", "solana"),
        quantity=Decimal(quantity),
        price_usd=None if price is None else Decimal(price),
        **{name: Decimal(value) if isinstance(value, int) else value for name, value in more.items()},
    )


def buy(quantity: Any, price: Any = None, **more: Any) -> Booked:
    return booked(Kind.BUY, quantity, price, **more)


def sell(quantity: Any, price: Any = None, **more: Any) -> Booked:
    return booked(Kind.SELL, quantity, price, **more)


def moved(quantity: Any, *, to: str, day: float = 0, arrives: Any = None, **more: Any) -> list[Booked]:
    """Both ends of a transfer from "main"; `arrives` where it is less than left."""
    out = booked(Kind.TRANSFER_OUT, quantity, day=day, **more)
    come = booked(Kind.TRANSFER_IN, arrives or quantity, day=day, portfolio=to, asset=out.asset, pair=out.id)
    return [replace(out, pair=come.id), come]


def book_of(transactions: list[Booked], method: Method = Method.FIFO) -> Book:
    """Every portfolio counts by the same method."""
    methods = {row.portfolio: method for row in transactions}
    return worked_out(methods, taken_apart(transactions))
