"""Whoever answers under /api/, a view, a middleware or Django itself: it is the envelope, with a request id."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import get_resolver

from core.api.refusals import refusal_of_status
from tests.contract.conftest import World
from tests.contract.openapi import EXAMPLES, JSON
from tests.contract.replies import refusal

DOCUMENTS = ("/api/schema/", "/api/docs/")
"""What they answer to GET is no reply of the API."""
ODD_METHODS = ("OPTIONS", "TRACE", "FOO", "QUERY", "CONNECT", "PROPFIND")


def routes() -> Iterator[str]:
    """Every path under /api/ that leads somewhere, with its places filled."""
    for entry in get_resolver().url_patterns:
        if str(entry.pattern) == "api/v1/":
            for one in entry.url_patterns:
                yield "/api/v1/" + filled(str(one.pattern))
    yield from DOCUMENTS


def filled(pattern: str) -> str:
    for name, value in EXAMPLES.items():
        for kind in ("", "str:", "int:", "uuid:"):
            pattern = pattern.replace(f"<{kind}{name}>", value)
    assert "<" not in pattern, f"tests.contract.openapi.EXAMPLES lacks a value for {pattern}"
    return pattern


@pytest.fixture
def quiet() -> Client:
    return Client(raise_request_exception=False)


def test_methods_that_nobody_expects_are_refused_in_the_envelope(quiet: Client, world: World):
    for path in routes():
        for method in ODD_METHODS:
            reply = quiet.generic(method, path, b"{}", content_type=JSON)
            assert refusal(reply)["code"] in {"METHOD_NOT_ALLOWED", "UNAUTHORIZED"}, (method, path)
            assert not any(word in reply.content for word in (b"description", b"parses")), path


def test_a_head_is_answered_as_its_get_without_the_body(quiet: Client, world: World):
    for path in set(routes()) - set(DOCUMENTS):
        get, head = (getattr(quiet, method)(path, headers=world.signed_in) for method in ("get", "head"))
        assert (head.status_code, head.get("Content-Type")) == (get.status_code, get.get("Content-Type")), (
            path
        )
        assert b"".join(head) == b"", path
        assert len(head["X-Request-ID"]) >= 8


@pytest.mark.parametrize("debug", [False, True])
def test_djangos_own_refusals_are_in_the_envelope(quiet: Client, world: World, settings: Any, debug: bool):
    settings.DEBUG = debug
    many = "&".join(f"a{number}=1" for number in range(django_settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    for path in routes():
        for host in ("evil.example", "127.0.0.1<script>", "a" * 300):
            refusal(quiet.get(path, headers={"Host": host, "Accept": "text/html"}), 400)
        reply = quiet.get(f"{path}?{many}", headers={"Accept": "text/html"})
        assert reply.status_code < 400 or refusal(reply), path


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["/api/v1/health", "/api/v1/health/live", "/api/v1/health/ready"])
def test_health_is_asked_and_nothing_else(quiet: Client, world: World, settings: Any, path: str, debug: bool):
    settings.DEBUG = debug
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        reply = quiet.generic(method, path, b"{}", content_type=JSON)
        refusal(reply, 405, "METHOD_NOT_ALLOWED")
        assert "GET" in reply["Allow"]


def test_a_page_that_wants_its_token_is_refused_in_the_envelope_too(world: World):
    """Whatever of ours asks for Django's CSRF token under /api/, its 403 is no page."""
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for path in routes():
        reply = strict.post(path, b"{}", content_type=JSON, headers={"Accept": "text/html"})
        refusal(reply)


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 406, 409, 410, 413, 414, 418, 429, 431, 500, 502, 503]
)
def test_every_status_has_a_code_and_a_sentence(status: int):
    made = refusal_of_status(status)
    assert made.code.isupper()
    assert made.message.endswith(".")


def test_a_body_that_says_it_is_larger_than_allowed_is_not_waited_for(quiet: Client, world: World):
    """It may never come: the client that said so would hold a thread."""

    class Endless(BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("read")

    reply = quiet.post(
        "/api/v1/auth/login",
        b"{}",
        content_type=JSON,
        **{"wsgi.input": Endless(), "CONTENT_LENGTH": "99999999999"},
    )
    refusal(reply, 413, "PAYLOAD_TOO_LARGE")
