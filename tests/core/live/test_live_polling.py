"""What pages ask again and again where no WebSocket gets through."""

import pytest
from django.test import RequestFactory

from core.live.polling import newest_frames
from core.live.topic import USER, PersonalTopic
from tests.make.live import StubTopic, at

PRICES = StubTopic(SOL=at(1), BONK=at(2), NEW=None)
VIEW = newest_frames([PRICES, PersonalTopic(USER)])


def ask(**query: str):
    return VIEW(RequestFactory().get("/live/frames", query))


def test_the_frames_are_those_of_a_snapshot_without_numbers():
    reply = ask(channel="prices", symbols="*")
    assert reply.content == b'{"frames":[{"type":"prices","items":[{"price":1},{"price":2}]}]}'
    assert reply["Cache-Control"] == "public, max-age=5"
    assert b'"price":1' not in ask(channel="prices", symbols="bonk,NEW").content


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"channel": "weather"},
        {"channel": "user"},
        {"channel": "prices", "symbols": ""},
        {"channel": "prices", "symbols": "SOL,NOPE"},
        {"channel": "prices", "symbols": ",".join(f"T{number}" for number in range(201))},
    ],
)
def test_what_makes_no_sense_is_refused_in_the_envelope(query: dict[str, str]):
    reply = ask(**query)
    assert reply.status_code == 400
    assert b'"VALIDATION_ERROR"' in reply.content


def test_it_is_only_read():
    assert VIEW(RequestFactory().post("/live/frames")).status_code == 405
