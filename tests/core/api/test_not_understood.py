"""What is no request at all is answered in the envelope, too, where no proxy stands in front."""

import socket
import threading
from collections.abc import Iterator

import orjson
import pytest
import uvicorn


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
    with socket.create_connection(("127.0.0.1", port), 10) as raw:
        raw.sendall(sent)
        head, _, body = b"".join(iter(lambda: raw.recv(4096), b"")).partition(b"\r\n\r\n")
    said = orjson.loads(body)
    assert head.startswith(b"HTTP/1.1 400 ") and b"application/json" in head
    assert (said["success"], said["error"]["code"]) == (False, "VALIDATION_ERROR")
    assert f"x-request-id: {said['error']['request_id']}".encode() in head


def test_the_one_process_answers_so() -> None:
    from khalsi.embedded.server import _server

    assert _server().config.http == "core.api.not_understood:Http"
