"""The calls on the transactions of a portfolio of one's own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, signed_in
from core.api.envelope import answer, nothing
from core.api.idempotency import idempotent
from core.api.pagination import cursor_page
from core.api.permissions import Confirmed
from core.lib.clock import market_now, wall_now
from portfolios.accounting.movements import Kind
from portfolios.api.transaction_serializers import (
    TransactionChanges,
    TransactionInput,
    TransactionOutput,
    TransactionQuery,
    named_assets,
)
from portfolios.models import Transaction
from portfolios.selectors.assets import assets_meant
from portfolios.selectors.portfolios import portfolio_of
from portfolios.selectors.transactions import (
    NEWEST_FIRST,
    Searched,
    symbols_of,
    transaction_of,
    transaction_shown,
    transactions_of,
)
from portfolios.services.changing import price_following
from portfolios.services.entries import Entry
from portfolios.services.transactions import change_transaction, delete_transaction, record_transaction

DONE = {204: OpenApiResponse(description="Done.")}


class Transactions(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="transactions",
        parameters=[TransactionQuery],
        responses={200: TransactionOutput(many=True)},
    )
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """What was booked in it, newest first, by cursor."""
        portfolio = portfolio_of(signed_in(request).id, portfolio_id)
        rows = transactions_of(portfolio, _searched(TransactionQuery.read(request)))
        page = cursor_page(rows, request, order=NEWEST_FIRST)
        symbols = symbols_of(page.items)
        return answer([transaction_shown(row, symbols) for row in page.items], page.meta)

    @idempotent()
    @extend_schema(
        operation_id="transaction_book", request=TransactionInput, responses={201: TransactionOutput}
    )
    def post(self, request: Request, portfolio_id: UUID) -> Response:
        """Books one. Lots, cost and profit follow at once; after a large change of the past they are worked out anew,
        and `is_current` of the portfolio is false until then."""
        owner_id = signed_in(request).id
        portfolio_of(owner_id, portfolio_id)
        asked = given(TransactionInput, request)
        row = record_transaction(
            owner_id=owner_id,
            portfolio_id=portfolio_id,
            entry=Entry(**_meant(asked)),
            now=market_now(),
            wall=wall_now(),
        )
        return answer(_shown(row), status=201)


class OneTransaction(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="transaction", responses={200: TransactionOutput})
    def get(self, request: Request, portfolio_id: UUID, transaction_id: UUID) -> Response:
        """One of them."""
        portfolio = portfolio_of(signed_in(request).id, portfolio_id)
        return answer(_shown(transaction_of(portfolio, transaction_id)))

    @extend_schema(
        operation_id="transaction_change", request=TransactionChanges, responses={200: TransactionOutput}
    )
    def patch(self, request: Request, portfolio_id: UUID, transaction_id: UUID) -> Response:
        """Changes what is given; what follows from it is worked out anew. A transfer whose kind, asset or quantity
        changes loses the other end that it was matched with."""
        owner_id = signed_in(request).id
        before = transaction_of(portfolio_of(owner_id, portfolio_id), transaction_id)
        row = change_transaction(
            owner_id=owner_id,
            portfolio_id=portfolio_id,
            transaction_id=transaction_id,
            changes=price_following(before, _meant(given(TransactionChanges, request))),
            now=market_now(),
            wall=wall_now(),
        )
        return answer(_shown(row))

    @extend_schema(operation_id="transaction_delete", responses=DONE)
    def delete(self, request: Request, portfolio_id: UUID, transaction_id: UUID) -> Response:
        """As if it had never been; the other end of a matched transfer stays, unmatched."""
        delete_transaction(
            owner_id=signed_in(request).id,
            portfolio_id=portfolio_id,
            transaction_id=transaction_id,
            wall=wall_now(),
        )
        return nothing()


def _searched(asked: Mapping[str, Any]) -> Searched:
    named = asked.get("asset", "")
    return Searched(
        kind=asked.get("kind", ""),
        asset=assets_meant([named])[named] if named else "",
        origin=asked.get("origin", ""),
        since=asked.get("from"),
        until=asked.get("to"),
    )


def _meant(asked: Mapping[str, Any]) -> dict[str, Any]:
    """As services take it."""
    words = dict(asked)
    names = assets_meant(named_assets(asked))
    for field in ("asset", "quote_asset", "fee_asset"):
        if words.get(field):
            words[field] = names[words[field]]
    if "kind" in words:
        words["kind"] = Kind(words["kind"])
    return words


def _shown(row: Transaction) -> dict[str, Any]:
    return transaction_shown(row, symbols_of([row]))
