"""A portfolio's transactions, as they are searched, and as the contract words them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core.lib.clock import iso
from core.lib.decimals import trimmed
from core.lib.errors import NotFound
from markets.models import Token
from portfolios.accounting.market_worth import MarketWorth
from portfolios.models import Portfolio, Transaction

NEWEST_FIRST = ("-executed_at", "id")


@dataclass(frozen=True)
class Searched:
    """Empty means all. `asset` is also found where it was paid with, or paid as a fee."""

    kind: str = ""
    asset: str = ""
    origin: str = ""
    since: datetime | None = None
    until: datetime | None = None


def transactions_of(portfolio: Portfolio, searched: Searched = Searched()) -> QuerySet[Transaction]:
    """The caller orders, by `NEWEST_FIRST` where people read."""
    rows = Transaction.objects.filter(portfolio=portfolio)
    if searched.kind:
        rows = rows.filter(kind=searched.kind)
    if searched.origin:
        rows = rows.filter(origin=searched.origin)
    if searched.asset:
        named = searched.asset
        rows = rows.filter(Q(asset=named) | Q(quote_asset=named) | Q(fee_asset=named))
    if searched.since:
        rows = rows.filter(executed_at__gte=searched.since)
    if searched.until:
        rows = rows.filter(executed_at__lt=searched.until)
    return rows


def transaction_of(portfolio: Portfolio, transaction_id: UUID) -> Transaction:
    row = Transaction.objects.filter(portfolio=portfolio, id=transaction_id).select_related("pair").first()
    if row is None:
        raise NotFound("This portfolio has no such transaction.")
    return row


def symbols_of(rows: Iterable[Transaction]) -> dict[str, str]:
    """What people call the assets in these rows, in one query; one without a name is its own."""
    return symbols_named(
        {name for row in rows for name in (row.asset, row.quote_asset, row.fee_asset) if name}
    )


def symbols_named(assets: Collection[str]) -> dict[str, str]:
    known = dict(Token.objects.filter(coingecko_id__in=assets).values_list("coingecko_id", "symbol"))
    return {asset: known.get(asset, asset) for asset in assets}


def transaction_shown(row: Transaction, symbols: dict[str, str]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "portfolio_id": str(row.portfolio_id),
        "kind": row.kind,
        "executed_at": iso(row.executed_at),
        "asset": row.asset,
        "symbol": symbols.get(row.asset, row.asset),
        "quantity": trimmed(row.quantity),
        "price_usd": _text(row.price_usd),
        "quote_asset": row.quote_asset,
        "quote_quantity": _text(row.quote_quantity),
        "fee_asset": row.fee_asset,
        "fee_quantity": trimmed(row.fee_quantity),
        "fee_usd": _text(row.fee_usd),
        "valued_at_market": worths_shown(row.valued),
        "pair_id": str(row.pair_id) if row.pair_id else None,
        "note": row.note,
        "origin": row.origin,
        "external_id": row.external_id,
        "created_at": iso(row.created_at),
        "changed_at": iso(row.changed_at),
    }


def worths_shown(worths: Iterable[MarketWorth]) -> list[dict[str, Any]]:
    """Each with what it follows from, so that it can be worked out again."""
    return [
        {
            "part": one.part.value,
            "worth_usd": trimmed(one.usd),
            "asset": one.asset,
            "symbol": one.close.symbol,
            "quantity": trimmed(one.quantity),
            "price_usd": trimmed(one.close.price_usd),
            "closed_at": iso(one.close.closed_at),
            "interval_seconds": one.close.interval_seconds,
            "source": one.close.source,
        }
        for one in worths
    ]


def _text(value: Any) -> str | None:
    return None if value is None else trimmed(value)
