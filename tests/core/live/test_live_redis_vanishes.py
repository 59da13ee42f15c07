"""Promise 17 in short, for the feed: Redis is killed, and comes back with nothing in it."""

import asyncio
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import redis

from core.live.consumer import LiveFeed
from core.live.hub import Hub
from core.live.item import head
from core.live.over_redis import RedisListener, RedisPublisher
from tests.make.live import Client, StubTopic, at, in_a_loop
from tests.make.ports import a_free_port

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="there is no redis-server")


def start(port: int, folder: Path) -> subprocess.Popen:
    words = (
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    )
    process = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
    with redis.Redis(port=port) as client:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                client.ping()
                return process
            except redis.RedisError:
                time.sleep(0.02)
    process.kill()
    raise AssertionError("redis-server did not answer")


def kill(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


def publish(publisher: RedisPublisher, price: float) -> None:
    publisher.publish("prices", {"SOL": head(at(price))})


@in_a_loop
async def test_the_feed_goes_on_above_the_numbers_it_had(tmp_path: Path) -> None:
    port = a_free_port()
    server = start(port, tmp_path)
    url = f"redis://127.0.0.1:{port}/0"
    listener, publisher = RedisListener(url, "k"), RedisPublisher(url, "k")
    hub = Hub(listener)
    try:
        await hub.start()
        await asyncio.wait_for(hub.listening(), 60)
        async with Client(LiveFeed(hub, [StubTopic(SOL=at(1))])) as client:
            await client.subscribe(["SOL"])
            publish(publisher, 2)
            [before] = (await client.frame())["items"]

            kill(server)
            with pytest.raises(redis.RedisError):
                publish(publisher, 3)
            assert await client.ask("ping") == {"type": "pong"}, "who is connected stays so"
            while listener._listening.is_set():
                await asyncio.sleep(0.01)
            server = start(port, tmp_path)
            await asyncio.wait_for(hub.listening(), 60)

            publish(publisher, 4)
            [after] = (await client.frame())["items"]
            assert after["price"] == 4
            assert after["seq"] > before["seq"] + 1, "a gap, so that the client asks for a snapshot"
            assert (await client.subscribe(["SOL"]))["items"][0]["seq"] == after["seq"]
    finally:
        await hub.stop()
        publisher.close()
        kill(server)
