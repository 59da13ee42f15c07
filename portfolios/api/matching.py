"""The calls on the other end of a transfer between own portfolios."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, signed_in
from core.api.envelope import answer, nothing
from core.api.fields import TextUUID
from core.api.permissions import Confirmed
from core.api.schema import example
from core.lib.clock import wall_now
from core.lib.decimals import trimmed
from portfolios.accounting.movements import Kind
from portfolios.api.transaction_serializers import TransactionOutput
from portfolios.models import Transaction
from portfolios.selectors.matching import Suggestion, other_ends
from portfolios.selectors.portfolios import portfolio_of
from portfolios.selectors.transactions import symbols_of, transaction_of, transaction_shown
from portfolios.services.matching import match_transfer, unmatch_transfer

DONE = {204: OpenApiResponse(description="Done.")}


@example({"transaction_id": "3b0f6b7e-52d4-4a55-9d2a-0c8a5d3f1e77"})
class MatchInput(serializers.Serializer[Any]):
    transaction_id = TextUUID(help_text="The other end, in any of your portfolios.")


class OtherEnd(serializers.Serializer[Any]):
    transaction = TransactionOutput()
    lost = serializers.CharField(help_text="How much less arrived than left.")
    seconds_apart = serializers.FloatField(help_text="From leaving to arriving.")


class MatchOutput(serializers.Serializer[Any]):
    pair = TransactionOutput(allow_null=True, help_text="The other end that it is matched with.")
    candidates = OtherEnd(many=True, help_text="Unmatched ends that it could belong to, the likeliest first.")


class TransferMatch(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="transfer_match", responses={200: MatchOutput})
    def get(self, request: Request, portfolio_id: UUID, transaction_id: UUID) -> Response:
        """What a transfer is matched with, or could be."""
        row = transaction_of(portfolio_of(signed_in(request).id, portfolio_id), transaction_id)
        return answer(_shown(row))

    @extend_schema(operation_id="transfer_match_set", request=MatchInput, responses={200: MatchOutput})
    def post(self, request: Request, portfolio_id: UUID, transaction_id: UUID) -> Response:
        """Says that these two are one transfer: its lots move along, when and for how much they were acquired."""
        owner_id, other_id = signed_in(request).id, given(MatchInput, request)["transaction_id"]
        row = transaction_of(portfolio_of(owner_id, portfolio_id), transaction_id)
        leaves = row.kind == Kind.TRANSFER_OUT
        match_transfer(
            owner_id=owner_id,
            departure_id=row.pk if leaves else other_id,
            arrival_id=other_id if leaves else row.pk,
            wall=wall_now(),
        )
        return answer(_shown(transaction_of(row.portfolio, row.pk)))

    @extend_schema(operation_id="transfer_match_part", responses=DONE)
    def delete(self, request: Request, portfolio_id: UUID, transaction_id: UUID) -> Response:
        """Both ends stand alone again."""
        owner_id = signed_in(request).id
        row = transaction_of(portfolio_of(owner_id, portfolio_id), transaction_id)
        unmatch_transfer(owner_id=owner_id, transaction_id=row.pk, wall=wall_now())
        return nothing()


def _shown(row: Transaction) -> dict[str, Any]:
    symbols = symbols_of([row])
    return {
        "pair": transaction_shown(row.pair, symbols | symbols_of([row.pair])) if row.pair else None,
        "candidates": [_end_shown(one, row) for one in other_ends(row)],
    }


def _end_shown(one: Suggestion, row: Transaction) -> dict[str, Any]:
    other = one.arrival if one.departure == row else one.departure
    return {
        "transaction": transaction_shown(other, symbols_of([other])),
        "lost": trimmed(one.lost),
        "seconds_apart": one.apart.total_seconds(),
    }
