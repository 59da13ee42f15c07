"""A body is strict JSON within bounds, and everything else a clear refusal."""

from typing import Any

import pytest
from django.test import Client

from tests.core.api.test_envelope import refused

pytestmark = pytest.mark.urls("tests.core.api.urlconf")
JSON = "application/json"


def sent(body: bytes, kind: str = JSON) -> Any:
    return Client(raise_request_exception=False).post("/api/v1/sends", body, content_type=kind)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"quantity": NaN}',
        b'{"quantity": Infinity}',
        b'{"quantity": 1e999}',
        b'{"quantity": 1, "quantity": 2}',
        b'{"quantity": "\\ud800"}',
        b'{"quantity": "\\u0000"}',
        b'{"quantity": "\xff"}',
        b'\xef\xbb\xbf{"quantity": 1}',
        b"[" * 5000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"quantity": ' + b"9" * 5000 + b"}",
        b"null",
        b"[]",
        b'"text"',
        b"3",
    ],
)
def test_a_body_that_is_no_strict_json_object_is_refused(body: bytes):
    assert refused(sent(body), 400)["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    "value", [b"1.0", b"true", b"null", b'"1.0"', b'"\xd9\xa3"', b'" 1"', b"{}", b"[1]", b"1" * 20, b"1e2"]
)
def test_a_wrong_number_is_refused_without_repeating_it(value: bytes):
    error = refused(sent(b'{"quantity": ' + value + b"}"), 400)
    assert [at["field"] for at in error["details"]] == ["quantity"]


def test_a_value_is_never_echoed():
    error = refused(sent(b'{"quantity": "hunter2-secret"}'), 400)
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_another_content_type_is_415(kind: str):
    refused(sent(b"quantity=1", kind), 415)


def test_another_charset_is_415():
    refused(sent(b'{"quantity": 1}', "application/json; charset=utf-16"), 415)


def test_utf_8_may_be_named():
    assert sent(b'{"quantity": 1}', "application/json; charset=UTF-8").status_code == 201


def test_a_large_body_is_413(settings: Any):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    refused(sent(b'{"quantity": 1, "more": "' + b"x" * 100 + b'"}'), 413)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("timeframe=2h", "timeframe"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=1.0", "limit"),
        ("limit=%D9%A1", "limit"),
        ("limit=1&limit=2", "limit"),
        ("limit=-9223372036854775809999", "limit"),
        ("limit=%00", "limit"),
        ("limit=%FF", "limit"),
    ],
)
def test_a_bad_parameter_is_named(query: str, field: str):
    error = refused(Client().get(f"/api/v1/asks?{query}"), 400)
    assert [at["field"] for at in error["details"]] == [field]
    assert field in error["message"]


def test_the_message_lists_what_is_possible():
    error = refused(Client().get("/api/v1/asks?timeframe=2h"), 400)
    assert error["details"][0]["message"] == "Choose one of: 1h, 4h."


def test_unknown_and_empty_parameters_are_ignored():
    assert Client().get("/api/v1/asks?colour=red&limit=").json()["data"]["limit"] == 1
