"""Publishing from anywhere, in whichever form this process has."""

import asyncio
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from core.live import process
from core.live.consumer import LiveFeed
from core.live.publish import publish, send
from tests.make.live import Client, StubTopic, at, in_a_loop


class Weather(StubTopic):
    name = "weather"


@pytest.fixture
def redis_away(settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    process.publisher.cache_clear()
    yield
    process.publisher.cache_clear()


@in_a_loop
async def test_what_is_published_reaches_the_listeners_of_this_process() -> None:
    hub = process.hub()
    await hub.start()
    await hub.listening()
    async with Client(LiveFeed(hub, [Weather(SOL=at(1))])) as client:
        seen = (await client.subscribe(channel="weather"))["items"][0]["seq"]
        await asyncio.to_thread(publish, "weather", [("SOL", at(2))])
        assert (await client.frame())["items"] == [{"price": 2, "seq": seen + 1}]
        await asyncio.to_thread(send, "weather", [("some id", {"id": 7})])
        assert (await client.frame())["items"] == [{"id": 7}]
    await hub.stop()


def test_nobody_need_listen() -> None:
    publish("weather", [("SOL", at(2))])


def test_a_publisher_never_hears_of_a_redis_that_is_away(redis_away: None) -> None:
    publish("weather", [("SOL", at(2))])
    send("weather", [("some id", {"id": 7})])


def test_a_value_that_is_no_json_is_logged_and_not_raised() -> None:
    publish("weather", [("SOL", {"price": object()})])
