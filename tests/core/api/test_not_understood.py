"""What is no request at all is answered in the envelope, too, where no proxy stands in front."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import orjson
import pytest
import uvicorn

from core.api import not_understood


async def nobody(scope, receive, send):
    raise AssertionError("This is no request.")


@pytest.fixture
def port() -> Iterator[int]:
    config = uvicorn.Config(nobody, http="core.api.not_understood:Http", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nno header\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"]
)
def test_bytes_that_are_no_request_get_the_envelope(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 60) as raw:
        raw.sendall(sent)
        head, _, body = b"".join(iter(lambda: raw.recv(4096), b"")).partition(b"\r\n\r\n")
    said = orjson.loads(body)
    assert head.startswith(b"HTTP/1.1 400 ") and b"application/json" in head
    assert (said["success"], said["error"]["code"]) == (False, "VALIDATION_ERROR")
    assert f"x-request-id: {said['error']['request_id']}".encode() in head


def test_the_one_process_answers_so() -> None:
    from khalsi.embedded.server import _server

    assert _server().config.http == "core.api.not_understood:Http"


def _first_line(raw: socket.socket) -> bytes:
    """Empty where the end of the connection has overtaken the answer, as it may for who goes on sending."""
    said = b""
    with suppress(ConnectionError):
        said = b"".join(iter(lambda: raw.recv(4096), b""))
    return said.partition(b"\r\n")[0]


@pytest.mark.parametrize(
    "endless",
    [b"X-Long: " + b"a" * 400_000, b"X-Many: a\r\n" * 20_000, b"Cookie: " + b"a" * 70_000 + b"\r\n\r\n"],
    ids=["a header without end", "headers without end", "one that is whole"],
)
def test_a_head_that_is_too_long_is_refused_before_it_is_whole(port: int, endless: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as raw:
        with suppress(ConnectionError):  # the server need not have read it all
            raw.sendall(b"GET / HTTP/1.1\r\nHost: khalsi\r\n" + endless)
        assert _first_line(raw) in {b"HTTP/1.1 400 Bad Request", b""}


def test_a_head_that_does_not_come_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(not_understood, "HEAD_SECONDS", 0.05)
    with socket.create_connection(("127.0.0.1", port), 30) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: kha")
        assert _first_line(raw) == b"HTTP/1.1 400 Bad Request"


def test_who_says_nothing_is_let_go_without_a_word(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(not_understood, "HEAD_SECONDS", 0.05)
    with socket.create_connection(("127.0.0.1", port), 30) as raw:
        assert raw.recv(4096) == b""
