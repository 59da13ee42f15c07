"""Whatever a client sends, it gets an answer and the others notice nothing."""

import json
from typing import Any

from asgiref.sync import async_to_sync
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.make.live import at, following

ACTIONS = ("authenticate", "subscribe", "unsubscribe", "ping")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
known_words = st.sampled_from([*ACTIONS, "prices", "user", "SOL", "*", ["SOL"]])
requests = st.fixed_dictionaries(
    {"action": st.sampled_from(ACTIONS) | anything},
    optional=dict.fromkeys(("channel", "symbols", "token", "timeframe"), known_words | anything),
)
frames = st.text() | st.binary() | (requests | anything).map(json.dumps)


@settings(max_examples=150, deadline=None)
@given(st.lists(frames, min_size=1, max_size=12))
def test_any_frame_gets_an_answer_and_others_are_unaffected(sent: list[str | bytes]) -> None:
    async_to_sync(send_beside_another)(sent)


async def send_beside_another(sent: list[str | bytes]) -> None:
    async with following("SOL") as (feed, other), feed.client() as client:
        await other.subscribe()
        for text in sent:
            client.say(text)
            assert_answered(await client.frame())
        feed.publish(SOL=at(2))
        assert (await other.frame())["items"][0]["price"] == 2
        await other.expect_nothing_more()


def assert_answered(answer: dict[str, Any]) -> None:
    assert answer["type"] in {"error", "pong", "subscribed", "unsubscribed", "prices"}
    if answer["type"] == "error":
        assert answer["code"].isupper()
        assert answer["message"]
