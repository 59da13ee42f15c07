"""Transactions as the lot book reads them, and the books that follow from them; nothing is stored."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from portfolios.accounting.book import Book, worked_out
from portfolios.accounting.movements import Booked, Kind, Method
from portfolios.accounting.taking_apart import taken_apart
from portfolios.models import Portfolio, Transaction

AT_ONCE = 2000
_BOOKED = (
    "id", "portfolio_id", "kind", "executed_at", "asset", "quantity", "price_usd", "quote_asset", "quote_quantity",
    "fee_asset", "fee_quantity", "fee_usd", "pair_id", "market_worth_usd", "market_fee_usd",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Region:
    """Portfolios between which an asset was moved, or one alone."""

    asset: str
    portfolios: frozenset[UUID]

    def movements(self) -> int:
        """At most so many: a transaction moves an asset once or twice."""
        return touching(self.portfolios, self.asset).count()


def regions(owner_id: UUID, asset: str, changed: Iterable[UUID]) -> list[Region]:
    """What must be worked out together where the asset changed in these portfolios."""
    transfers = Transaction.objects.filter(portfolio__owner_id=owner_id, asset=asset, pair__isnull=False)
    next_to: dict[UUID, set[UUID]] = defaultdict(set)
    for here, there in transfers.values_list("portfolio_id", "pair__portfolio_id").distinct():
        next_to[here].add(there)
        next_to[there].add(here)
    found: list[Region] = []
    seen: set[UUID] = set()
    for portfolio in sorted(set(changed)):
        if portfolio not in seen:
            reached = _reached(portfolio, next_to)
            seen |= reached
            found.append(Region(asset, frozenset(reached)))
    return found


def _reached(start: UUID, next_to: dict[UUID, set[UUID]]) -> set[UUID]:
    reached, ahead = {start}, [start]
    while ahead:
        new = next_to[ahead.pop()] - reached
        reached |= new
        ahead += new
    return reached


def book_of(region: Region, portfolios: Collection[Portfolio]) -> Book:
    """Read from the transactions; nothing is stored."""
    movements = taken_apart(booked_rows(touching(region.portfolios, region.asset)))
    return worked_out(methods_of(portfolios), [one for one in movements if one.asset == region.asset])


def booked(row: Transaction) -> Booked:
    return _booked(*(getattr(row, name) for name in _BOOKED))


def touching(portfolio_ids: Iterable[UUID], asset: str) -> QuerySet[Transaction]:
    """Transactions that move the asset: it was traded, paid with, or paid as a fee."""
    return Transaction.objects.filter(
        Q(asset=asset) | Q(quote_asset=asset) | Q(fee_asset=asset), portfolio_id__in=list(portfolio_ids)
    )


def booked_rows(transactions: QuerySet[Transaction]) -> list[Booked]:
    return [_booked(*row) for row in transactions.values_list(*_BOOKED).iterator(AT_ONCE)]


def methods_of(portfolios: Iterable[Portfolio]) -> dict[str, Method]:
    return {str(portfolio.pk): Method(portfolio.method) for portfolio in portfolios}


def _booked(
    pk: UUID, portfolio: UUID, kind: str, at: Any, asset: str, quantity: Any, price: Any, quote: str, paid: Any,
    fee_asset: str, fee: Any, fee_usd: Any, pair: UUID | None, market_worth: Any, market_fee: Any,
) -> Booked:  # fmt: skip
    return Booked(
        str(pk), str(portfolio), Kind(kind), at, asset, quantity, price, quote, paid, fee_asset, fee, fee_usd,
        str(pair) if pair else "", market_worth, market_fee,
    )  # fmt: skip
