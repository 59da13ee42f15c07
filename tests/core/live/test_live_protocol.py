"""One client and the feed: what it may ask for and what it gets."""

import asyncio
import threading
import time

import pytest
from django.db import OperationalError

from core.live.census import REPORT_SECONDS
from core.live.protocol import BAD_FRAMES
from tests.make.live import Feed, StubTopic, at, following, in_a_loop


def item(price: float, seq: int) -> dict[str, float]:
    return {"price": price, "seq": seq}


@in_a_loop
async def test_a_snapshot_comes_first_and_updates_go_on_from_its_number() -> None:
    async with following("SOL") as (feed, client):
        feed.publish(SOL=at(2))
        answer = await client.ask("subscribe", channel="prices", symbols=["SOL"])
        assert answer == {"type": "subscribed", "channel": "prices", "symbols": ["SOL"]}
        assert await client.frame() == {"type": "prices", "items": [item(1, 1)]}
        feed.publish(SOL=at(3))
        assert await client.frame() == {"type": "prices", "items": [item(3, 2)]}


@in_a_loop
async def test_each_value_of_a_symbol_has_the_next_number() -> None:
    async with following("SOL", "BONK") as (feed, client):
        await client.subscribe()
        seen = []
        for price in (2, 3, 4):
            feed.publish(SOL=at(price))
            seen.append((await client.frame())["items"])
        feed.publish(BONK=at(9))
        seen.append((await client.frame())["items"])
        assert seen == [[item(2, 1)], [item(3, 2)], [item(4, 3)], [item(9, 1)]]


@in_a_loop
async def test_one_frame_a_tick_holds_every_subscribed_symbol_that_changed() -> None:
    async with following("SOL", "BONK", "WIF") as (feed, client):
        await client.subscribe(["SOL", "BONK"])
        feed.publish(SOL=at(2), BONK=at(3), WIF=at(4))
        assert [part["price"] for part in (await client.frame())["items"]] == [2, 3]
        await client.expect_nothing_more()


@in_a_loop
async def test_after_a_gap_another_subscribe_brings_a_snapshot() -> None:
    async with following("SOL") as (feed, client):
        await client.subscribe(["SOL"])
        client.stop_reading()
        for price in (2, 3, 4, 5):
            feed.publish(SOL=at(price))
            await asyncio.sleep(0)
        client.read_again()
        numbers = [(await client.frame())["items"][0]["seq"] for _ in range(2)]
        assert numbers == [1, 4], "a slow reader sees a gap"
        assert (await client.subscribe(["SOL"]))["items"][0]["seq"] == 4


@in_a_loop
async def test_a_snapshot_reads_the_database_once_for_all_who_come_together() -> None:
    topic = StubTopic(SOL=at(1))
    feed = Feed(topic)
    async with feed.client() as first, feed.client() as second, feed.client() as third:
        await asyncio.gather(*(client.subscribe() for client in (first, second, third)))
    assert topic.readings == 1


@in_a_loop
async def test_a_symbol_without_a_price_yet_may_be_listened_to() -> None:
    feed = Feed(StubTopic(SOL=at(1), NEW=None))
    async with feed.client() as client:
        assert await client.subscribe(["SOL", "NEW"]) == {"type": "prices", "items": [item(1, 0)]}
        feed.publish(NEW=at(5))
        assert (await client.frame())["items"] == [item(5, 1)]


@in_a_loop
async def test_symbols_are_taken_in_any_case() -> None:
    async with following("SOL") as (_, client):
        answer = await client.ask("subscribe", channel="prices", symbols=["sol"])
        assert answer["symbols"] == ["SOL"]


@in_a_loop
async def test_an_unknown_symbol_is_named_and_nothing_is_subscribed() -> None:
    async with following("SOL") as (feed, client):
        answer = await client.ask("subscribe", channel="prices", symbols=["SOL", "NOPE"])
        assert answer["type"] == "error"
        assert answer["code"] == "VALIDATION_ERROR"
        assert "NOPE" in answer["message"]
        feed.publish(SOL=at(2))
        await client.expect_nothing_more()


@in_a_loop
async def test_who_unsubscribed_gets_nothing_more() -> None:
    async with following("SOL", "BONK") as (feed, client):
        await client.subscribe(["SOL", "BONK"])
        answer = await client.ask("unsubscribe", channel="prices", symbols=["SOL"])
        assert answer == {"type": "unsubscribed", "channel": "prices", "symbols": ["SOL"]}
        feed.publish(SOL=at(2), BONK=at(3))
        assert (await client.frame())["items"] == [item(3, 1)]
        assert (await client.ask("unsubscribe", channel="prices"))["symbols"] == "*"
        feed.publish(SOL=at(4), BONK=at(5))
        await client.expect_nothing_more()


@in_a_loop
async def test_a_slow_reader_gets_the_newest_value_and_holds_up_nobody() -> None:
    async with following("SOL") as (feed, slow), feed.client() as quick:
        await slow.subscribe(["SOL"])
        await quick.subscribe(["SOL"])
        slow.stop_reading()
        for price in range(2, 102):
            feed.publish(SOL=at(price))
            assert (await quick.frame())["items"][0]["price"] == price
        slow.read_again()
        prices = [(await slow.frame())["items"][0]["price"], (await slow.frame())["items"][0]["price"]]
        assert prices == [2, 101], "the one that was under way, then the newest"
        await slow.expect_nothing_more()


@in_a_loop
async def test_what_another_thread_publishes_arrives_at_once() -> None:
    async with following("SOL") as (feed, client):
        await client.subscribe(["SOL"])
        began = time.monotonic()
        threading.Thread(target=feed.publish, kwargs={"SOL": at(2)}).start()
        await client.frame()
        assert time.monotonic() - began < REPORT_SECONDS / 2  # which would wake the loop, had nobody


