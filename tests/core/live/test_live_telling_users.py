"""What concerns one user: every socket of his hears it, once, and nobody else does."""

import asyncio
from uuid import uuid4

import pytest
from pytest_django import Settings

from core.live import process
from core.live.consumer import LiveFeed
from core.live.item import Item
from core.live.publish import tell_user
from core.live.recent import REMEMBERED, Recent
from core.live.topic import USER, PersonalTopic
from tests.make.live import Client, in_a_loop


@pytest.fixture(autouse=True)
def _tokens_name_their_user(settings: Settings) -> None:
    settings.LIVE_AUTHENTICATE = f"{__name__}.signed_in_as"


def signed_in_as(token: str) -> tuple[str, None]:
    return token, None


async def a_socket_of(user: str, feed: LiveFeed) -> Client:
    client = await Client(feed).__aenter__()
    await client.ask("authenticate", token=user)
    await client.ask("subscribe", channel="user")
    return client


@in_a_loop
async def test_every_socket_of_the_user_is_told_and_nobody_elses() -> None:
    hub = process.hub()
    await hub.start()
    await hub.listening()
    feed, alice, bob = LiveFeed(hub, [PersonalTopic(USER)]), str(uuid4()), str(uuid4())
    hers, hers_too, his = [await a_socket_of(user, feed) for user in (alice, alice, bob)]
    await asyncio.to_thread(tell_user, alice, {"type": "alert", "id": 7})
    assert await hers.frame() == await hers_too.frame() == {"type": "alert", "id": 7}
    await his.expect_nothing_more()
    for client in (hers, hers_too, his):
        await client.__aexit__()
    await hub.stop()


@in_a_loop
async def test_what_is_told_twice_under_one_key_is_heard_once() -> None:
    hub = process.hub()
    await hub.start()
    await hub.listening()
    alice = str(uuid4())
    client = await a_socket_of(alice, LiveFeed(hub, [PersonalTopic(USER)]))
    for _ in range(2):
        await asyncio.to_thread(tell_user, alice, {"type": "alert", "id": 7}, key="event 7")
    await asyncio.to_thread(tell_user, alice, {"type": "notification", "id": 8})
    assert [(await client.frame())["id"] for _ in range(2)] == [7, 8]
    await client.expect_nothing_more()
    await client.__aexit__()
    await hub.stop()


def test_what_was_told_long_ago_is_forgotten() -> None:
    recent = Recent()
    for number in range(REMEMBERED + 1):
        assert recent.new("user:alice", [Item(str(number), 0, "{}")])
    assert not recent.new("user:alice", [Item(str(REMEMBERED), 0, "{}")])
    assert recent.new("user:alice", [Item("0", 0, "{}")])
    assert recent.new("user:bob", [Item(str(REMEMBERED), 0, "{}")])
