"""Every documented request is sent, and its reply is what the document says, no more and no less."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client

from accounts.models import ApiKey, Session, User
from accounts.services import second_factor
from accounts.services.api_keys import make_api_key
from accounts.services.one_time_tokens import Purpose, issue
from alerts.models import Delivery, Event, NotificationChannel
from core.lib.clock import wall_now
from tests.contract.conftest import World
from tests.contract.openapi import JSON, Operation, document, misfits, operations, valid_values
from tests.contract.replies import assert_sound
from tests.make.accounts import PASSWORD, tokens_for
from tests.make.exchanges import KEYS as exchange_keys
from tests.make.portfolios import EARNED, OTHER_END
from tests.make.statements import KOINLY

STREAMED = (".csv", "/user/export")
OWN = "/api/v1/market/portfolio"
READS = [one for one in operations("get") if not one.path.endswith(STREAMED)]


def read(client: Client, operation: Operation, world: World, query: dict[str, str] | None = None) -> Any:
    reply = client.get(operation.url(), query or {}, headers=world.signed_in)
    assert_sound(reply)
    assert reply.status_code == 200, (query, reply.content[:300])
    return reply.json()


@pytest.mark.parametrize("operation", READS, ids=str)
def test_a_plain_read_answers_as_documented(client: Client, world: World, operation: Operation):
    assert operation.misfits(200, read(client, operation, world)) == []


@pytest.mark.parametrize("operation", [one for one in READS if one.parameters], ids=str)
def test_every_value_that_is_documented_is_understood(client: Client, world: World, operation: Operation):
    for parameter in operation.parameters:
        for value in valid_values(parameter):
            query = {parameter["name"]: value}
            if parameter["name"] == "id" and "{symbol}" not in operation.path:
                query["symbol"] = "SOL"
            assert operation.misfits(200, read(client, operation, world, query)) == [], query


@pytest.mark.parametrize("operation", READS, ids=str)
def test_the_same_path_with_a_slash_answers_alike(client: Client, world: World, operation: Operation):
    headers = world.signed_in
    with_slash, without = (client.get(operation.url() + end, headers=headers) for end in ("/", ""))
    assert (with_slash.status_code, with_slash.json()) == (200, without.json())


@pytest.mark.parametrize(
    "path",
    [
        one.path
        for one in READS
        if one.path.startswith(("/api/v1/market", "/api/v1/predictions")) and one.path != OWN
    ],
)
def test_market_and_forecast_replies_can_be_asked_about_again(client: Client, world: World, path: str):
    first = client.get(path.format(symbol="SOL"))
    assert first["Cache-Control"].startswith("public, max-age=")
    again = client.get(path.format(symbol="SOL"), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_the_record_comes_as_a_file(client: Client, world: World):
    reply = client.get("/api/v1/predictions/track-record.csv")
    assert_sound(reply)
    lines = b"".join(reply.streaming_content).decode().splitlines()
    assert reply["Content-Type"].startswith("text/csv")
    assert len(lines) > 1
    assert {line.count(",") for line in lines} == {lines[0].count(",")}


KEYS = {"exchange": "kraken", "key": exchange_keys.key, "secret": exchange_keys.secret}
WRITES: dict[str, tuple[int, dict[str, Any]]] = {
    "POST /api/v1/auth/register": (201, {"email": "zoe@example.com", "password": PASSWORD}),
    "POST /api/v1/auth/login": (200, {"email": "alice@example.com", "password": PASSWORD}),
    "POST /api/v1/auth/refresh": (200, {}),
    "POST /api/v1/auth/logout": (204, {}),
    "PATCH /api/v1/auth/me": (200, {"preferences": {"theme": "dark"}}),
    "POST /api/v1/auth/logout-all": (204, {}),
    "DELETE /api/v1/auth/sessions/{session_id}": (204, {}),
    "POST /api/v1/auth/totp/enable": (200, {"password": PASSWORD}),
    "POST /api/v1/auth/totp/confirm": (200, {}),
    "POST /api/v1/auth/totp/disable": (204, {"password": PASSWORD}),
    "POST /api/v1/auth/totp/recovery-codes": (200, {"password": PASSWORD}),
    "POST /api/v1/auth/email/change": (204, {"email": "zoe@example.com", "password": PASSWORD}),
    "POST /api/v1/auth/api-keys": (201, {"name": "bot", "scopes": ["read"]}),
    "DELETE /api/v1/auth/api-keys/{key_id}": (204, {}),
    "POST /api/v1/auth/verify-email": (204, {}),
    "POST /api/v1/auth/resend-verification": (204, {"email": "zoe@example.com"}),
    "POST /api/v1/auth/password/forgot": (204, {"email": "zoe@example.com"}),
    "POST /api/v1/auth/password/reset": (204, {"password": "quiet rivers bend twice"}),
    "POST /api/v1/auth/password/change": (
        204,
        {"current_password": PASSWORD, "password": "quiet rivers bend twice"},
    ),
    "POST /api/v1/alerts": (201, {"symbol": "SOL", "kind": "price_above", "params": {"price": 200.0}}),
    "POST /api/v1/alerts/preview": (
        200,
        {"symbol": "SOL", "kind": "price_above", "params": {"price": 100.0}},
    ),
    "PATCH /api/v1/alerts/{alert_id}": (200, {"params": {"price": 210.0}, "repeat": "recurring"}),
    "DELETE /api/v1/alerts/{alert_id}": (204, {}),
    "POST /api/v1/alerts/{alert_id}/test": (201, {}),
    "POST /api/v1/alerts/events/{event_id}/ack": (200, {}),
    "POST /api/v1/alerts/channels": (
        201,
        {"kind": "email", "name": "Work", "address": "work@example.com"},
    ),
    "DELETE /api/v1/alerts/channels/{channel_id}": (204, {}),
    "POST /api/v1/alerts/channels/{channel_id}/verify": (200, {"code": "any"}),
    "POST /api/v1/alerts/channels/{channel_id}/test": (202, {}),
    "POST /api/v1/alerts/channels/{channel_id}/secret": (201, {}),
    "POST /api/v1/alerts/deliveries/{delivery_id}/replay": (200, {}),
    "POST /api/v1/portfolios": (201, {"name": "Long term", "method": "average"}),
    "PATCH /api/v1/portfolios/{portfolio_id}": (200, {"name": "Savings", "method": "hifo"}),
    "DELETE /api/v1/portfolios/{portfolio_id}": (204, {}),
    "POST /api/v1/portfolios/{portfolio_id}/transactions": (
        201,
        {"kind": "buy", "executed_at": "2026-11-02T09:30:00Z", "asset": "SOL", "quantity": "2.5"},
    ),
    "PATCH /api/v1/portfolios/{portfolio_id}/transactions/{transaction_id}": (200, {"quantity": "2"}),
    "DELETE /api/v1/portfolios/{portfolio_id}/transactions/{transaction_id}": (204, {}),
    "POST /api/v1/portfolios/{portfolio_id}/transactions/{transaction_id}/match": (
        200,
        {"transaction_id": str(OTHER_END)},
    ),
    "DELETE /api/v1/portfolios/{portfolio_id}/transactions/{transaction_id}/match": (204, {}),
    "POST /api/v1/portfolios/{portfolio_id}/issues/leave": (
        204,
        {"kind": "unknown_token", "subject": "WHAT"},
    ),
    "POST /api/v1/portfolios/{portfolio_id}/issues/worth": (
        204,
        {"transaction_id": str(EARNED), "price_usd": "142.5"},
    ),
    "POST /api/v1/portfolios/{portfolio_id}/issues/token": (204, {"asset": "WHAT", "coingecko_id": "bonk"}),
    "POST /api/v1/portfolios/{portfolio_id}/share-links": (201, {"days": 7, "note": "for Bob"}),
    "DELETE /api/v1/portfolios/{portfolio_id}/share-links/{link_id}": (204, {}),
    "POST /api/v1/portfolios/{portfolio_id}/import": (201, {"csv": KOINLY}),
    "DELETE /api/v1/portfolios/{portfolio_id}/imports/{import_id}": (204, {}),
    "POST /api/v1/exchanges/test": (200, KEYS),
    "POST /api/v1/exchanges/connect": (201, KEYS),
    "POST /api/v1/exchanges/connections/{connection_id}/sync": (202, {}),
    "POST /api/v1/exchanges/sync-all": (202, {}),
    "DELETE /api/v1/exchanges/connections/{connection_id}": (204, {}),
    "DELETE /api/v1/user": (204, {"password": PASSWORD}),
    "POST /api/v1/predictions/{symbol}/train": (202, {"timeframe": "1h"}),
}


def test_every_documented_write_is_tried_here():
    assert {str(one) for one in operations("post", "put", "patch", "delete")} == set(WRITES)


def link_token(user: User, path: str) -> str:
    purpose = Purpose.RESET if path.endswith("/reset") else Purpose.VERIFY
    return issue(user, purpose, email=user.email, now=wall_now())


def app_code(user: User, path: str) -> str:
    app = pyotp.TOTP(second_factor.begin(user_id=user.id, password=PASSWORD, now=wall_now()).secret)
    if path.endswith(("/disable", "/recovery-codes")):
        before = wall_now() - timedelta(seconds=30)
        second_factor.confirm(user_id=user.id, code=app.at(before), now=wall_now())
    return app.at(wall_now())


def a_key(user: User) -> ApiKey:
    return make_api_key(user_id=user.id, name="bot", scopes=["read"], now=wall_now())[0]


def a_session(user: User) -> Session:
    tokens_for(user)
    return user.sessions.order_by("created_at").last()


@pytest.mark.parametrize("operation", operations("post", "patch", "delete"), ids=str)
def test_a_write_answers_as_documented(client: Client, world: World, operation: Operation):
    status, body = WRITES[str(operation)]
    if operation.path.endswith("/refresh"):
        body = {"refresh": tokens_for(world.analyst).refresh}
    if operation.path.endswith(("/verify-email", "/reset")):
        body = {**body, "token": link_token(world.analyst, operation.path)}
    if operation.path.endswith(("/confirm", "/disable", "/recovery-codes")):
        body = {**body, "code": app_code(world.analyst, operation.path)}
    is_own = (
        "/totp/" in operation.path
        or "/api-keys" in operation.path
        or "/alerts" in operation.path
        or "/portfolios" in operation.path
        or "/exchanges" in operation.path
        or operation.path.endswith(("/me", "/logout", "/logout-all", "/train", "/change", "_id}", "/user"))
    )
    headers = world.signed_in if is_own else {}
    url = operation.url(
        session_id=a_session(world.analyst).id,
        key_id=a_key(world.analyst).id,
        event_id=Event.objects.get().id,
        channel_id=NotificationChannel.objects.get().id,
        delivery_id=Delivery.objects.get().id,
    )
    reply = getattr(client, operation.method)(url, body, content_type=JSON, headers=headers)
    assert_sound(reply)
    assert reply.status_code == status, reply.content
    assert status == 204 or operation.misfits(status, reply.json()) == []


def test_the_server_documents_itself(client: Client):
    served = client.get("/api/schema/", headers={"Accept": JSON}).json()
    assert served["paths"] == document()["paths"]


@pytest.mark.parametrize("operation", [one for one in operations() if one.takes_body], ids=str)
def test_every_body_has_an_example_that_fits(operation: Operation):
    content = operation.said["requestBody"]["content"][JSON]
    shown = [one["value"] for one in content.get("examples", {}).values()]
    assert shown, "put @example({…}) above its serializer (core/api/schema.py)"
    assert [misfits(content["schema"], body) for body in shown] == [[] for _ in shown]


@pytest.mark.parametrize("operation", operations("post"), ids=str)
def test_a_write_that_creates_takes_a_key_and_auth_takes_none(operation: Operation):
    headers = {one["name"] for one in operation.said.get("parameters", ()) if one["in"] == "header"}
    if "/auth/" in operation.path:
        assert "Idempotency-Key" not in headers, "its replies hold secrets"
    elif {"201", "202"} & set(operation.said["responses"]):
        assert "Idempotency-Key" in headers, "put @idempotent() above it (core/api/idempotency.py)"


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_every_operation_says_what_it_is_for(operation: Operation):
    assert operation.said.get("summary") or operation.said.get("description")
    assert operation.said["operationId"]


def test_the_browsable_documents_need_nothing_inline(client: Client, world: World):
    """The Content-Security-Policy would refuse it, and the page would stay empty."""
    page = client.get("/api/docs/").content.decode()
    assert "<style" not in page
    assert 'src="/api/docs/?script="' in page
    assert page.count("<script") == page.count("<script src=")
    script = client.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/schema/" in script.content.decode()
