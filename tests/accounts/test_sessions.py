"""Where somebody is signed in, and ending that: from the next request on, and on the live feed."""

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from accounts.models import Session, User
from accounts.services.browsers import NAME, browser_session
from accounts.services.sessions import end_sessions_of
from core.lib.clock import wall_now
from core.live import endings, process
from core.live.protocol import SIGN_IN_ENDED
from khalsi.routing import websockets
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for
from tests.make.live import Client as Listener
from tests.make.live import in_a_loop

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
ALICE = {"email": "alice@example.com", "password": PASSWORD}


def end_all(user: User) -> None:
    end_sessions_of(user_id=user.id, because="test", now=wall_now())


# As calls


def test_the_owner_sees_where_he_is_signed_in(client):
    alice = a_user("alice")
    tokens_for(alice), tokens_for(a_user("bob"))
    Client(headers={"User-Agent": "Firefox"}, REMOTE_ADDR="203.0.113.7").post("/sign-in", ALICE)
    reply = client.get(f"{AUTH}/sessions", headers=bearer(alice)).json()
    assert reply["meta"] == {"count": 3, "next": None, "previous": None}
    assert [row["current"] for row in reply["data"]] == [True, False, False]
    assert [row["kind"] for row in reply["data"]] == ["app", "site", "app"]
    assert (reply["data"][1]["address"], reply["data"][1]["user_agent"]) == ("203.0.113.7", "Firefox")
    assert reply["data"][0]["created_at"].endswith("Z")


def test_what_has_ended_or_expired_is_not_shown(client):
    alice = a_user("alice")
    end_all(alice), tokens_for(alice, now=wall_now() - timedelta(days=31))
    assert len(client.get(f"{AUTH}/sessions", headers=bearer(alice)).json()["data"]) == 1


def test_ending_one_counts_from_its_next_request(client):
    alice = a_user("alice")
    here, there = bearer(alice), bearer(alice)
    other = Session.objects.order_by("created_at").last()
    assert client.delete(f"{AUTH}/sessions/{other.id}", headers=here).status_code == 204
    assert client.get(f"{AUTH}/me", headers=there).status_code == 401
    assert client.get(f"{AUTH}/me", headers=here).status_code == 200
    assert client.delete(f"{AUTH}/sessions/{other.id}", headers=here).status_code == 404


def test_a_strangers_session_is_not_found(client):
    bob = a_user("bob")
    tokens_for(bob)
    path = f"{AUTH}/sessions/{bob.sessions.get().id}"
    assert client.delete(path, headers=bearer(a_user("alice"))).status_code == 404
    assert bob.sessions.get().ended_at is None


def test_logging_out_everywhere_ends_apps_and_browsers(client):
    alice = a_user("alice")
    headers, browser = bearer(alice), Client()
    browser.force_login(alice)
    assert client.post(f"{AUTH}/logout-all", headers=headers).status_code == 204
    assert client.get(f"{AUTH}/me", headers=headers).status_code == 401
    assert browser.get("/account/sessions").status_code == 302


@pytest.mark.parametrize(
    ("method", "call"), [("get", "sessions"), ("post", "logout-all"), ("delete", f"sessions/{'0' * 32}")]
)
def test_a_visitor_has_none(client, method, call):
    assert getattr(client, method)(f"{AUTH}/{call}").status_code in {401, 404}


# Browsers


def test_a_browser_that_is_signed_out_has_no_session_any_more(client):
    alice = a_user("alice")
    client.post("/sign-in", ALICE)
    client.post("/sign-out")
    assert alice.sessions.get().ended_because == "signed out"


def test_a_copied_cookie_dies_with_the_session(client):
    alice = a_user("alice")
    client.post("/sign-in", ALICE)
    thief = Client()
    thief.cookies = client.cookies
    assert thief.get("/account/sessions").status_code == 200
    end_all(alice)
    assert thief.get("/account/sessions").status_code == 302
    assert NAME not in thief.session


def test_a_disabled_user_is_out_at_the_next_page(client):
    alice = a_user("alice")
    client.force_login(alice)
    User.objects.filter(id=alice.id).update(is_active=False)
    assert client.get("/account/sessions").status_code == 302


def test_a_cookie_that_names_no_session_of_ours_signs_nobody_in(client):
    client.force_login(a_user("alice"))
    session = client.session
    del session[NAME]
    session.save()
    assert client.get("/account/sessions").status_code == 302


