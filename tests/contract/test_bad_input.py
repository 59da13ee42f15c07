"""Every documented request, asked badly: always the envelope with a useful message, never a fault, never a page."""

from typing import Any

import pytest
from django.test import Client

from tests.contract.conftest import World
from tests.contract.openapi import JSON, METHODS, Operation, operations
from tests.contract.replies import assert_sound, at_fault, refusal
from tests.make.accounts import PASSWORD, a_user, bearer
from tests.make.portfolios import EARNED, OTHER_END
from tests.make.statements import KOINLY

ALL = operations()
READS = operations("get")
OF_A_TOKEN = [one for one in ALL if "{symbol}" in one.path]
WITH_BODY = [one for one in operations() if one.takes_body]
BAD: dict[str, tuple[str, ...]] = {
    "integer": ("0", "-1", "abc", "1e9", "NaN", "1.5", "99999999999999999999", "٣", "0x1", "1_0", "true"),
    "number": ("NaN", "Infinity", "-inf", "1e999", "abc", "1,5", "0x1p3", "null"),
    "date-time": (
        "yesterday",
        "NaN",
        "2026-13-01",
        "2026-11-20T25:00:00Z",
        "0000-00-00",
        "1e9",
        "2026-11-20T08:00",
    ),
    "enum": ("2h", "NaN", "null", "-1", "1H'; --"),
    "string": ("a\x00b", "line\nbreak", "x" * 20_000),
}
STRANGERS = ("NOPE", "S0L", "%00", "%2E%2E", "☃", "S" * 500, "SOL;--", "%27%20OR%201=1", "SO%0AL", "%FF")
NOWHERE = (
    "/api",
    "/api/",
    "/api/v1",
    "/api/v1/",
    "/api/v2/market/solana",
    "/api/v1/nothing",
    "/api/v1/predictions",
    "/api/v1/market/token",
    "/api/v1/market//solana",
    "/api/v1/jobs/abc",
    "/api/v1/jobs/-1",
    "/api/v1/jobs/1e9",
    "/api/v1/market/token/SOL/candles/x",
    "/api/v1/%F0%9F%92%A9",
    "/api/v1/market/solana%00",
    "/api/v1/../../etc/passwd",
)
CREDENTIALS = (
    "Bearer",
    "Bearer x.y.z",
    "Bearer " + "a" * 9000,
    "Basic YTpi",
    "Api-Key nobody",
    "\xff",
    "Bearer \x00",
)
BODIES = {
    "a brace": b"{",
    "a trailing comma": b'{"email": "a",}',
    "NaN": b'{"email": NaN}',
    "a number too large": b'{"email": 1e999}',
    "a key twice": b'{"email": "a", "email": "b"}',
    "no UTF-8": b'{"email": "\xff\xfe"}',
    "half a surrogate pair": b'{"email": "\\ud800"}',
    "very deep": b"[" * 100_000,
    "a list": b"[]",
    "null": b"null",
    "text": b'"so"',
    "a number": b"1",
}
WRONG_TYPES: tuple[Any, ...] = (1, -1.5, True, [], ["a"], {}, {"a": 1}, "x" * 10_000, "a\x00b", "")


