"""What portfolios keep about a person."""

from typing import Any
from uuid import UUID

from portfolios.models import (
    Connection,
    ImportBatch,
    LeftIssue,
    Portfolio,
    RejectedRow,
    SeenBalance,
    ShareLink,
    SyncRun,
    Transaction,
)


def stored_about(user_id: UUID) -> dict[str, Any]:
    """Each part is rows. Lots and holdings are worked out of the transactions."""
    return {
        "portfolios": Portfolio.objects.filter(owner_id=user_id).order_by("created_at").values(
            "id", "name", "note", "method", "is_default", "created_at", "changed_at"
        ),
        "portfolio_issues_left": LeftIssue.objects.filter(portfolio__owner_id=user_id).order_by("id").values(
            "portfolio_id", "kind", "subject", "facts", "left_at"
        ),
        "portfolio_share_links": ShareLink.objects.filter(portfolio__owner_id=user_id).order_by("made_at").values(
            "id", "portfolio_id", "note", "made_at", "ends_at", "ended_at"
        ),
        "transactions": Transaction.objects.filter(portfolio__owner_id=user_id)
        .order_by("executed_at", "id")
        .values(
            "id", "portfolio_id", "kind", "executed_at", "asset", "quantity", "price_usd", "quote_asset",
            "quote_quantity", "fee_asset", "fee_quantity", "fee_usd", "market_worth_usd", "market_fee_usd",
            "valued_by", "pair_id", "note", "origin", "external_id",
            "batch_id", "created_at", "changed_at",
        ),
        "imports": ImportBatch.objects.filter(portfolio__owner_id=user_id).order_by("created_at").values(
            "id", "portfolio_id", "state", "size", "digest", "header", "encoding", "preset", "terms", "rows_new",
            "rows_known", "rows_probable", "rows_ignored", "rows_rejected", "rows_booked", "failure", "created_at",
            "changed_at",
        ),
        "rejected_rows": RejectedRow.objects.filter(batch__portfolio__owner_id=user_id).order_by("id").values(
            "batch_id", "line", "column", "message", "cells"
        ),
        "exchange_connections": Connection.objects.filter(owner_id=user_id).order_by("created_at").values(
            "id", "portfolio_id", "exchange", "name", "purpose", "state", "dollar_coins", "created_at", "keys_since",
            "rights", "rights_seen_at", "rights_confirmed_at", "last_sync_at", "last_error", "last_error_at",
        ),
        "exchange_balances": SeenBalance.objects.filter(connection__owner_id=user_id)
        .order_by("connection_id", "ticker")
        .values("connection_id", "ticker", "asset", "total", "seen_at", "booked", "differs_since"),
        "exchange_readings": SyncRun.objects.filter(connection__owner_id=user_id).order_by("id").values(
            "connection_id", "began_at", "ended_at", "state", "asked", "rows_seen", "rows_new", "error"
        ),
    }  # fmt: skip