def test_signing_in_again_ends_the_browsers_earlier_session(client):
    alice, bob = a_user("alice"), a_user("bob")
    client.post("/sign-in", ALICE)
    client.post("/sign-in", {**ALICE, "email": bob.email})
    assert alice.sessions.get().ended_at is not None
    assert bob.sessions.get().ended_at is None


def test_a_browser_is_recognised_in_one_query_beside_its_own_session(client, django_assert_num_queries):
    client.force_login(a_user("alice"))
    store = client.session
    assert store[NAME]
    with django_assert_num_queries(1):
        assert browser_session(store, wall_now()).user.email == "alice@example.com"


def test_the_last_use_is_noted_now_and_then(client):
    alice = a_user("alice")
    client.force_login(alice)
    alice.sessions.update(last_used_at=wall_now() - timedelta(hours=1))
    client.get("/account/password")
    assert wall_now() - alice.sessions.get().last_used_at < timedelta(minutes=1)


def test_the_page_shows_and_ends_them(client):
    alice = a_user("alice")
    client.force_login(alice)
    tokens_for(alice)
    app = alice.sessions.get(kind="app")
    page = client.get("/account/sessions").content.decode()
    assert page.count("this one") == 1
    assert f"/account/sessions/{app.id}/end" in page
    assert client.post(f"/account/sessions/{app.id}/end")["Location"] == "/account/sessions"
    assert client.post(f"/account/sessions/{app.id}/end").status_code == 404
    assert client.post("/account/sessions/end")["Location"] == "/sign-in"
    assert not alice.sessions.filter(ended_at=None).exists()


# The live feed


@pytest.fixture
def slow_asking(monkeypatch):
    """So that what closes a socket is the word and not the question."""
    monkeypatch.setattr(endings, "ASK_SECONDS", 3600)


async def listening(headers=None) -> Listener:
    hub = process.hub()
    await hub.start()
    await hub.listening()
    return Listener(websockets, headers=headers)


async def assert_closed(listener: Listener) -> None:
    assert (await listener.frame())["code"] == "UNAUTHORIZED"
    assert (await listener.message())["code"] == SIGN_IN_ENDED


@pytest.mark.django_db(transaction=True)
@in_a_loop
async def test_the_word_of_an_ended_session_closes_its_feed_and_no_other(slow_asking):
    alice, bob = await sync_to_async(a_user)("alice"), await sync_to_async(a_user)("bob")
    async with await listening() as hers, await listening() as his:
        for user, listener in ((alice, hers), (bob, his)):
            token = (await sync_to_async(tokens_for)(user)).access
            assert (await listener.ask("authenticate", token=token))["type"] == "authenticated"
        await sync_to_async(end_all)(alice)
        await assert_closed(hers)
        await his.expect_nothing_more()
    await process.hub().stop()


@pytest.mark.django_db(transaction=True)
@in_a_loop
async def test_a_browsers_feed_closes_with_its_session(slow_asking):
    alice, browser = await sync_to_async(a_user)("alice"), Client()
    await sync_to_async(browser.force_login)(alice)
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    async with await listening({"cookie": f"{settings.SESSION_COOKIE_NAME}={key}"}) as listener:
        assert (await listener.ask("subscribe", channel="user"))["type"] == "subscribed"
        await sync_to_async(end_all)(alice)
        await assert_closed(listener)
    await process.hub().stop()


@pytest.mark.parametrize("how", ["ended", "disabled"])
@in_a_loop
async def test_where_no_word_came_the_feed_closes_by_asking(how, monkeypatch):
    """A test's transaction never commits, so nothing is announced: as when Redis lost it."""
    monkeypatch.setattr(endings, "ASK_SECONDS", 0.05)
    alice = await sync_to_async(a_user)("alice")
    async with await listening() as listener:
        token = (await sync_to_async(tokens_for)(alice)).access
        await listener.ask("authenticate", token=token)
        if how == "ended":
            await sync_to_async(end_all)(alice)
        else:
            await sync_to_async(User.objects.filter(id=alice.id).update)(is_active=False)
        await assert_closed(listener)
    await process.hub().stop()


@in_a_loop
async def test_nobody_asks_for_visitors():
    async with await listening() as listener:
        await listener.expect_nothing_more()
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "live-feed-endings"]
    await process.hub().stop()