def kind(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    return (
        "enum" if "enum" in schema else str(schema.get("format", schema["type"])).replace("double", "number")
    )


def send(client: Client, operation: Operation, body: bytes = b"{}", **more: Any) -> Any:
    more = {"content_type": JSON, **more}
    return client.generic(operation.method.upper(), operation.url(), body, **more)


@pytest.mark.parametrize("operation", [one for one in READS if one.parameters], ids=str)
def test_a_parameter_that_makes_no_sense_is_named(client: Client, world: World, operation: Operation):
    for parameter in operation.parameters:
        name = parameter["name"]
        for value in BAD[kind(parameter)]:
            reply = client.get(operation.url(), {name: value}, headers=world.signed_in)
            error = refusal(reply, 400, "VALIDATION_ERROR")
            assert at_fault(error) == {name}, (name, value, error)
            assert value not in error["message"], "what was sent is not repeated"


@pytest.mark.parametrize("operation", [one for one in READS if one.parameters], ids=str)
def test_a_parameter_given_twice_is_refused_and_an_unknown_one_ignored(
    client: Client, world: World, operation: Operation
):
    name = operation.parameters[0]["name"]
    headers = world.signed_in
    twice = client.get(f"{operation.url()}?{name}=1h&{name}=1d", headers=headers)
    assert at_fault(refusal(twice, 400)) == {name}
    assert client.get(operation.url(), {"utm_source": "NaN"}, headers=headers).status_code == 200


@pytest.mark.parametrize("operation", OF_A_TOKEN, ids=str)
def test_an_unknown_symbol_is_not_found(client: Client, world: World, operation: Operation):
    for symbol in STRANGERS:
        reply = client.generic(
            operation.method.upper(),
            operation.url(symbol=symbol),
            b"{}",
            content_type=JSON,
            headers=world.signed_in,
        )
        refusal(reply, 404, "NOT_FOUND")


@pytest.mark.parametrize("operation", [one for one in OF_A_TOKEN if one.method == "get"], ids=str)
def test_a_shared_ticker_is_picked_by_id(client: Client, world: World, operation: Operation):
    refusal(client.get(operation.url(), {"id": "nobody"}), 404, "NOT_FOUND")
    for name in ("bird", "bird-two"):
        reply = client.get(operation.url(symbol="BIRD"), {"id": name})
        assert_sound(reply)
        assert reply.status_code in {200, 422}


@pytest.mark.parametrize("operation", OF_A_TOKEN, ids=str)
def test_a_token_without_history_is_no_fault(client: Client, world: World, operation: Operation):
    reply = send(client, operation, headers=world.signed_in) if operation.takes_body else None
    reply = reply or client.get(operation.url(symbol="BONK"))
    assert_sound(reply)
    assert reply.status_code in {200, 202, 422}, reply.content


@pytest.mark.parametrize("path", sorted({one.path for one in ALL}))
def test_other_methods_are_refused_with_those_that_there_are(client: Client, world: World, path: str):
    known = {one.method for one in ALL if one.path == path}
    for method in {*METHODS, "trace", "query"} - known:
        url = next(one for one in ALL if one.path == path).url()
        reply = client.generic(method.upper(), url, b"{}", content_type=JSON, headers=world.signed_in)
        refusal(reply, 405, "METHOD_NOT_ALLOWED")
        assert {name.upper() for name in known} <= set(reply["Allow"].split(", "))


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_who_wants_a_page_gets_the_envelope(client: Client, world: World, operation: Operation):
    for accept in ("text/html", "text/html,application/xhtml+xml,*/*;q=0.8", "image/png", "nonsense", ""):
        reply = send(client, operation, headers={"Accept": accept, **world.signed_in})
        assert_sound(reply)
        assert reply.status_code < 500


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_a_bad_credential_is_refused_everywhere(client: Client, world: World, operation: Operation):
    for credential in CREDENTIALS:
        refusal(send(client, operation, HTTP_AUTHORIZATION=credential), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_that_is_no_object_is_refused(client: Client, world: World, operation: Operation):
    for name, body in BODIES.items():
        reply = send(client, operation, body, headers=world.signed_in)
        assert "body" in at_fault(refusal(reply, 400, "VALIDATION_ERROR")), name


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_another_content_type_is_refused(client: Client, world: World, operation: Operation):
    for kind_ in (
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "x",
        "",
    ):
        if kind_ in operation.said["requestBody"]["content"]:
            continue
        reply = send(client, operation, b'{"email": "a"}', content_type=kind_, headers=world.signed_in)
        refusal(reply, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_that_is_too_large_is_refused(client: Client, world: World, operation: Operation):
    body = b'{"email": "' + b"a" * 300_000 + b'"}'
    refusal(send(client, operation, body, headers=world.signed_in), 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_fields_of_the_wrong_type_are_named(client: Client, world: World, operation: Operation):
    for name, schema in operation.body["properties"].items():
        for value in WRONG_TYPES:
            if _is_right(value, name, schema):
                continue
            if isinstance(value, dict) and name == "preferences" and not value:
                continue  # no preference at all is fine
            if value is True and operation.body["properties"][name].get("type") == "boolean":
                continue  # so is a truth value where one is asked for
            given = {**_fitting(operation), name: value}
            reply = getattr(client, operation.method)(
                operation.url(), given, content_type=JSON, headers=world.signed_in
            )
            assert_sound(reply)
            assert reply.status_code in {400, 401}, (name, value, reply.content)
            named = {field.partition(".")[0] for field in at_fault(reply.json()["error"])}
            assert named <= {name, "body"}, (name, value, named)
            assert named or reply.status_code == 401


def _is_right(value: Any, name: str, schema: dict[str, Any]) -> bool:
    """A number where a number is wanted, a note of no words: of the right type after all."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    is_no_channel = value == [] and name == "channels"  # an alert that goes to the inbox alone
    takes_whole = schema.get("type") in {"integer", "number"} or schema.get("format") == "decimal"
    is_blank = value == "" and name in {"note", "quote_asset", "fee_asset", "external_id"}
    return (is_number and takes_whole) or is_no_channel or is_blank


def _fitting(operation: Operation) -> dict[str, Any]:
    """Values that pass for every required field, so that one at a time is at fault."""
    fit = {"email": "carol@example.com", "password": "seven green kettles sing", "refresh": "x"}
    fit |= {
        "name": "bot",
        "scopes": ["read"],
        "token": "x",
        "code": "000000",
        "current_password": "seven green kettles sing",
        "symbol": "SOL",
        "kind": "price_above",
        "params": {"price": 100.0},
        "csv": KOINLY,
        "exchange": "kraken",
        "key": "x",
        "secret": "x",
    }
    if operation.path.endswith("/channels"):
        fit["kind"] = "email"
    if operation.path.endswith("/transactions"):
        fit |= {"kind": "reward", "executed_at": "2026-11-02", "asset": "SOL", "quantity": "1"}
    if operation.path.endswith("/match"):
        fit["transaction_id"] = str(OTHER_END)
    if "/issues/" in operation.path:
        fit |= {"kind": "unknown_token", "subject": "WHAT", "asset": "WHAT", "coingecko_id": "bonk"}
        fit |= {"transaction_id": str(EARNED), "price_usd": "1"}
    fit["days"] = 7
    return {name: fit[name] for name in operation.body.get("required", ())}


@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_unknown_paths_are_not_found(client: Client, world: World, path: str, method: str):
    reply = client.generic(method, path, b"{}", content_type=JSON, headers={"Accept": "text/html"})
    assert reply.status_code == 404
    assert reply["Content-Type"] == "application/json"
    assert method == "HEAD" or refusal(reply, 404)["code"] == "NOT_FOUND"


def test_a_job_number_beyond_the_database_is_not_found(client: Client, world: World):
    refusal(client.get("/api/v1/jobs/99999999999999999999", headers=world.signed_in), 404, "NOT_FOUND")


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_a_request_keeps_its_name_where_it_is_sane(client: Client, world: World, operation: Operation):
    assert send(client, operation, headers={"X-Request-ID": "phone-7f3a91"})["X-Request-ID"] == "phone-7f3a91"
    for odd in ("x", "a b", "<script>", "é" * 9, "a" * 500, ""):
        assert send(client, operation, headers={"X-Request-ID": odd})["X-Request-ID"] != odd


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_every_refusal_that_may_come_is_documented(operation: Operation):
    names = {one["name"] for one in operation.said.get("parameters", ())}
    wanted = {"400", "401", "406", "429", "500", "503"}
    wanted |= {"413", "415"} if operation.takes_body else set()
    wanted |= (
        {"404"} if names & {"symbol", "job_id", "session_id", "key_id", "alert_id", "event_id"} else set()
    )
    assert wanted <= set(operation.said["responses"])


def test_who_may_not_train_is_told_so(client: Client, world: World):
    path = "/api/v1/predictions/SOL/train"
    refusal(client.post(path, {}, content_type=JSON), 401, "UNAUTHORIZED")
    refusal(client.post(path, {}, content_type=JSON, headers=bearer(a_user("bob"))), 403, "FORBIDDEN")


def test_a_taken_address_is_a_conflict(client: Client, world: World):
    given = {"email": "alice@example.com", "password": PASSWORD}
    refusal(client.post("/api/v1/auth/register", given, content_type=JSON), 409, "CONFLICT")
