"""The feed behind the real server, over real sockets."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
import uvicorn
from websockets.sync.client import ClientConnection, connect

from core.live import wire
from core.live.census import REPORT_SECONDS
from core.live.limits import MAX_FRAME_BYTES
from tests.make.live import Feed, StubTopic, at


@contextmanager
def served(application: Any, **options: Any) -> Iterator[str]:
    """Its address, for as long as it is needed."""
    config = uvicorn.Config(
        application,
        ws="core.live.wire:Wire",
        lifespan="off",
        log_config=None,
        ws_per_message_deflate=False,
        **options,
    )
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}/ws/v1/"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def feed() -> Feed:
    return Feed(StubTopic(SOL=at(1)))


@pytest.fixture
def address(feed: Feed) -> Iterator[str]:
    with served(feed.application) as address:
        yield address


def ask(client: ClientConnection, action: str, **fields: object) -> Any:
    client.send(orjson.dumps({"action": action, **fields}).decode())
    return orjson.loads(client.recv(60))


def test_a_price_published_by_a_worker_thread_is_on_the_wire_at_once(feed: Feed, address: str) -> None:
    with connect(address) as client:
        assert ask(client, "subscribe", channel="prices", symbols=["SOL"])["type"] == "subscribed"
        assert orjson.loads(client.recv(60))["items"] == [{"price": 1, "seq": 0}]
        began = time.monotonic()
        feed.publish(SOL=at(2))
        assert orjson.loads(client.recv(60))["items"] == [{"price": 2, "seq": 1}]
        assert time.monotonic() - began < REPORT_SECONDS / 2  # which would wake the loop, had nobody


def test_a_reader_who_stopped_does_not_hold_up_the_others(feed: Feed, address: str) -> None:
    """Three megabytes a tick: far more than the network's own buffers take up for a stopped reader."""
    with connect(address, max_size=None, max_queue=1) as stopped, connect(address, max_size=None) as reader:
        for client in (stopped, reader):
            ask(client, "subscribe", channel="prices", symbols=["SOL"])
            client.recv(60)
        for number in range(1, 11):
            feed.publish(SOL={"price": number, "bulk": "x" * 3_000_000})
            assert orjson.loads(reader.recv(60))["items"][0]["seq"] == number
        numbers = [orjson.loads(stopped.recv(60))["items"][0]["seq"]]
        while numbers[-1] < 10:
            numbers.append(orjson.loads(stopped.recv(60))["items"][0]["seq"])
        assert len(numbers) < 10


def test_a_frame_too_large_is_told_so_and_the_connection_goes_on(address: str) -> None:
    with connect(address) as client:
        client.send("x" * (MAX_FRAME_BYTES + 1))
        assert orjson.loads(client.recv(60))["code"] == "PAYLOAD_TOO_LARGE"
        assert ask(client, "ping") == {"type": "pong"}


def raw_socket(address: str) -> socket.socket:
    """One that answers no ping."""
    port = int(address.split(":")[2].split("/")[0])
    raw = socket.create_connection(("127.0.0.1", port), 20)
    raw.sendall(
        b"GET /ws/v1/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    read_until(raw, b"\r\n\r\n")
    return raw


def read_until(raw: socket.socket, wanted: bytes) -> None:
    got = b""
    while wanted not in got:
        more = raw.recv(4096)
        assert more, "the server hung up"
        got += more


def subscribed(raw: socket.socket) -> socket.socket:
    """It has read the snapshot of all prices."""
    text = b'{"action":"subscribe","channel":"prices","symbols":"*"}'
    raw.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)
    read_until(raw, b"items")
    return raw


def wait_until_nobody_listens(feed: Feed) -> None:
    until = time.monotonic() + 60
    while feed.hub._crowds and time.monotonic() < until:
        time.sleep(0.01)
    assert not feed.hub._crowds


def test_a_client_that_answers_no_ping_is_let_go(feed: Feed) -> None:
    options = {"ws_ping_interval": 0.05, "ws_ping_timeout": 0.05}
    with served(feed.application, **options) as address, raw_socket(address) as silent:
        while silent.recv(4096):
            pass  # until the server's end


def test_a_reader_who_stopped_for_good_is_let_go_too(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for him in the transport would keep a connection that closes politely for ever."""
    monkeypatch.setattr(wire, "_LAST_WORD_SECONDS", 0.05)
    options = {"ws_ping_interval": 1, "ws_ping_timeout": 0.1}
    with served(feed.application, **options) as address, subscribed(raw_socket(address)):
        for number in range(20):
            feed.publish(SOL={"price": number, "bulk": "x" * 1_000_000})
        wait_until_nobody_listens(feed)


def test_a_stopped_reader_finds_the_newest_and_little_of_the_old(feed: Feed, address: str) -> None:
    with subscribed(raw_socket(address)) as raw, connect(address, max_size=None) as reader:
        ask(reader, "subscribe", channel="prices", symbols="*")
        reader.recv(60)
        for number in range(300):
            feed.publish(SOL={"price": number, "bulk": "x" * 100_000})
            assert orjson.loads(reader.recv(20))["items"][0]["price"] == number
        got, size = b"", 0
        while b'"price":299' not in got:
            got = got[-100_000:] + raw.recv(1 << 20)
            size += len(got)
        assert size < 300 * 100_000, "of thirty megabytes most were never sent"
