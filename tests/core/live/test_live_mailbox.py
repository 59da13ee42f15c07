"""What waits for one connection."""

from core.live.item import Item, packed, unpacked
from core.live.mailbox import Batch, Mailbox
from core.live.subscriptions import EVERY
from tests.make.live import StubTopic

TOPIC = StubTopic()


def a_mailbox() -> Mailbox:
    return Mailbox(lambda: None, lambda: None)


def batch(**prices: int) -> Batch:
    return Batch(TOPIC, [Item(symbol, price, f'"{symbol} {price}"') for symbol, price in prices.items()])


def texts(mailbox: Mailbox) -> list[str]:
    return [frame["text"] for taken in mailbox.take() for frame in taken.frames()]


def test_only_the_newest_value_of_a_symbol_waits() -> None:
    mailbox = a_mailbox()
    for price in range(1000):
        mailbox.put("prices", batch(SOL=price))
    mailbox.put("prices", batch(BONK=7))
    assert texts(mailbox) == ['{"type":"prices","items":["SOL 999","BONK 7"]}']
    assert texts(mailbox) == []


def test_the_bell_rings_once_for_whatever_waits() -> None:
    rung: list[str] = []
    mailbox = Mailbox(lambda: rung.append("once"), lambda: None)
    assert mailbox.put("prices", batch(SOL=1)) is True
    assert mailbox.put("prices", batch(SOL=2)) is False
    mailbox.ring()
    assert rung == ["once"]
    mailbox.take()
    assert mailbox.put("prices", batch(SOL=3)) is True


def test_what_is_not_taken_stays_and_is_overtaken() -> None:
    mailbox = a_mailbox()
    mailbox.put("prices", batch(SOL=1))
    assert mailbox.emptied_by(lambda batch: False) is False
    assert mailbox.put("prices", batch(SOL=2)) is False, "somebody is at it already"
    taken: list[bytes] = []
    assert mailbox.emptied_by(lambda batch: taken.append(batch.ready_frames()) is None) is True
    text = b'{"type":"prices","items":["SOL 2"]}'
    assert taken == [bytes([0x81, len(text)]) + text]
    assert texts(mailbox) == []


def test_what_is_not_wanted_any_more_is_dropped() -> None:
    mailbox = a_mailbox()
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
