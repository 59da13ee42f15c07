"""The calls under `exchanges`. Keys come in and never go out: no answer, refusal or log holds anything of them."""

from typing import Any
from uuid import UUID

from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, origin, signed_in
from core.api.envelope import answer, nothing
from core.api.idempotency import idempotent
from core.api.pagination import PageQuery, page_of
from core.api.permissions import Confirmed
from core.lib.clock import wall_now
from portfolios.api.exchange_serializers import (
    ConnectInput,
    ConnectionOutput,
    DisconnectQuery,
    ExaminedOutput,
    SupportedOutput,
    SyncAllOutput,
    SyncOutput,
    TestInput,
)
from portfolios.exchanges.base import Credentials
from portfolios.exchanges.profiles import PROFILES
from portfolios.selectors.connections import connection_of, connections_of, connections_shown
from portfolios.services.connecting import asking, examining, joining, leaving
from portfolios.services.portfolios import first_portfolio

DONE = {204: OpenApiResponse(description="Done.")}


class Supported(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="exchanges_supported", responses={200: SupportedOutput(many=True)})
    def get(self, request: Request) -> Response:
        """The exchanges, and what each needs to be read."""
        return answer([_supported(name) for name in PROFILES])


class TestKeys(APIView):
    permission_classes = [Confirmed]

    @sensitive_variables("asked", "credentials")
    @extend_schema(operation_id="exchange_test", request=TestInput, responses={200: ExaminedOutput})
    def post(self, request: Request) -> Response:
        """Asks the exchange what these keys may do, and keeps nothing. Thirty in an hour (429)."""
        asked = given(TestInput, request)
        found = examining.examine(
            owner_id=signed_in(request).id,
            exchange=asked["exchange"],
            credentials=_credentials(asked),
            with_assets=True,
        )
        return answer(_examined(found))


@sensitive_variables("given_words")
def _examine_first(view: "Connect", request: Request) -> examining.Examined:
    given_words = given(ConnectInput, request)
    return examining.examine(
        owner_id=signed_in(request).id,
        exchange=given_words["exchange"],
        credentials=_credentials(given_words),
    )


class Connect(APIView):
    permission_classes = [Confirmed]

    @sensitive_variables("words", "credentials")
    @idempotent(asking=_examine_first)
    @extend_schema(operation_id="exchange_connect", request=ConnectInput, responses={201: ConnectionOutput})
    def post(self, request: Request, asked: examining.Examined) -> Response:
        """Connects an account after its keys were looked at; its history is read at once. Keys that can trade or
        withdraw are refused with the reason (400). Free plans have 1 connection, pro plans 10 (409)."""
        words, owner_id, now = given(ConnectInput, request), signed_in(request).id, wall_now()
        terms: dict[str, Any] = {
            "owner_id": owner_id,
            "credentials": _credentials(words),
            "examined": asked,
            "confirmed": words["confirm_read_only"],
            "now": now,
            "origin": origin(request),
        }
        if "connection_id" in words:
            connection = joining.replace_keys(connection_id=words["connection_id"], **terms)
        else:
            portfolio_id = words.get("portfolio_id") or first_portfolio(owner_id=owner_id, now=now).id
            connection = joining.connect(
                portfolio_id=portfolio_id,
                name=words["name"],
                dollar_coins=words["dollar_coins"],
                **terms,
            )
        return answer(_shown(owner_id, connection.id), status=201)


class Connections(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="connections", parameters=[PageQuery], responses={200: ConnectionOutput(many=True)}
    )
    def get(self, request: Request) -> Response:
        """The own connections: how each is, how complete its history is, and whether balances agree."""
        owner_id = signed_in(request).id
        page = page_of(connections_of(owner_id), request)
        return answer(connections_shown(owner_id, page.items, wall_now()), page.meta)


class SyncConnection(APIView):
    permission_classes = [Confirmed]

    @idempotent()
    @extend_schema(operation_id="connection_sync", request=None, responses={202: SyncOutput})
    def post(self, request: Request, connection_id: UUID) -> Response:
        """Reads it now, ahead of what nobody waits for. Asked twice, it is one run."""
        run = asking.ask_for_sync(owner_id=signed_in(request).id, connection_id=connection_id, now=wall_now())
        return answer({"job_id": run.pk}, status=202)


class OneConnection(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="connection_disconnect",
        parameters=[
            OpenApiParameter(
                "with_transactions",
                {"type": "string", "enum": ["true", "false"]},
                description="`true`: what came through it is deleted too. Else it stays.",
            )
        ],
        responses=DONE,
    )
    def delete(self, request: Request, connection_id: UUID) -> Response:
        """Disconnects it. Its keys are gone at once."""
        query = DisconnectQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        leaving.disconnect(
            owner_id=signed_in(request).id,
            connection_id=connection_id,
            with_rows=query.validated_data["with_transactions"],
            now=wall_now(),
            origin=origin(request),
        )
        return nothing()


class SyncAll(APIView):
    permission_classes = [Confirmed]

    @idempotent()
    @extend_schema(operation_id="connections_sync", request=None, responses={202: SyncAllOutput})
    def post(self, request: Request) -> Response:
        """Reads all own connections that work, now."""
        runs = asking.ask_for_all(owner_id=signed_in(request).id, now=wall_now())
        return answer({"job_ids": [run.pk for run in runs]}, status=202)


def _credentials(asked: dict[str, Any]) -> Credentials:
    return Credentials(asked["key"], asked["secret"], asked["passphrase"])


def _shown(owner_id: UUID, connection_id: UUID) -> Any:
    return connections_shown(owner_id, [connection_of(owner_id, connection_id)], wall_now())[0]


def _examined(found: examining.Examined) -> dict[str, Any]:
    return {
        "exchange": found.exchange,
        "usable": found.usable,
        "verdict": found.verdict,
        "must_confirm": found.must_confirm,
        "reason": found.reason,
        "more": list(found.more),
        "lacking": list(found.lacking),
        "assets": found.assets,
    }


def _supported(name: str) -> dict[str, Any]:
    profile = PROFILES[name]
    fields = [
        {
            "name": field.name,
            "label": field.label,
            "help": field.help,
            "is_secret": field.is_secret,
            "is_long": field.is_long,
        }
        for field in profile.fields
    ]
    told = {"exchange": profile.name, "name": profile.title, "advice": profile.advice}
    return {**told, "fields": fields, "unknowable": list(profile.unknowable)}
