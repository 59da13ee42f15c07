"""The client against a real server on loopback that behaves and misbehaves."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.lib.clock import wall_now
from core.lib.errors import ReplyRefused, SourceFailure, SourceMisconfigured, SourceUnavailable
from core.net.client import HttpClient

KEY = "CG-secret-key"


def a_client(url: str, **options: Any) -> HttpClient:
    options = {"read_timeout": 0.3, "total_timeout": 0.6, "max_bytes": 1000, "name": "CoinGecko", **options}
    return HttpClient(url, {"x-cg-demo-api-key": KEY}, **options)


@pytest.fixture
def client(httpserver: HTTPServer) -> Iterator[HttpClient]:
    client = a_client(httpserver.url_for("/api/v3/"))
    yield client
    client.close()


def answers(httpserver: HTTPServer, status: int = 200, body: bytes = b"{}", **headers: str) -> None:
    lines = {name.replace("_", "-"): value for name, value in headers.items()}
    httpserver.expect_request("/api/v3/ping").respond_with_response(Response(body, status, lines))


@contextmanager
def a_server(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server below HTTP's manners: it reads the request and then speaks as it likes, once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    speak(connection)
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


def failure_of(url: str, **options: Any) -> SourceFailure:
    client = a_client(url, **options)
    with pytest.raises(SourceFailure) as caught:
        client.get("/ping", {"key": KEY})
    client.close()
    assert KEY not in caught.value.message and "127.0.0.1" not in caught.value.message
    assert caught.value.__cause__ is None
    return caught.value


def test_a_reply_has_body_headers_and_times(client: HttpClient, httpserver: HTTPServer):
    answers(httpserver, body=b'{"gecko_says": "hi"}', Age="50")
    before = wall_now()
    reply = client.get("/ping")
    assert (reply.status, reply.body, reply.headers["age"]) == (200, b'{"gecko_says": "hi"}', "50")
    assert before <= reply.fetched_at <= wall_now() and 0 < reply.elapsed < 5 and not reply.is_unchanged


def test_parameters_and_key_are_sent(client: HttpClient, httpserver: HTTPServer):
    httpserver.expect_request(
        "/api/v3/ping", query_string={"ids": "a,b", "page": "2"}, headers={"x-cg-demo-api-key": KEY}
    ).respond_with_data(b"{}")
    assert client.get("/ping", {"ids": "a,b", "page": 2}).status == 200


def test_neither_key_nor_address_is_in_its_name(client: HttpClient):
    assert repr(client) == "HttpClient(CoinGecko)"


def test_an_unchanged_reply_is_the_stored_one(client: HttpClient, httpserver: HTTPServer):
    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == '"v1"':
            return Response(status=304)
        return Response(b'{"a": 1}', headers={"ETag": '"v1"'})

    httpserver.expect_request("/api/v3/ping").respond_with_handler(answer)
    first, again = client.get("/ping", {"a": 1}), client.get("/ping", {"a": 1})
    assert (again.body, again.status, again.is_unchanged) == (first.body, 200, True)
    assert again.fetched_at > first.fetched_at
    assert not client.get("/ping", {"a": 2}).is_unchanged


def test_a_304_that_nobody_asked_for_is_refused(client: HttpClient, httpserver: HTTPServer):
    answers(httpserver, 304, b"")
    with pytest.raises(SourceMisconfigured):
        client.get("/ping")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(client: HttpClient, httpserver: HTTPServer, status: int):
    answers(httpserver, status, Location=httpserver.url_for("/elsewhere"))
    with pytest.raises(SourceMisconfigured, match="redirect"):
        client.get("/ping")
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, SourceMisconfigured),
        (401, SourceMisconfigured),
        (403, SourceMisconfigured),
        (404, SourceMisconfigured),
        (408, SourceUnavailable),
        (422, SourceMisconfigured),
        (429, SourceUnavailable),
        (500, SourceUnavailable),
        (503, SourceUnavailable),
    ],
)
def test_a_status_says_whether_later_will_do(
    client: HttpClient, httpserver: HTTPServer, status: int, error: type[SourceFailure]
):
    answers(httpserver, status, b"<html>secret</html>")
    with pytest.raises(SourceFailure, match=str(status)) as caught:
        client.get("/ping")
    assert type(caught.value) is error and "secret" not in caught.value.message


def test_a_status_that_is_expected_is_a_reply(client: HttpClient, httpserver: HTTPServer):
    answers(httpserver, 404, b'{"error": "coin not found"}')
    assert client.get("/ping", accept=(200, 404)).body == b'{"error": "coin not found"}'


@pytest.mark.parametrize(
    ("header", "wait"), [({"Retry_After": "119"}, 119), ({}, 60), ({"Retry_After": "x"}, 60)]
)
def test_a_throttled_client_knows_how_long(
    client: HttpClient, httpserver: HTTPServer, header: dict[str, str], wait: float
):
    answers(httpserver, 429, **header)
    with pytest.raises(SourceUnavailable, match=f"{wait} s") as caught:
        client.get("/ping")
    assert caught.value.retry_after == wait


def test_a_large_reply_is_refused(client: HttpClient, httpserver: HTTPServer):
    answers(httpserver, body=b"x" * 1001)
    with pytest.raises(ReplyRefused, match="1000 bytes"):
        client.get("/ping")


def test_a_small_reply_that_unpacks_to_a_large_one_is_refused(client: HttpClient, httpserver: HTTPServer):
    answers(httpserver, body=gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")
    with pytest.raises(ReplyRefused):
        client.get("/ping")


def test_a_compressed_reply_is_unpacked(client: HttpClient, httpserver: HTTPServer):
    answers(httpserver, body=gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
    assert client.get("/ping").body == b'{"a": 1}'


def test_a_silent_source_is_given_up():
    with a_server(lambda connection: time.sleep(0.5)) as url:
        assert isinstance(failure_of(url, read_timeout=0.1), SourceUnavailable)


@pytest.mark.parametrize(
    "prelude",
    [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"],
    ids=["head", "body"],
)
def test_a_dripping_source_is_cut_off_at_the_deadline(prelude: bytes):
    def drip(connection: socket.socket) -> None:
        connection.sendall(prelude)
        while True:  # until the client hangs up
            connection.sendall(b"x")
            time.sleep(0.05)

    with a_server(drip) as url:
        error = failure_of(url, total_timeout=0.3)
    assert isinstance(error, SourceUnavailable) and "longer than 0.3 s" in error.message


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Encoding: gzip\r\n\r\nnope",
        b"not HTTP at all\r\n\r\n",
        b"",
    ],
    ids=["cut", "cut-chunk", "bad-chunk", "bad-gzip", "no-http", "nothing"],
)
def test_a_reply_that_breaks_is_no_reply(said: bytes):
    with a_server(lambda connection: connection.sendall(said)) as url:
        assert isinstance(failure_of(url), SourceUnavailable)


def test_a_closed_port_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert isinstance(failure_of(f"http://127.0.0.1:{port}"), SourceUnavailable)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "no address", "http://"])
def test_an_address_that_cannot_be_is_a_matter_of_settings(url: str):
    assert isinstance(failure_of(url), SourceMisconfigured)


def test_a_key_with_a_line_break_is_a_matter_of_settings(httpserver: HTTPServer):
    client = HttpClient(httpserver.url_for("/"), {"x-key": "secret\nX-Injected: yes"}, name="CoinGecko")
    with pytest.raises(SourceMisconfigured) as caught:
        client.get("/ping")
    assert "secret" not in caught.value.message
    client.close()
