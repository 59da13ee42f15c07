"""The early answer is Django's answer: status, headers and bytes, through WSGI and ASGI."""

import asyncio
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client

from core.api import hot
from core.api.hot.frame import frame
from core.api.hot.front import _is_plain
from core.api.standing import Standing, standings
from tests.core.api.urlconf import Kept

pytestmark = pytest.mark.urls("tests.core.api.urlconf")
PATH = "/api/v1/kept"
APART = {"x-request-id", "date", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}

SIGNALS = (request_started, request_finished)


@pytest.fixture(autouse=True)
def _connections_stay(settings: Any) -> Iterator[None]:
    """As in Django's own test client: a request doesn't close the connection that other tests opened."""
    for signal in SIGNALS:
        signal.disconnect(close_old_connections)
    yield
    for signal in SIGNALS:
        signal.connect(close_old_connections)


Answer = tuple[int, dict[str, str], bytes]
Ask = Callable[..., Answer]


def wsgi(app: Any, path: str = PATH, query: str = "", method: str = "GET", **headers: str) -> Answer:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "9.9.9.9",
        "HTTP_HOST": "testserver",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "http",
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    got: dict[str, Any] = {}

    def start_response(status: str, lines: list[tuple[str, str]], exc_info: Any = None) -> None:
        got.update(status=int(status[:3]), headers={name.lower(): value for name, value in lines})

    result = app(environ, start_response)
    body = b"".join(result)
    if hasattr(result, "close"):
        result.close()
    return got["status"], got["headers"], body


def asgi(app: Any, path: str = PATH, query: str = "", method: str = "GET", **headers: str) -> Answer:
    lines = {"host": "testserver", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "client": ("9.9.9.9", 4711),
        "server": ("testserver", 80),
        "headers": [(name.encode(), value.encode()) for name, value in lines.items()],
    }
    sent: list[dict[str, Any]] = []

    async def run() -> None:
        asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> dict[str, Any]:
            for message in asked:
                return message
            return await asyncio.Future()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app(scope, receive, send)

    asyncio.run(run())
    found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:])


def nobody(*arguments: Any) -> Any:
    raise AssertionError("Django was asked")


def entrances(kind: str) -> tuple[Ask, Ask]:
    """The early answer alone (asking Django fails), and Django's alone."""
    ask, django, front = {
        "wsgi": (wsgi, get_wsgi_application, hot.in_front_wsgi),
        "asgi": (asgi, get_asgi_application, hot.in_front_asgi),
    }[kind]
    django_app = django()
    return (
        lambda *path, **more: ask(front(nobody), *path, **more),
        lambda *path, **more: ask(django_app, *path, **more),
    )


@pytest.fixture(params=["wsgi", "asgi"])
def both(request: pytest.FixtureRequest) -> tuple[Ask, Ask]:
    for memory in (frame, _is_plain):
        memory.cache_clear()
    return entrances(request.param)


@pytest.fixture(params=[hot.in_front_wsgi, hot.in_front_asgi], ids=["wsgi", "asgi"])
def through(request: pytest.FixtureRequest) -> Ask:
    """The early answer with Django behind it, as it runs."""
    is_wsgi = request.param is hot.in_front_wsgi
    app = request.param(get_wsgi_application() if is_wsgi else get_asgi_application())
    ask = wsgi if is_wsgi else asgi
    return lambda *path, **more: ask(app, *path, **more)


