"""Who listens, and until when."""

import asyncio
from datetime import datetime, timedelta

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from accounts.models import User
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn
from core.live.limits import MAX_WAITING
from core.live.protocol import SIGN_IN_ENDED, TOO_SLOW
from tests.make.live import PATIENCE_SECONDS, Feed, in_a_loop


def signed_in_as(token: str) -> tuple[str, datetime | None]:
    """A token reads `alice 600`: whose it is, and for how many more seconds."""
    name, _, seconds = token.partition(" ")
    if name not in {"alice", "bob"}:
        raise NotSignedIn("The token is not one of ours.")
    return name, wall_now() + timedelta(seconds=float(seconds))


@pytest.fixture(autouse=True)
def _tokens_of_alice_and_bob(settings: Settings) -> None:
    settings.LIVE_AUTHENTICATE = f"{__name__}.signed_in_as"


@in_a_loop
async def test_a_good_token_names_its_user() -> None:
    async with Feed().client() as client:
        answer = await client.ask("authenticate", token="alice 600")
        assert answer == {"type": "authenticated", "user_id": "alice"}


@pytest.mark.parametrize("token", ["mallory 600", "", None, 7, ["alice 600"]])
@in_a_loop
async def test_a_bad_token_is_refused_and_the_connection_goes_on(token: object) -> None:
    async with Feed().client() as client:
        assert (await client.ask("authenticate", token=token))["code"] == "UNAUTHORIZED"
        await client.expect_nothing_more()


@in_a_loop
async def test_the_user_channel_is_refused_to_strangers_and_open_to_its_user() -> None:
    feed = Feed()
    async with feed.client() as client:
        assert (await client.ask("subscribe", channel="user"))["code"] == "UNAUTHORIZED"
        await client.ask("authenticate", token="alice 600")
        assert await client.ask("subscribe", channel="user") == {"type": "subscribed", "channel": "user"}
        feed.publisher.send("user:bob", {"1": '{"type":"alert","id":1}'})
        feed.publisher.send("user:alice", {"2": '{"type":"alert","id":2}'})
        assert await client.frame() == {"type": "alert", "id": 2}
        assert await client.ask("unsubscribe", channel="user") == {"type": "unsubscribed", "channel": "user"}


@in_a_loop
async def test_a_slow_reader_loses_no_alert() -> None:
    feed = Feed()
    async with feed.client() as client:
        await client.ask("authenticate", token="alice 600")
        await client.ask("subscribe", channel="user")
        client.stop_reading()
        for number in range(50):
            feed.publisher.send("user:alice", {str(number): f'{{"type":"alert","id":{number}}}'})
        client.read_again()
        assert [(await client.frame())["id"] for _ in range(50)] == list(range(50))


@in_a_loop
async def test_a_reader_too_far_behind_is_sent_to_the_inbox_and_loses_nothing_in_silence() -> None:
    feed = Feed()
    async with feed.client() as client:
        await client.ask("authenticate", token="alice 600")
        await client.ask("subscribe", channel="user")
        client.stop_reading()
        for number in range(MAX_WAITING + 10):
            feed.publisher.send("user:alice", {str(number): f'{{"type":"alert","id":{number}}}'})
        await asyncio.sleep(0.01)
        client.read_again()
        message = await client.message()
        while message["type"] == "websocket.send":
            last, message = message, await client.message()
        assert "ask the inbox" in last["text"]
        assert (message["type"], message["code"]) == ("websocket.close", TOO_SLOW)


@in_a_loop
async def test_a_token_in_the_address_signs_nobody_in() -> None:
    async with Feed().client(query=b"token=alice+600") as client:
        assert (await client.ask("subscribe", channel="user"))["code"] == "UNAUTHORIZED"


@in_a_loop
async def test_the_connection_ends_when_the_token_expires() -> None:
    async with Feed().client() as client:
        await client.ask("authenticate", token="alice 0.5")
        assert (await client.frame())["code"] == "UNAUTHORIZED"
        closing = await client.message()
        assert (closing["type"], closing["code"]) == ("websocket.close", SIGN_IN_ENDED)


@in_a_loop
async def test_a_renewed_token_keeps_the_connection_open() -> None:
    loop = asyncio.get_running_loop()
    async with Feed().client() as client:
        await client.ask("authenticate", token="alice 300")
        await client.ask("authenticate", token="alice 600")
        left = [timer.when() - loop.time() for timer in loop._scheduled if not timer.cancelled()]
        [ends] = [seconds for seconds in left if seconds > 2 * PATIENCE_SECONDS]
        assert ends > 300, "the first token's end counts no more"
        await client.expect_nothing_more()


@in_a_loop
async def test_a_connection_never_changes_its_user() -> None:
    async with Feed().client() as client:
        await client.ask("authenticate", token="alice 600")
        assert (await client.ask("authenticate", token="bob 600"))["code"] == "FORBIDDEN"


@in_a_loop
async def test_without_the_setting_no_token_is_taken(settings: Settings) -> None:
    settings.LIVE_AUTHENTICATE = ""
    async with Feed().client() as client:
        assert (await client.ask("authenticate", token="alice 600"))["code"] == "UNAUTHORIZED"


@pytest.fixture
def session_cookie(db: None, settings: Settings) -> dict[str, str]:
    """Alice's browser."""
    browser = Browser()
    browser.force_login(User.objects.create_user("alice@example.com"))
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return {"cookie": f"theme=dark; {settings.SESSION_COOKIE_NAME}={key}"}


@in_a_loop
async def test_a_browser_is_recognised_by_its_session(session_cookie: dict[str, str]) -> None:
    async with Feed().client(headers=session_cookie) as client:
        assert (await client.ask("subscribe", channel="user"))["type"] == "subscribed"


@pytest.mark.django_db
@in_a_loop
async def test_a_session_that_ended_makes_a_stranger(settings: Settings) -> None:
    headers = {"cookie": f"{settings.SESSION_COOKIE_NAME}=ended"}
    async with Feed().client(headers=headers) as client:
        assert (await client.ask("subscribe", channel="user"))["code"] == "UNAUTHORIZED"