@in_a_loop
async def test_a_client_that_left_is_forgotten() -> None:
    async with following("SOL") as (feed, client):
        async with feed.client() as other:
            await other.subscribe()
        await client.subscribe()
        feed.publish(SOL=at(2))
        assert (await client.frame())["items"] == [item(2, 1)]
    assert not feed.hub._crowds


@in_a_loop
async def test_ping_is_answered() -> None:
    async with following("SOL") as (_, client):
        assert await client.ask("ping") == {"type": "pong"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"channel": "weather"},
        {"channel": ["prices"]},
        {"channel": "prices"},
        {"channel": "prices", "symbols": []},
        {"channel": "prices", "symbols": "SOL"},
        {"channel": "prices", "symbols": [1]},
        {"channel": "prices", "symbols": {"SOL": 1}},
        {"channel": "prices", "symbols": ["*"]},
        {"channel": "prices", "symbols": ["S" * 40]},
    ],
)
@in_a_loop
async def test_a_subscription_that_makes_no_sense_is_refused_with_a_reason(fields: dict[str, object]) -> None:
    async with following("SOL") as (_, client):
        answer = await client.ask("subscribe", **fields)
        assert (answer["type"], answer["code"]) == ("error", "VALIDATION_ERROR")
        assert answer["message"]
        await client.expect_nothing_more()


@in_a_loop
async def test_more_symbols_than_allowed_are_refused() -> None:
    many = [f"T{number}" for number in range(201)]
    async with following(*many) as (_, client):
        assert (await client.ask("subscribe", channel="prices", symbols=many))["code"] == "VALIDATION_ERROR"
        await client.subscribe(many[:200])
        answer = await client.ask("subscribe", channel="prices", symbols=many[200:])
        assert "200 symbols" in answer["message"]


@in_a_loop
async def test_a_frame_too_large_gets_an_error() -> None:
    async with following("SOL") as (_, client):
        client.say('{"action":"ping","x":"' + "y" * 17_000 + '"}')
        assert (await client.frame())["code"] == "PAYLOAD_TOO_LARGE"
        await client.expect_nothing_more()


@pytest.mark.parametrize(
    "bad", ["{", "[]", '{"action":"dance"}', '{"action":"subscribe","channel":"weather"}', b"{}"]
)
@in_a_loop
async def test_twenty_bad_frames_close_the_connection(bad: str | bytes) -> None:
    async with following("SOL") as (_, client):
        for _ in range(20):
            client.say(bad)
            assert (await client.frame())["code"] == "VALIDATION_ERROR"
        assert (await client.frame())["type"] == "error"
        closing = await client.message()
        assert (closing["type"], closing["code"]) == ("websocket.close", BAD_FRAMES)


@in_a_loop
async def test_asking_for_what_is_not_followed_counts_as_no_bad_frame() -> None:
    async with following("SOL") as (_, client):
        for number in range(18):
            await client.ask("subscribe", channel="prices", symbols=[f"NOPE{number}"])
        for _ in range(2):
            client.say("{")
            await client.frame()
        answer = await client.ask("ping")
        assert answer["type"] == "pong" or answer["code"] == "RATE_LIMITED"


@in_a_loop
async def test_a_flood_of_frames_is_refused_and_then_cut_off() -> None:
    async with following("SOL") as (_, client):
        for _ in range(200):
            client.say('{"action":"ping"}')
        answers = []
        while (message := await client.message())["type"] == "websocket.send":
            answers.append(message["text"])
        assert message["code"] == BAD_FRAMES
        assert all("pong" in answer for answer in answers[:20])
        assert sum("RATE_LIMITED" in answer for answer in answers) == 20


@in_a_loop
async def test_a_snapshot_that_fails_for_want_of_the_database_is_said_so() -> None:
    class Away(StubTopic):
        def snapshot(self, parameters: object) -> dict[str, None]:
            raise OperationalError

    feed = Feed(Away())
    async with feed.client() as client:
        answer = await client.ask("subscribe", channel="prices", symbols="*")
        assert answer["code"] == "SERVICE_UNAVAILABLE"
        await client.expect_nothing_more()


@in_a_loop
async def test_what_nobody_announced_is_told_by_the_sweep_under_its_number() -> None:
    topic = StubTopic(SOL=at(1), BONK=at(2))
    feed = Feed(topic)
    async with feed.client() as client:
        await client.subscribe()
        topic.stored["SOL"] = {"price": 1, "freshness": "stale"}
        await feed.hub.sweep()
        assert (await client.frame())["items"] == [{"price": 1, "freshness": "stale", "seq": 0}]
        await feed.hub.sweep()
        await client.expect_nothing_more()
    await feed.hub.stop()


@in_a_loop
async def test_the_sweep_never_puts_an_older_value_over_a_newer_one() -> None:
    topic = StubTopic(SOL=at(1))
    feed = Feed(topic)
    async with feed.client() as client:
        await client.subscribe()
        sweeping = asyncio.create_task(feed.hub.sweep())
        await asyncio.sleep(0)
        feed.publish(SOL=at(2))
        await sweeping
        assert (await client.frame())["items"] == [item(2, 1)]
        await client.expect_nothing_more()
    await feed.hub.stop()


@in_a_loop
async def test_nobody_sweeps_where_nobody_listens() -> None:
    async with following("SOL") as (_, client):
        assert "live-feed-sweep" not in {task.get_name() for task in asyncio.all_tasks()}
        await client.subscribe()
        assert "live-feed-sweep" in {task.get_name() for task in asyncio.all_tasks()}
