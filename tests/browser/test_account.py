"""The own account in a real browser: on a phone, and by the keyboard alone."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.services.api_keys import make_api_key
from tests.browser.conftest import DESK, PHONE
from tests.make.accounts import PASSWORD, a_user, tokens_for

PUBLIC = (
    "/sign-in",
    "/sign-up",
    "/forgot-password",
    "/resend-verification",
    "/reset-password",
    "/verify-email",
)
OWN = (
    "/account",
    "/account/preferences",
    "/account/sessions",
    "/account/activity",
    "/account/email",
    "/account/password",
    "/account/second-factor",
    "/account/api-keys",
    "/account/data",
)


@pytest.fixture
def alice(now: datetime) -> None:
    user = a_user("alice")
    tokens_for(user)
    make_api_key(user_id=user.id, name="a bot with a rather long name", scopes=["read"], now=now)


def sign_in_by_keyboard(page: Page) -> None:
    """The first field has the focus already."""
    page.goto("/sign-in")
    expect(
        page.locator("#id_email")
    ).to_be_focused()  # a browser with much to do is late, and early keys are lost
    for text in ("alice@example.com", PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Account", exact=True)).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_account_page_scrolls_sideways_or_complains(
    open_context: Callable[..., BrowserContext], complaints: list[str], alice: None, size: tuple[int, int]
) -> None:
    page = open_context(size).new_page()
    for path in PUBLIC:
        assert_fits(page, path)
    sign_in_by_keyboard(page)
    for path in OWN:
        assert_fits(page, path)
    assert complaints == []


def assert_fits(page: Page, path: str) -> None:
    page.goto(path)
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) == 0, path


def test_on_a_phone_what_can_be_ended_is_in_sight(
    open_context: Callable[..., BrowserContext], alice: None
) -> None:
    page = open_context(PHONE).new_page()
    sign_in_by_keyboard(page)
    for path, word in (("/account/sessions", "End"), ("/account/api-keys", "Revoke")):
        page.goto(path)
        box = page.get_by_role("button", name=word).first.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0]


def test_preferences_are_chosen_by_the_keyboard_and_hold(page: Page, alice: None) -> None:
    sign_in_by_keyboard(page)
    page.goto("/account/preferences")
    page.get_by_label("Theme").focus()
    page.keyboard.type("Dark")
    page.get_by_role("button", name="Keep these").press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_an_account_is_deleted_on_its_page(page: Page, alice: None) -> None:
    sign_in_by_keyboard(page)
    page.goto("/account/data")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
