"""What people do on the pages, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from core.lib.clock import wall_now
from core.templatetags import khalsi as words
from markets.feed import push_prices
from markets.models import LatestQuote, Token
from predictions.feed import push_forecasts
from tests.browser.conftest import DESK, PHONE, aside, expect_state_seen, note_states, wait_until
from tests.make.predictions import a_forecast, a_version

PAGES = (
    "/",
    "/tokens/SOL",
    "/tokens/NEWX",
    "/track-record",
    "/track-record?timeframe=1h",
    "/forecasts",
    "/status",
    "/definitions",
    "/search?q=o",
)
CUT_OFF = """[...document.querySelectorAll(".panel:not(:has(#chart))")]
    .filter((panel) => panel.scrollWidth > panel.clientWidth).map((panel) => panel.textContent.trim().slice(0, 40))"""
"""Panels that hide a part of what they hold, which nobody can scroll to."""


def test_the_overview_switches_timeframes_in_place(page: Page) -> None:
    page.goto("/")
    expect(page.locator("tr[data-symbol]")).to_have_count(4)
    page.get_by_role("link", name="4h", exact=True).click()
    expect(page.locator("#market")).to_have_attribute("data-timeframe", "4h")
    expect(page).to_have_url(re.compile("timeframe=4h"))
    expect(page.locator("#timeframe-4h")).to_have_attribute("aria-current", "true")
    expect(page.locator("#timeframe-4h")).to_be_focused()


def test_a_category_narrows_the_table(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Category").select_option("meme")
    expect(page.locator("tr[data-symbol]")).to_have_count(1)
    expect(page.locator("tr[data-symbol]")).to_contain_text("BONK")


def test_a_token_is_found_and_its_chart_is_drawn(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Find a token by symbol or name").fill("bonk")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("BONK")
    expect(page.locator("#chart")).to_have_attribute("data-drawn", "true")
    expect(page.locator("#chart canvas").first).to_be_visible()
    expect(page.locator("#tv-attr-logo")).to_be_visible()


def test_the_chart_follows_timeframe_and_theme(page: Page) -> None:
    page.goto("/tokens/SOL")
    expect(page.locator("#chart")).to_have_attribute("data-drawn", "true")
    page.get_by_role("link", name="7d", exact=True).click()
    expect(page.locator("#token")).to_have_attribute("data-timeframe", "7d")
    expect(page.locator("#chart")).to_have_attribute("data-drawn", "true")
    page.locator("#theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.locator("#chart")).to_have_attribute("data-drawn", "true")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_a_new_price_appears_in_place(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#live-state")).to_have_text("Live")
    row = page.locator('tr[data-symbol="SOL"]')
    page.locator("#timeframe-1h").focus()
    token = Token.objects.get(symbol="SOL")
    changed = {"price_usd": 987.65, "change_percentage_24h": 12.5, "observed_at": wall_now()}
    LatestQuote.objects.filter(token=token).update(**changed)
    aside(lambda: push_prices([token.pk]))
    expect(row.locator('[data-cell="price"]')).to_have_text("$987.65")
    expect(row.locator('[data-cell="change"]')).to_contain_text("+12.50 %")
    expect(page.locator("#timeframe-1h")).to_be_focused()


def test_a_new_forecast_appears_in_place(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#live-state")).to_have_text("Live")
    token, engine = Token.objects.get(symbol="SOL"), a_version("1h", "boosting")
    made = a_forecast(token, "1h", wall_now(), version=engine, up=5200, down=2000)
    aside(lambda: push_forecasts("1h", [made.pk]))
    row = page.locator('tr[data-symbol="SOL"]')
    expect(row.locator('[data-cell="confidence"]')).to_contain_text("up 52 %")
    expect(row.locator("svg.chances desc")).to_contain_text("Forecast: up 52 %")


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_scrolls_sideways_or_complains(
    open_context: Callable[..., BrowserContext], complaints: list[str], size: tuple[int, int]
) -> None:
    page = open_context(size).new_page()
    for path in PAGES:
        page.goto(path)
        page.wait_for_load_state("load")
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) == 0, path
        assert page.evaluate(CUT_OFF) == [], path
    assert complaints == []


@pytest.mark.parametrize("width", [390, 360, 320])
def test_on_a_phone_the_navigation_is_one_line(
    open_context: Callable[..., BrowserContext], width: int
) -> None:
    page = open_context((width, 844)).new_page()
    page.goto("/")
    links = page.get_by_role("navigation", name="Main").get_by_role("link").all()
    tops = {box["y"] for link in links if (box := link.bounding_box())}
    assert len(links) == 4 and len(tops) == 1
    expect(page.get_by_role("contentinfo").get_by_role("link", name="API docs")).to_be_visible()


def test_without_script_everything_can_still_be_read(open_context: Callable[..., BrowserContext]) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_role("link", name="1d", exact=True).click()
    expect(page.locator("#timeframe-1d")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="SOL", exact=True).last.click()
    expect(page.locator(".chart-still svg.price-chart")).to_be_visible()
    expect(page.locator("#live-state")).to_be_hidden()


def test_live_values_are_written_as_the_server_writes_them(page: Page) -> None:
    page.goto("/definitions")
    prices = [98765.4321, 142.3, 1.00021, 0.9998, 0.00001234, 1e-8, 0.0]
    moneys = [87.2, 12_340, 340_000_000, 1.234e9, 999_990, 2.1e12, -5.6e6]
    ages = [2, 45, 720, 4800, 26 * 3600, 3 * 86400, -900]
    written = page.evaluate(
        """async ([prices, moneys, ages]) => {
            const format = await import("/static/js/format.js");
            return [prices.map(format.price), moneys.map(format.money), ages.map(format.age)];
        }""",
        [prices, moneys, ages],
    )
    assert written == [
        [words.price_text(value) for value in prices],
        [words.money_text(value) for value in moneys],
        [words.age_text(value) for value in ages],
    ]


def test_a_lost_connection_is_told_and_mended(page: Page) -> None:
    sockets: list[WebSocketRoute] = []
    page.route_web_socket("**/ws/v1/", lambda socket: sockets.append(socket))
    page.goto("/")
    expect(page.locator("#live-state")).to_have_text("Live")
    note_states(page)
    sockets[0].close(code=1012)
    expect_state_seen(page, "Reconnecting")
    expect(page.locator("#live-state")).to_have_text("Live")
    assert len(sockets) == 2


def test_a_gap_in_the_numbers_asks_for_a_snapshot(page: Page) -> None:
    asked: list[str] = []

    def serve(socket: WebSocketRoute) -> None:
        def answer(text: str | bytes) -> None:
            asked.append(str(text))
            if '"prices"' in str(text) and len(asked) <= 2:
                for seq, price in ((1, 10.0), (4, 11.0)):
                    socket.send(_prices(seq, price))

        socket.on_message(answer)

    page.route_web_socket("**/ws/v1/", serve)
    page.goto("/")
    expect(page.locator('tr[data-symbol="SOL"] [data-cell="price"]')).to_have_text("$11.00")
    wait_until(page, lambda: sum('"prices"' in text for text in asked) > 1)
    page.wait_for_timeout(200)  # for one too many
    assert sum('"prices"' in text for text in asked) == 2


def _prices(seq: int, price: float) -> str:
    item = (
        f'{{"symbol": "SOL", "price": {price}, "change_24h": null, "change_percentage_24h": null,'
        f' "volume_24h": null, "observed_at": "2026-11-20T12:00:00Z", "source": "simulated",'
        f' "freshness": "live", "seq": {seq}}}'
    )
    return f'{{"type": "prices", "items": [{item}]}}'