def comparable(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = answer
    return status, {name: value for name, value in headers.items() if name not in APART}, body


@pytest.mark.parametrize("limit", [0, 100])
def test_the_early_answer_equals_djangos(both: tuple[Ask, Ask], settings: Any, limit: int):
    settings.RATE_LIMIT_MAX = limit
    early, django = both
    full = django()
    assert full[0] == 200
    assert comparable(early()) == comparable(full)
    assert set(early()[1]) == set(full[1])


@pytest.mark.parametrize("spelling", ["{}", "W/{}", '"other", {}', "*"])
def test_the_early_304_equals_djangos(both: tuple[Ask, Ask], spelling: str):
    early, django = both
    known = spelling.format(django()[1]["etag"])
    unchanged = django(if_none_match=known)
    assert (unchanged[0], unchanged[2]) == (304, b"")
    assert comparable(early(if_none_match=known)) == comparable(unchanged)


def test_the_early_refusal_says_what_djangos_says(both: tuple[Ask, Ask], settings: Any):
    early, django = both
    django()
    settings.RATE_LIMIT_MAX = 1
    django()
    refused, theirs = early(x_request_id="abcdefgh-1"), django(x_request_id="abcdefgh-1")
    assert refused[0] == theirs[0] == 429
    assert refused[2] == theirs[2]
    assert {name: refused[1][name] for name in theirs[1]} == theirs[1]


def test_the_limit_is_counted_once_a_request_whoever_answers(through: Ask, settings: Any):
    settings.RATE_LIMIT_MAX = 5
    left = [through()[1]["x-ratelimit-remaining"] for _ in range(6)]
    assert left == ["4", "3", "2", "1", "0", "0"]
    assert Kept.asked == 1


def test_head_is_get_without_its_body(both: tuple[Ask, Ask]):
    early, django = both
    full = django()
    head = early(method="HEAD")
    assert head[2] == b"" and comparable(head)[1] == comparable(full)[1]


def test_the_request_id_is_taken(both: tuple[Ask, Ask]):
    early, django = both
    django()
    assert early(x_request_id="abcdefgh-1")[1]["x-request-id"] == "abcdefgh-1"


def test_the_view_is_asked_once_for_every_spelling(through: Ask):
    for path, query in ((PATH, ""), (f"{PATH}/", ""), (PATH, "timeframe=1h"), (PATH, "timeframe=1h")):
        assert through(path, query)[0] == 200
    assert Kept.asked == 2


def test_unknown_parameters_are_answered_and_not_kept(through: Ask):
    for _ in range(2):
        through(PATH, "made=up")
    assert Kept.asked == 2


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("authorization", "Bearer x", 401),
        ("origin", "https://elsewhere.example", 200),
        ("accept", "text/html", 406),
        ("host", "evil.example", 400),
    ],
)
def test_what_needs_judging_goes_to_django(through: Ask, header: str, value: str, status: int):
    through()
    assert through(**{header: value})[0] == status


def test_a_write_goes_to_django(through: Ask):
    through()
    assert through(method="POST")[0] == 405


def test_a_reply_that_expired_is_made_anew(through: Ask):
    Kept.seconds = 0.0
    through()
    through()
    assert Kept.asked == 2


def test_a_drop_makes_a_new_reply_with_a_new_tag(through: Ask):
    first = through()
    hot.drop("/api/v1/kept")
    again = through(if_none_match=first[1]["etag"])
    assert again[0] == 200 and again[1]["etag"] != first[1]["etag"]


def test_django_serves_ready_bytes_too(client: Client):
    first = client.get(PATH)
    assert client.get(PATH, headers={"Origin": "https://elsewhere.example"}).content == first.content
    assert Kept.asked == 1


def test_a_cookie_makes_no_difference(both: tuple[Ask, Ask]):
    early, django = both
    django()
    assert early(cookie="sessionid=abc")[0] == 200


# Whoever is signed in gets the same bytes


def name_of(header: str) -> str | None:
    return header.removeprefix("Known ") if header.startswith("Known ") else None


@pytest.fixture
def known(settings: Any) -> None:
    """Two credentials whose standing is known: the second may not read."""
    settings.API_CREDENTIAL_NAME = "tests.core.api.test_hot_front.name_of"
    for name, reads in (("alice", True), ("writer", False)):
        standings().put(name, Standing("7", 3, reads, "{}"), 5, standings().ask(name, 0).since)


@pytest.mark.parametrize("limit", [0, 100])
def test_a_known_credential_gets_the_early_answer(
    both: tuple[Ask, Ask], known: None, settings: Any, limit: int
):
    settings.RATE_LIMIT_MAX = limit
    early, django = both
    full = django()
    assert comparable(early(authorization="Known alice")) == comparable(full)
    assert set(early(authorization="Known alice")[1]) == set(full[1])


def test_the_early_answer_counts_by_user_and_refuses_when_it_is_over(
    both: tuple[Ask, Ask], known: None, settings: Any
):
    settings.RATE_LIMIT_MAX = 100
    early, django = both
    django()
    answers = [early(authorization="Known alice") for _ in range(4)]
    assert [answer[0] for answer in answers] == [200, 200, 200, 429]
    assert [answer[1]["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[3][1]["retry-after"] == answers[3][1]["x-ratelimit-reset"]


@pytest.mark.parametrize("credential", ["Known stranger", "Known writer", "Basic x", ""])
def test_any_other_credential_is_djangos_to_judge_and_not_counted(
    both: tuple[Ask, Ask], known: None, settings: Any, credential: str
):
    settings.RATE_LIMIT_MAX = 100
    early, django = both
    django()
    with pytest.raises(AssertionError, match="Django was asked"):
        early(authorization=credential)
    assert early(authorization="Known alice")[1]["x-ratelimit-remaining"] == "2"
