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

from core.live.limits import MAX_FRAME_BYTES
from tests.make.live import Feed, StubTopic, at


@contextmanager
def served(application: Any) -> Iterator[str]:
    """Its address, for as long as it is needed."""
    config = uvicorn.Config(
        application, ws="websockets-sansio", lifespan="off", log_config=None, ws_per_message_deflate=False
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
    return orjson.loads(client.recv(5))


def test_a_price_published_by_a_worker_thread_is_on_the_wire_at_once(feed: Feed, address: str) -> None:
    with connect(address) as client:
        assert ask(client, "subscribe", channel="prices", symbols=["SOL"])["type"] == "subscribed"
        assert orjson.loads(client.recv(5))["items"] == [{"price": 1, "seq": 0}]
        began = time.monotonic()
        feed.publish(SOL=at(2))
        assert orjson.loads(client.recv(5))["items"] == [{"price": 2, "seq": 1}]
        assert time.monotonic() - began < 0.2


def test_a_reader_who_stopped_does_not_hold_up_the_others(feed: Feed, address: str) -> None:
    """Three megabytes a tick: far more than the network's own buffers take up for a stopped reader."""
    with connect(address, max_size=None, max_queue=1) as stopped, connect(address, max_size=None) as reader:
        for client in (stopped, reader):
            ask(client, "subscribe", channel="prices", symbols=["SOL"])
            client.recv(5)
        for number in range(1, 11):
            feed.publish(SOL={"price": number, "bulk": "x" * 3_000_000})
            assert orjson.loads(reader.recv(5))["items"][0]["seq"] == number
        numbers = [orjson.loads(stopped.recv(5))["items"][0]["seq"]]
        while numbers[-1] < 10:
            numbers.append(orjson.loads(stopped.recv(5))["items"][0]["seq"])
        assert len(numbers) < 10


def test_a_frame_too_large_is_told_so_and_the_connection_goes_on(address: str) -> None:
    with connect(address) as client:
        client.send("x" * (MAX_FRAME_BYTES + 1))
        assert orjson.loads(client.recv(5))["code"] == "PAYLOAD_TOO_LARGE"
        assert ask(client, "ping") == {"type": "pong"}
