"""Portfolios and their transactions, as tests want them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from core.lib.clock import wall_now
from portfolios.models import Holding, Portfolio, ShareLink, Transaction
from portfolios.services.sharing import digest_of

OTHER_END = UUID("00000000-0000-4000-8000-00000000e4d0")
DAY = datetime(2026, 1, 5, 12, tzinfo=UTC)


def a_portfolio(owner: User, **changes: Any) -> Portfolio:
    now = wall_now()
    fields = {"name": "Main", "created_at": now, "changed_at": now}
    return Portfolio.objects.create(owner=owner, **fields | changes)


def a_transfer_in(portfolio: Portfolio, **changes: Any) -> Transaction:
    """Unmatched; what could be its other end, once for each owner, left the same portfolio and is called OTHER_END."""
    if not Transaction.objects.filter(id=OTHER_END).exists():
        a_transaction(portfolio, id=OTHER_END, kind="transfer_out")
    return a_transaction(portfolio, kind="transfer_in", **changes)


def a_transaction(portfolio: Portfolio, **changes: Any) -> Transaction:
    """A row alone: nothing follows from it until the book is worked out. Ten SOL bought for 100 dollars each."""
    now = wall_now()
    fields: dict[str, Any] = {
        "kind": "buy",
        "executed_at": DAY,
        "asset": "solana",
        "quantity": Decimal(10),
        "price_usd": Decimal(100),
        "created_at": now,
        "changed_at": now,
    }
    return Transaction.objects.create(portfolio=portfolio, **fields | changes)


def a_holding(portfolio: Portfolio, asset: str = "solana", quantity: object = 10, **changes: Any) -> Holding:
    """As the book leaves it: ten SOL that cost 1,000 dollars, unless told otherwise."""
    fields = {"quantity": Decimal(str(quantity)), "cost_usd": Decimal(1000), "last_at": DAY}
    return Holding.objects.create(portfolio=portfolio, asset=asset, **fields | changes)


EARNED = UUID("6b1b36cb-aea8-4d3e-9b5e-7e9d1f3e1b03")


def with_issues(portfolio: Portfolio) -> None:
    """A reward of unknown worth, and a ticker of no token."""
    a_transaction(portfolio, id=EARNED, kind="reward", price_usd=None, executed_at=DAY + timedelta(days=3))
    a_transaction(portfolio, asset="WHAT", executed_at=DAY + timedelta(days=4))
    a_holding(portfolio, "WHAT")


def a_share_link(portfolio: Portfolio, token: str = "a-token", **changes: Any) -> ShareLink:
    """One that counts for a week from now."""
    now = wall_now()
    fields = {"digest": digest_of(token), "made_at": now, "ends_at": now + timedelta(days=7)}
    return ShareLink.objects.create(portfolio=portfolio, **fields | changes)
