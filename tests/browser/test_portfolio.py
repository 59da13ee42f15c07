"""A portfolio in a real browser: made, filled, opened to the sum, on a desk and on a phone."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from markets.models import Token
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_account import assert_fits, sign_in_by_keyboard
from tests.make.accounts import a_user
from tests.make.booking import record
from tests.make.portfolios import a_portfolio


@pytest.fixture
def alice(now: datetime) -> None:
    a_user("alice")


def enter(page: Page, kind: str, when: str, quantity: str, price: str) -> None:
    page.get_by_role("link", name=kind, exact=True).click()
    page.get_by_label("Token:").fill("SOL")
    page.get_by_label("Quantity").fill(quantity)
    page.get_by_label("Price of one").fill(price)
    page.get_by_label("When").fill(when)
    page.get_by_role("button", name="Book it and enter another").click()
    expect(page.get_by_text(f"{kind} booked.")).to_be_visible()


def test_from_nothing_to_the_sum_behind_a_profit(page: Page, alice: None) -> None:
    sign_in_by_keyboard(page)
    page.get_by_role("link", name="Portfolios", exact=True).click()
    page.get_by_role("link", name="Make your first portfolio").click()
    page.get_by_label("Name:").fill("Long term")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Enter a transaction").click()
    enter(page, "Buy", "2025-01-05T12:00:00", "10", "100")
    enter(page, "Sell", "2025-02-05T12:00:00", "4", "150")
    page.get_by_role("link", name="Overview", exact=True).last.click()
    expect(page.locator(".holding-realised")).to_contain_text("+$200.00")
    page.get_by_role("link", name="SOL", exact=True).click()
    expect(page.locator("#cost")).to_be_visible()
    expect(page.locator("table.sum tfoot").nth(1)).to_contain_text("$600.00")
    expect(page.locator("table.sum tfoot").nth(2)).to_contain_text("$200.00")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_of_portfolios_scrolls_sideways_or_complains(
    open_context: Callable[..., BrowserContext], complaints: list[str], alice: None, size: tuple[int, int]
) -> None:
    portfolio = a_portfolio(User.objects.get(username="alice"), name="A rather long name of mine")
    sol = Token.objects.get(symbol="SOL").coingecko_id
    record(portfolio, "buy", "12345678.123456789", "0.00012345", asset=sol)
    row = record(portfolio, "sell", "1234567.1", None, day=1, asset=sol)
    page = open_context(size).new_page()
    sign_in_by_keyboard(page)
    base = f"/portfolios/{portfolio.id}"
    for path in (
        "",
        "/transactions",
        "/transactions/new?kind=transfer_out",
        f"/holdings/{sol}",
        "/outlook",
        "/settings",
    ):
        assert_fits(page, base + path)
    assert_fits(page, f"{base}/transactions/{row.id}")
    assert_fits(page, "/portfolios")
    assert complaints == []
