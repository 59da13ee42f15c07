"""Transactions recorded through the services, and all that follows from them, as tests want it."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

from django.db import transaction

from portfolios.accounting.movements import Kind
from portfolios.models import Lot, LotUse, Portfolio, Transaction
from portfolios.selectors.portfolios import locked_portfolios
from portfolios.services import booking
from portfolios.services.entries import Entry
from portfolios.services.transactions import record_transaction
from tests.make.portfolios import DAY

LATER = DAY + timedelta(days=300)


def entry(kind: str = "buy", quantity: Any = 10, price: Any = 100, *, day: float = 0, **more: Any) -> Entry:
    """`day` counts from DAY."""
    return Entry(
        kind=Kind(kind),
        executed_at=DAY + timedelta(days=day),
        asset=more.pop("asset", "solana"),
        quantity=D(quantity),
        price_usd=None if price is None else D(price),
        **more,
    )


def record(portfolio: Portfolio, *args: Any, **more: Any) -> Transaction:
    return record_transaction(
        owner_id=portfolio.owner_id,
        portfolio_id=portfolio.pk,
        entry=entry(*args, **more),
        now=LATER,
        wall=LATER,
    )


def figures(portfolio: Portfolio) -> dict[str, Any]:
    """Everything that follows from the transactions."""
    names = ("asset", "quantity", "cost_usd", "quantity_of_unknown_cost", "short", "realised_usd", "fees_usd")
    lots = Lot.objects.filter(portfolio=portfolio).order_by("asset", "place")
    uses = LotUse.objects.filter(lot__portfolio=portfolio)
    return {
        "holdings": list(
            portfolio.holdings.order_by("asset").values_list(*names, "income_usd", "lots", "last_at")
        ),
        "lots": list(
            lots.values_list("asset", "place", "quantity", "remaining", "cost_usd", "remaining_cost_usd")
        ),
        "uses": sorted(
            map(str, uses.values_list("lot__asset", "lot__place", "quantity", "cost_usd", "proceeds_usd"))
        ),
    }


def worked_out_anew(portfolio: Portfolio) -> dict[str, Any]:
    with transaction.atomic():
        locked = locked_portfolios(portfolio.owner_id)
        assets = set(portfolio.holdings.values_list("asset", flat=True))
        booking.book(
            portfolio.owner_id, locked, now=LATER, touched={asset: [portfolio.pk] for asset in assets}
        )
    return figures(portfolio)
