"""The page of performance: what it shows, in which states, and to whom."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from portfolios.models import Portfolio
from tests.make.accounts import a_user
from tests.make.markets import NOON, a_token, candles
from tests.make.portfolios import a_portfolio, a_transaction
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client) -> User:
    user = a_user()
    client.force_login(user)
    return user


@pytest.fixture
def alices(alice: User) -> Portfolio:
    """Ten SOL bought two days ago, which fell from 100 to 80 and rose to 110."""
    candles(a_token("SOL", "solana"), 3600, [100.0] * 60 + [80.0] * 10 + [110.0] * 8)
    portfolio = a_portfolio(alice)
    a_transaction(portfolio, executed_at=NOON - timedelta(hours=48), quantity=Decimal(10))
    return portfolio


def path(portfolio: Portfolio, query: str = "") -> str:
    return f"/portfolios/{portfolio.id}/performance{query}"


def test_the_figures_stand_on_the_page(visit: Visit, alices: Portfolio):  # noqa: F811
    text = visit(path(alices)).text
    for words in (
        "$1,100.00",
        "+$100.00",
        "+10.00 %",
        "−20.00 %",
        "fewer than ten daily returns",
        "Beside SOL",
    ):
        assert words in text


def test_pictures_say_what_they_show(visit: Visit, alices: Portfolio):  # noqa: F811
    told = [one.text for one in visit(path(alices)).all("desc")]
    assert (
        told[0] == "From $0.00 to $1,100.00; at the most $1,100.00. The same money in SOL became $1,100.00."
    )
    assert told[-1] == "The deepest fall was 20.0%, from 18 Nov 2026 to 19 Nov 2026."


def test_the_sum_names_each_flow_with_its_date(visit: Visit, alices: Portfolio):  # noqa: F811
    text = visit(path(alices)).text
    for words in ("2026-11-18 12:00 Put in -1,000.00", "2026-11-20 12:00 Value in the end 1,100.00"):
        assert words in text


def test_a_range_and_a_benchmark_are_chosen_in_the_address(visit: Visit, alices: Portfolio):  # noqa: F811
    page = visit(path(alices, "?since=2026-11-19&until=2026-11-19&benchmark=none"))
    assert "from 19 Nov 2026 00:00 to 20 Nov 2026 00:00 UTC" in page.text
    assert "Beside" not in [one.text for one in page.all("h2")]
    assert page.one("input", id="id_since").attributes["value"] == "2026-11-19"


def test_a_range_that_ends_before_it_begins_is_said(visit: Visit, alices: Portfolio):  # noqa: F811
    page = visit(path(alices, "?since=2026-11-20&until=2026-11-19"))
    assert "Choose a day that is not after the other one." in page.text
    assert "$1,100.00" in page.text


@pytest.mark.parametrize(
    "query", ["?since=soon", "?benchmark=gold", "?until=9999-12-31", "?since=0001-01-01"]
)
def test_nonsense_in_the_address_breaks_nothing(visit: Visit, alices: Portfolio, query: str):  # noqa: F811
    visit(path(alices, query))


def test_nothing_booked_leads_nowhere_else(visit: Visit, alice: User):  # noqa: F811
    assert "Nothing to tell yet" in visit(path(a_portfolio(alice))).text


def test_without_any_price_the_page_says_so_and_names_the_token(visit: Visit, alice: User):  # noqa: F811
    portfolio = a_portfolio(alice)
    a_token("SOL", "solana")
    a_transaction(portfolio, executed_at=NOON - timedelta(hours=48), asset="LOST")
    text = visit(path(portfolio)).text
    for words in ("No prices for this time", "LOST: no token of this name is known"):
        assert words in text


def test_gaps_are_listed_and_drawn(visit: Visit, alice: User):  # noqa: F811
    candles(a_token("SOL", "solana"), 3600, [100.0] * 20 + [None] * 5 + [110.0] * 8)
    portfolio = a_portfolio(alice)
    a_transaction(portfolio, executed_at=NOON - timedelta(hours=30))
    page = visit(path(portfolio))
    assert "20 Nov 01:00 to 20 Nov 04:00: SOL" in page.text
    assert any("course-gap" in one.attributes.get("class", "") for one in page.all("rect"))


def test_what_is_left_out_is_called_as_people_call_it(visit: Visit, alices: Portfolio):  # noqa: F811
    a_token("JUP", "jupiter-exchange-solana")
    a_transaction(alices, executed_at=NOON - timedelta(hours=20), asset="jupiter-exchange-solana")
    text = visit(path(alices)).text
    assert "JUP: no price is stored for this time" in text
    assert "jupiter-exchange-solana" not in text


def test_a_flow_that_nobody_can_value_is_said(visit: Visit, alices: Portfolio):  # noqa: F811
    early = {"executed_at": NOON - timedelta(hours=400), "price_usd": None}
    a_transaction(alices, quote_asset="EUR", quote_quantity=Decimal(90), **early)
    assert "returns are unknown" in visit(path(alices)).text


def test_the_page_asks_the_database_a_bounded_number_of_times(client: Client, alices: Portfolio):
    for number in range(8):
        candles(a_token(f"T{number}", f"token-{number}"), 3600, [5.0] * 60)
        a_transaction(alices, executed_at=NOON - timedelta(hours=40), asset=f"token-{number}")
    client.get(path(alices))
    with CaptureQueriesContext(connection) as again:
        client.get(path(alices, "?benchmark=basket"))
    Portfolio.objects.update(revision=1)
    client.get(f"/portfolios/{alices.id}/settings")  # the count of issues, which every page shows
    with CaptureQueriesContext(connection) as first:
        client.get(path(alices, "?benchmark=basket"))
    assert len(again) <= 9
    assert len(first) <= 15


def test_another_users_performance_is_not_there(client: Client, alice: User):
    assert client.get(path(a_portfolio(a_user("bob")))).status_code == 404


def test_it_is_for_who_is_signed_in(client: Client):
    assert client.get(path(a_portfolio(a_user())))["Location"].startswith("/sign-in")
