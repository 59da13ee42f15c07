"""How pages keep up: a lost connection, a network without sockets, prices that have become stale."""

from datetime import timedelta

from playwright.sync_api import Page, WebSocketRoute, expect

from core.lib.clock import wall_now
from core.live.hub import SWEEP_SECONDS
from markets.feed import push_prices
from markets.models import LatestQuote, Token
from tests.browser.conftest import PATIENCE_MS, aside, expect_state_seen, note_states

NO_SOCKETS = """
    const Real = window.WebSocket;
    window.WebSocket = class extends EventTarget {
        static OPEN = 1;
        constructor(address) {
            super();
            if (window.socketsWork) return new Real(address);
            setTimeout(() => this.dispatchEvent(new Event("close")));
        }
        close() {}
    };
"""


def store(price: float, **changed: object) -> int:
    token = Token.objects.get(symbol="SOL")
    row = {"price_usd": price, "observed_at": wall_now(), **changed}
    LatestQuote.objects.filter(token=token).update(**row)
    return int(token.pk)


def expect_price(page: Page, text: str, within: float = PATIENCE_MS) -> None:
    price = page.locator('tr[data-symbol="SOL"] [data-cell="price"]')
    expect(price).to_have_text(text, timeout=within)


def test_after_the_server_closed_the_page_comes_back_and_goes_on(page: Page) -> None:
    opened: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        opened.append(socket)

    page.route_web_socket("**/ws/v1/", pass_on)
    page.goto("/")
    expect(page.locator("#live-state")).to_have_text("Live")
    note_states(page)
    opened[0].close(code=1012, reason="restart")
    expect_state_seen(page, "Reconnecting")
    store(201.5)  # while nobody listens
    expect(page.locator("#live-state")).to_have_text("Live")
    # The snapshot tells it, or the sweep where the board had been read within the second before.
    expect_price(page, "$201.50", within=1000 * SWEEP_SECONDS + PATIENCE_MS)
    token_id = store(202.5)
    aside(lambda: push_prices([token_id]))
    expect_price(page, "$202.50")
    assert len(opened) == 2


def test_where_no_socket_gets_through_the_page_asks_again_and_again(page: Page) -> None:
    page.clock.install()
    page.add_init_script(NO_SOCKETS)
    page.goto("/")
    expect(page.locator("#live-state")).to_have_text("Every 15 s")
    store(301.5)
    page.clock.fast_forward(20_000)
    expect_price(page, "$301.50")
    page.evaluate("window.socketsWork = true")
    page.clock.fast_forward(70_000)
    expect(page.locator("#live-state")).to_have_text("Live")


def test_prices_that_have_become_stale_are_told_beside_a_good_connection(page: Page) -> None:
    LatestQuote.objects.update(observed_at=wall_now() - timedelta(hours=1))
    page.goto("/")
    expect(page.locator("#live-state")).to_have_text("Prices stale")
    expect(page.locator("#live-state")).to_have_attribute("aria-live", "polite")
    token_id = store(401.5)
    aside(lambda: push_prices([token_id]))
    expect(page.locator("#live-state")).to_have_text("Live")
