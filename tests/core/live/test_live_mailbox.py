"""What waits for one connection."""

import asyncio

from core.live.item import Item, packed, unpacked
from core.live.mailbox import Batch, Mailbox
from core.live.subscriptions import EVERY
from tests.make.live import StubTopic, in_a_loop

TOPIC = StubTopic()


def batch(**prices: int) -> Batch:
    return Batch(TOPIC, [Item(symbol, price, f'"{symbol} {price}"') for symbol, price in prices.items()])


def texts(mailbox: Mailbox) -> list[str]:
    return [frame["text"] for taken in mailbox.take() for frame in taken.frames()]


@in_a_loop
async def test_only_the_newest_value_of_a_symbol_waits() -> None:
    mailbox = Mailbox()
    for price in range(1000):
        mailbox.put("prices", batch(SOL=price))
    mailbox.put("prices", batch(BONK=7))
    assert texts(mailbox) == ['{"type":"prices","items":["SOL 999","BONK 7"]}']
    assert texts(mailbox) == []


@in_a_loop
async def test_the_bell_rings_once_for_whatever_waits() -> None:
    mailbox = Mailbox()
    assert mailbox.put("prices", batch(SOL=1)) is True
    assert mailbox.put("prices", batch(SOL=2)) is False
    mailbox.ring()
    await asyncio.wait_for(mailbox.filled(), 1)
    mailbox.take()
    assert mailbox.put("prices", batch(SOL=3)) is True


@in_a_loop
async def test_what_is_not_wanted_any_more_is_dropped() -> None:
    mailbox = Mailbox()
    mailbox.put("prices", batch(SOL=1, BONK=2))
    mailbox.drop("prices", frozenset({"SOL"}))
    assert texts(mailbox) == ['{"type":"prices","items":["BONK 2"]}']
    mailbox.put("prices", batch(SOL=1))
    mailbox.drop("prices", EVERY)
    assert texts(mailbox) == []


def test_those_who_want_the_same_share_one_frame() -> None:
    shared = batch(SOL=1)
    assert shared.frames()[0] is shared.frames()[0]


def test_values_cross_redis_as_they_were() -> None:
    items = [Item("SOL", 3, '{"name":"a\\nb","seq":3}'), Item("BONK", 1, '{"seq":1}')]
    assert unpacked(packed("predictions:1h", items)) == ("predictions:1h", items)
    assert unpacked(packed("prices", [])) == ("prices", [])
