"""The distributed form: publishers and listeners in different processes, over one Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
import redis
from django.conf import settings

from core.live.consumer import LiveFeed
from core.live.hub import Hub
from core.live.item import head
from core.live.over_redis import RedisListener, RedisPublisher
from tests.make.live import Client, StubTopic, at, in_a_loop

pytestmark = pytest.mark.skipif(not settings.REDIS_URL, reason="the embedded form has no Redis")


@pytest.fixture
def prefix() -> Iterator[str]:
    prefix = f"{settings.KEY_PREFIX}:{uuid4().hex}"
    yield prefix
    empty(prefix)


@pytest.fixture
def publisher(prefix: str) -> Iterator[RedisPublisher]:
    publisher = RedisPublisher(settings.REDIS_URL, prefix)
    yield publisher
    publisher.close()


def empty(prefix: str) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(f"{prefix}:*"):
            client.delete(key)


def newest_number(prefix: str, symbol: str) -> int:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return int(client.hget(f"{prefix}:feed:seq:prices", symbol))


@asynccontextmanager
async def a_process(prefix: str) -> AsyncIterator[Client]:
    """A hub of its own as another process would have, with one client."""
    hub = Hub(RedisListener(settings.REDIS_URL, prefix))
    await hub.start()
    await asyncio.wait_for(hub.listening(), 60)
    async with Client(LiveFeed(hub, [StubTopic(SOL=at(1), BONK=at(2))])) as client:
        yield client
    await hub.stop()


def send(publisher: RedisPublisher, **prices: float) -> None:
    publisher.publish("prices", {symbol: head(at(price)) for symbol, price in prices.items()})


@in_a_loop
async def test_two_processes_get_the_same_values_with_the_same_numbers(
    prefix: str, publisher: RedisPublisher
) -> None:
    async with a_process(prefix) as one, a_process(prefix) as two:
        await one.subscribe()
        await two.subscribe(["BONK"])
        await asyncio.to_thread(send, publisher, SOL=3, BONK=4)
        await asyncio.to_thread(send, publisher, BONK=5)
        both, later = (await one.frame())["items"], (await one.frame())["items"]
        assert [item["price"] for item in both + later] == [3, 4, 5]
        assert later[0]["seq"] == both[1]["seq"] + 1
        assert (await two.frame())["items"] == both[1:]
        assert (await two.frame())["items"] == later


@in_a_loop
async def test_a_process_that_starts_later_goes_on_from_the_numbers_given(
    prefix: str, publisher: RedisPublisher
) -> None:
    for price in (3, 4, 5):
        send(publisher, SOL=price)
    async with a_process(prefix) as client:
        snapshot = await client.subscribe(["SOL"])
        [item] = snapshot["items"]
        assert item["price"] == 1, "the database's value, with Redis's number"
        assert item["seq"] == newest_number(prefix, "SOL")
        await asyncio.to_thread(send, publisher, SOL=6)
        assert (await client.frame())["items"] == [{"price": 6, "seq": item["seq"] + 1}]


@in_a_loop
async def test_numbers_go_on_above_all_others_in_a_redis_that_was_emptied(
    prefix: str, publisher: RedisPublisher
) -> None:
    async with a_process(prefix) as client:
        await client.subscribe(["SOL"])
        send(publisher, SOL=2)
        before = (await client.frame())["items"][0]["seq"]
        empty(prefix)
        await asyncio.sleep(0.002)
        send(publisher, SOL=3)
        [item] = (await client.frame())["items"]
        assert item["price"] == 3
        assert item["seq"] > before + 1, "a gap, so that clients ask for a snapshot"


@in_a_loop
async def test_a_broken_subscription_is_made_again_and_what_was_missed_is_delivered(
    prefix: str, publisher: RedisPublisher
) -> None:
    async with a_process(prefix) as client:
        await client.subscribe(["SOL"])
        with redis.Redis.from_url(settings.REDIS_URL) as control:
            # 1. Cut the subscription, and this test's alone.
            before = control.pubsub_numsub(f"{prefix}:feed")[0][1]
            assert before == 1
            for peer in control.client_list(_type="pubsub"):
                if peer["name"] == f"{prefix}:feed":
                    control.client_kill_filter(_id=peer["id"])
            # 2. Publish before the listener is back, or as it comes back.
            send(publisher, SOL=7)
        [missed] = (await client.frame())["items"]
        assert missed["price"] == 7
        await asyncio.to_thread(send, publisher, SOL=8)
        assert (await client.frame())["items"] == [{"price": 8, "seq": missed["seq"] + 1}]


@in_a_loop
async def test_values_that_count_one_by_one_carry_no_number(prefix: str, publisher: RedisPublisher) -> None:
    async with a_process(prefix) as client:
        await client.subscribe()
        publisher.send("prices", {"1": '{"id":1}', "2": '{"id":2}'})
        assert (await client.frame())["items"] == [{"id": 1}, {"id": 2}]
