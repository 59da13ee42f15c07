"""Who hears the live feed: visible to staff and to the owner, who both can end it."""

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from core.lib.clock import wall_now
from core.live import process
from core.live.census import FORGOTTEN_SECONDS, Report, Socket, census_of
from khalsi.routing import websockets
from tests.make.accounts import a_user, tokens_for
from tests.make.live import Client as Listener
from tests.make.live import in_a_loop

pytestmark = pytest.mark.django_db


def report(process: str, at: float, *sockets: Socket, visitors: int = 0) -> Report:
    return Report(
        process=process, at=at, sockets=len(sockets) + visitors, visitors=visitors, signed_in=list(sockets)
    )


def socket(session_id: str, since: float, frames: int) -> Socket:
    return Socket(session_id=session_id, since=since, frames=frames)


def test_a_session_is_added_up_over_its_processes():
    now = wall_now()
    at = now.timestamp()
    one = report("web:1", at, socket("a", at - 60, 5), socket("b", at - 9, 1), visitors=40)
    two = report("web:2", at - 3, socket("a", at - 90, 7))
    census = census_of([two, one], now)
    assert (census.sockets, census.visitors, len(census.reports)) == (43, 40, 2)
    a = census.by_session["a"]
    assert (a.sockets, a.frames, a.processes) == (2, 12, ("web:1", "web:2"))
    assert a.since.timestamp() == pytest.approx(at - 90)


def test_a_process_that_fell_silent_is_forgotten():
    now = wall_now()
    assert census_of([report("web:1", now.timestamp() - FORGOTTEN_SECONDS - 1, visitors=3)], now).sockets == 0


@pytest.fixture
def staff_client() -> Client:
    client = Client()
    client.force_login(a_user("admin", role="admin", second_factor_since=wall_now()))
    return client


@in_a_loop
async def test_staff_and_the_owner_see_a_connected_session(staff_client):
    hub = process.hub()
    await hub.start()
    await hub.listening()
    alice = await sync_to_async(a_user)("alice")
    tokens = await sync_to_async(tokens_for)(alice)
    async with Listener(websockets) as listener:
        await listener.ask("authenticate", token=tokens.access)
        await hub.report()
        census = await sync_to_async(process.who_is_connected)(wall_now())
        session = await sync_to_async(alice.sessions.get)()
        assert census.by_session[str(session.id)].frames >= 1

        path = "/admin/accounts/session/?connected=now"
        page = (await sync_to_async(staff_client.get)(path)).content.decode()
        assert "alice@example.com" in page
        assert "1 socket since" in page
        assert "live feed: sockets 1, of visitors 0, processes 1" in page

        browser = Client()
        await sync_to_async(browser.force_login)(alice)
        page = (await sync_to_async(browser.get)("/account/sessions")).content.decode()
        assert page.count("on the live feed") == 1
        assert f"/account/sessions/{session.id}/end" in page
    await hub.report()
    gone = await sync_to_async(process.who_is_connected)(wall_now())
    assert str(session.id) not in gone.by_session
    await hub.stop()


def test_staff_see_no_session_where_nobody_is_connected(staff_client):
    a_user("bob")
    page = staff_client.get("/admin/accounts/session/?connected=now").content.decode()
    assert "bob@example.com" not in page
