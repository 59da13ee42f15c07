"""The count of unread messages in the header, on a page that stays open."""

from playwright.sync_api import Page, WebSocketRoute, expect

from markets.models import Token
from tests.browser.conftest import expect_state_seen, note_states
from tests.browser.test_account import sign_in_by_keyboard
from tests.make.accounts import a_user
from tests.make.alerts import an_alert, an_event
from tests.make.markets import NOON


def test_what_came_while_the_connection_was_away_is_counted_when_it_is_back(page: Page, now: object) -> None:
    alice = a_user("alice")
    alert = an_alert(alice, Token.objects.get(symbol="SOL"))
    opened: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        opened.append(socket)

    sign_in_by_keyboard(page)
    page.route_web_socket("**/ws/v1/", pass_on)
    page.goto("/")
    expect(page.locator("#live-state")).to_have_text("Live")
    expect(page.locator("#inbox-count")).to_have_text("")
    an_event(alert, NOON)  # told by no frame
    note_states(page)
    opened[-1].close(code=1012, reason="restart")
    expect_state_seen(page, "Reconnecting")
    expect(page.locator("#inbox-count")).to_have_text("\u00a0(1)")
    expect(page.locator("#inbox-said")).to_have_text("New messages in your inbox.")
