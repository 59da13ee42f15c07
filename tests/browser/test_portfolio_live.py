"""A portfolio's overview that stays open: written in place as prices come, read anew when the connection is back."""

from datetime import datetime, timedelta
from decimal import Decimal

from playwright.sync_api import Page, WebSocketRoute, expect

from core.templatetags.amounts import dollars_text
from markets.models import LatestQuote, Token
from portfolios.feed import push_values
from portfolios.models import Portfolio
from tests.browser.conftest import aside, expect_state_seen, note_states
from tests.browser.test_account import sign_in_by_keyboard
from tests.make.accounts import a_user
from tests.make.portfolios import a_holding, a_portfolio

TRIES, PAUSE_MS = 120, 250


def a_page_of_two_sol(page: Page) -> Portfolio:
    portfolio = a_portfolio(a_user("alice"), is_default=True)
    a_holding(portfolio, Token.objects.get(symbol="SOL").coingecko_id, 2, cost_usd=Decimal(100))
    sign_in_by_keyboard(page)
    page.goto(f"/portfolios/{portfolio.pk}")
    expect(page.locator("#live-state")).to_have_text("Live")
    return portfolio


def reprice(price: float, now: datetime) -> None:
    LatestQuote.objects.filter(token__symbol="SOL").update(price_usd=price, observed_at=now)


def test_a_new_price_is_written_in_place(page: Page, now: datetime) -> None:
    a_page_of_two_sol(page)
    row = page.locator("[data-asset]")
    row.evaluate("row => { row.dataset.same = 'yes'; }")
    reprice(200.5, now)
    for _ in range(TRIES):  # until the hub has told that somebody listens
        aside(lambda: push_values(now=now, wall=now + timedelta(seconds=1)))
        page.wait_for_timeout(PAUSE_MS)
        if row.locator("[data-cell=price]").inner_text() == "$200.50":
            break
    expect(row.locator("[data-cell=value]")).to_have_text("$401.00")
    expect(row.locator("[data-cell=unrealised]")).to_contain_text("+$301.00")
    expect(page.locator("[data-total=value]")).to_have_text("$401.00")
    expect(page.locator("[data-same=yes]")).to_have_count(1)


def test_what_changed_while_the_connection_was_away_is_read_when_it_is_back(
    page: Page, now: datetime
) -> None:
    opened: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        opened.append(socket)

    page.route_web_socket("**/ws/v1/", pass_on)
    a_page_of_two_sol(page)
    note_states(page)
    reprice(300.0, now)  # which nobody pushes
    opened[-1].close(code=1012, reason="restart")
    expect_state_seen(page, "Reconnecting")
    expect(page.locator("[data-total=value]")).to_have_text("$600.00")


def test_what_is_owned_is_written_as_the_server_writes_it(page: Page) -> None:
    page.goto("/definitions")
    amounts = ["0", "1234.5", "0.01", "0.004567", "-98765.432", "0.00000012346"]
    written = page.evaluate(
        """async (amounts) => {
            const format = await import("/static/js/format.js");
            return amounts.map((one) => format.dollars(Number(one)));
        }""",
        amounts,
    )
    assert written == [dollars_text(Decimal(one)) for one in amounts]
