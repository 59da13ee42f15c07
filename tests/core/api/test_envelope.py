"""Whatever goes wrong under /api/, the reply is the contract's envelope."""

import json
from typing import Any

import pytest
from django.test import Client

from core.api.envelope import success_bytes
from tests.core.api.urlconf import RAISED

pytestmark = pytest.mark.urls("tests.core.api.urlconf")

EXPECTED = {
    "bad-input": (400, "VALIDATION_ERROR"),
    "not-signed-in": (401, "UNAUTHORIZED"),
    "not-allowed": (403, "FORBIDDEN"),
    "not-found": (404, "NOT_FOUND"),
    "conflict": (409, "CONFLICT"),
    "too-large": (413, "PAYLOAD_TOO_LARGE"),
    "not-enough": (422, "INSUFFICIENT_DATA"),
    "too-many": (429, "RATE_LIMITED"),
    "source": (503, "SOURCE_UNAVAILABLE"),
    "away": (503, "SERVICE_UNAVAILABLE"),
    "artifact": (500, "INTERNAL_ERROR"),
    "http404": (404, "NOT_FOUND"),
    "denied": (403, "FORBIDDEN"),
    "suspicious": (400, "VALIDATION_ERROR"),
    "database": (503, "SERVICE_UNAVAILABLE"),
    "bug": (500, "INTERNAL_ERROR"),
    "django-validation": (400, "VALIDATION_ERROR"),
    "drf-throttled": (429, "RATE_LIMITED"),
    "drf-signed-out": (401, "UNAUTHORIZED"),
    "drf-parse": (400, "VALIDATION_ERROR"),
}


def refused(response: Any, status: int) -> dict[str, Any]:
    """The error of a reply that keeps the contract."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    body = json.loads(response.content)
    assert set(body) == {"success", "error"} and body["success"] is False
    error: dict[str, Any] = body["error"]
    assert error["message"]
    assert error["request_id"] == response["X-Request-ID"]
    return error


@pytest.fixture
def api() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("entrance", ["raises", "plain"])
@pytest.mark.parametrize("what", RAISED)
def test_every_error_has_its_status_and_code(api: Client, entrance: str, what: str):
    status, code = EXPECTED[what]
    error = refused(api.get(f"/api/v1/{entrance}/{what}"), status)
    assert error["code"] == code
    assert "secret" not in json.dumps(error)


@pytest.mark.parametrize(
    ("what", "seconds"),
    [("too-many", "7"), ("source", "42"), ("away", "5"), ("database", "5"), ("drf-throttled", "4")],
)
def test_who_may_come_back_is_told_when(api: Client, what: str, seconds: str):
    assert api.get(f"/api/v1/raises/{what}")["Retry-After"] == seconds


def test_a_limit_tells_the_seconds_in_the_body_too(api: Client):
    assert refused(api.get("/api/v1/raises/too-many"), 429)["retry_after"] == 7


def test_a_challenge_goes_with_401(api: Client):
    assert api.get("/api/v1/raises/not-signed-in")["WWW-Authenticate"].startswith("Bearer")


def test_details_name_the_field(api: Client):
    error = refused(api.get("/api/v1/raises/bad-input"), 400)
    assert error["details"] == [{"field": "limit", "message": "Write a whole number."}]


def test_other_refusals_have_no_details(api: Client):
    assert "details" not in refused(api.get("/api/v1/raises/not-found"), 404)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    "path",
    ["/api/v1/nowhere", "/api/", "/api", "/api/v1/plain/%00", "/api/v1/market/%00", "/api/docs/nowhere"],
)
def test_an_unknown_path_is_404_in_the_envelope(api: Client, settings: Any, path: str, debug: bool):
    settings.DEBUG = debug
    assert refused(api.get(path, headers={"Accept": "text/html"}), 404)["code"] == "NOT_FOUND"


@pytest.mark.parametrize("path", ["/api/v1/asks", "/api/v1/page"])
def test_a_wrong_method_is_405_with_what_is_allowed(api: Client, path: str):
    response = api.post(path, b"{}", content_type="application/json")
    refused(response, 405)
    assert "GET" in response["Allow"]


@pytest.mark.parametrize("debug", [False, True])
def test_a_foreign_host_is_400_in_the_envelope(api: Client, settings: Any, debug: bool):
    settings.DEBUG = debug
    refused(api.get("/api/v1/asks", headers={"Host": "evil.example"}), 400)


def test_a_bare_refusal_is_wrapped_and_keeps_its_headers(api: Client):
    response = api.get("/api/v1/forbidden")
    refused(response, 403)
    assert response["X-Kept"] == "yes"


def test_a_format_that_does_not_exist_is_406(api: Client):
    refused(api.get("/api/v1/asks", headers={"Accept": "text/html"}), 406)


def test_a_browser_that_takes_anything_gets_json(api: Client):
    response = api.get("/api/v1/asks", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.status_code == 200


def test_success_is_wrapped_with_data(api: Client):
    assert api.get("/api/v1/asks?limit=3").json() == {
        "success": True,
        "data": {"timeframe": "1h", "limit": 3},
    }


def test_what_a_view_forgot_to_wrap_is_wrapped_and_never_nan(api: Client):
    assert api.get("/api/v1/bare").content == b'{"success":true,"data":{"price":null}}'


def test_bytes_rendered_ahead_equal_the_views(api: Client):
    assert api.get("/api/v1/asks").content == success_bytes({"timeframe": "1h", "limit": 1})


def test_nothing_is_204_without_a_body(api: Client):
    response = api.delete("/api/v1/sends")
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize("path", ["/api/v1/sends", "/api/v1/sends/"])
def test_a_slash_at_the_end_changes_nothing(api: Client, path: str):
    response = api.post(path, b'{"quantity": 3}', content_type="application/json")
    assert (response.status_code, response.json()["data"]) == (201, {"quantity": 3})


def test_two_slashes_are_another_path(api: Client):
    refused(api.post("/api/v1/sends//", b"{}", content_type="application/json"), 404)


def test_a_page_outside_keeps_its_own_errors(api: Client):
    response = api.get("/nowhere")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    assert "Cache-Control" not in response


@pytest.mark.parametrize("offered", ["abcdefgh-1234", "a" * 64])
def test_a_sane_request_id_is_taken(api: Client, offered: str):
    assert api.get("/api/v1/asks", headers={"X-Request-ID": offered})["X-Request-ID"] == offered


@pytest.mark.parametrize(
    "offered", ["short", "a" * 65, "with space in it", "<script>alert()", "ключ-запроса"]
)
def test_another_request_id_is_replaced(api: Client, offered: str):
    made = api.get("/api/v1/asks", HTTP_X_REQUEST_ID=offered)["X-Request-ID"]
    assert made != offered and len(made) == 24


def test_every_page_has_a_request_id(api: Client):
    assert api.get("/page")["X-Request-ID"]


def test_a_public_reply_is_revalidated(api: Client):
    first = api.get("/api/v1/asks")
    again = api.get("/api/v1/asks", headers={"If-None-Match": f'"other", W/{first["ETag"]}'})
    assert first["Cache-Control"] == "public, max-age=5"
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"] and again["Cache-Control"] == first["Cache-Control"]
    assert "Content-Type" not in again and "Content-Length" not in again


def test_another_reply_has_another_tag(api: Client):
    first = api.get("/api/v1/asks")
    assert api.get("/api/v1/asks?limit=2", headers={"If-None-Match": first["ETag"]}).status_code == 200
