"""What portfolios are worth: prices with their age, what is known of profit, and what totals leave out."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from markets.models import Token
from portfolios.models import Portfolio
from portfolios.selectors.spread import spread
from portfolios.selectors.valuing import valuation
from tests.make.accounts import a_user, bearer
from tests.make.markets import NOON, a_quote, a_token
from tests.make.portfolios import a_holding, a_portfolio
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client) -> User:
    user = a_user()
    client.force_login(user)
    return user


@pytest.fixture
def portfolio(alice: User) -> Portfolio:
    return a_portfolio(alice, is_default=True)


@pytest.fixture
def sol() -> Token:
    token = a_token("SOL", "solana")
    a_quote(token, 150.0, change_percentage_24h=25.0)
    return token


def test_ten_sol_that_cost_a_thousand_and_stand_at_150(portfolio: Portfolio, sol: Token):
    a_holding(portfolio, realised_usd=Decimal("12.5"))
    found = valuation(portfolio, NOON)
    assert (found.value_usd, found.cost_usd, found.unrealised_usd) == (1500, 1000, 500)
    assert (found.realised_usd, found.day_change_usd) == (Decimal("12.5"), 300)  # it stood at 120
    assert (found.day_change_percent, found.left_out) == (25.0, [])


def test_profit_of_an_unknown_cost_is_unknown_with_the_part_that_is_known(portfolio: Portfolio, sol: Token):
    a_holding(portfolio, quantity_of_unknown_cost=Decimal(4), cost_usd=Decimal(600))
    found = valuation(portfolio, NOON)
    assert (found.value_usd, found.cost_usd, found.unrealised_usd) == (1500, None, None)
    assert (found.cost_known_usd, found.unrealised_known_usd) == (600, 300)
    assert found.held[0].standing.average_cost_usd == 100


def test_what_nobody_knows_the_cost_of_has_no_profit_at_all(portfolio: Portfolio, sol: Token):
    a_holding(portfolio, quantity_of_unknown_cost=Decimal(10), cost_usd=Decimal(0))
    assert valuation(portfolio, NOON).unrealised_known_usd is None


def test_a_missing_price_is_left_out_and_said(portfolio: Portfolio, sol: Token):
    a_holding(portfolio)
    a_holding(portfolio, asset="WHAT", cost_usd=Decimal(7))
    found = valuation(portfolio, NOON)
    assert (found.value_usd, found.unrealised_usd, found.unrealised_known_usd) == (1500, None, 500)
    assert found.left_out == ["No price is known of WHAT: not in the value."]


def test_nothing_priced_is_worth_nobody_knows_what(portfolio: Portfolio):
    a_holding(portfolio, asset="WHAT")
    assert valuation(portfolio, NOON).value_usd is None


def test_an_empty_portfolio_is_worth_nothing(portfolio: Portfolio):
    assert valuation(portfolio, NOON).value_usd == 0


def test_an_old_price_is_in_the_value_and_in_no_days_change(portfolio: Portfolio, sol: Token):
    a_holding(portfolio)
    found = valuation(portfolio, NOON + timedelta(minutes=11))
    assert (found.value_usd, found.value_of_stale_usd, found.day_change_usd) == (1500, 1500, None)
    assert found.left_out == ["The price of SOL is old: in the value as it was last seen."]


def test_more_sold_than_bought_is_missing_history(portfolio: Portfolio, sol: Token):
    a_holding(portfolio, quantity=Decimal(0), cost_usd=Decimal(0), short=Decimal(3))
    found = valuation(portfolio, NOON)
    assert (found.realised_usd, found.realised_known_usd) == (None, 0)
    assert found.left_out == ["More of SOL went out than ever came in: some history is missing."]


def test_what_is_held_no_longer_still_counts_what_it_earned(portfolio: Portfolio, sol: Token):
    a_holding(portfolio, quantity=Decimal(0), cost_usd=Decimal(0), realised_usd=Decimal(40))
    found = valuation(portfolio, NOON)
    assert ([row.asset for row in found.past], found.held, found.realised_usd) == (["solana"], [], 40)


def test_digits_beyond_a_floats_are_kept(portfolio: Portfolio, sol: Token):
    a_holding(portfolio, quantity=Decimal("12345678901234567.000000000000000001"))
    found = valuation(portfolio, NOON)
    assert found.value_usd == Decimal("1851851835185185050.00000000000000015")


def test_shares_are_of_what_could_be_valued(portfolio: Portfolio, sol: Token):
    a_holding(portfolio)
    a_quote(a_token("BONK", "bonk", category=Token.Category.MEME), 0.5)
    a_holding(portfolio, asset="bonk", quantity=Decimal(1000))
    a_holding(portfolio, asset="WHAT")
    found = spread(valuation(portfolio, NOON))
    assert [(part.name, part.share) for part in found.tokens] == [
        ("SOL", Decimal("0.75")),
        ("BONK", Decimal("0.25")),
    ]
    assert [part.name for part in found.categories] == ["infrastructure", "meme"]


def test_the_smallest_holdings_are_drawn_as_one(portfolio: Portfolio):
    for number in range(12):
        a_quote(a_token(f"T{number}", f"t{number}"), 100.0 - number)
        a_holding(portfolio, asset=f"t{number}")
    parts = spread(valuation(portfolio, NOON)).tokens
    assert (len(parts), parts[-1].name) == (9, "4 others")


def test_the_default_portfolio_is_the_one_without_a_name(client: Client, portfolio: Portfolio, sol: Token):
    a_holding(portfolio)
    headers = bearer(portfolio.owner)
    named = client.get(f"/api/v1/portfolios/{portfolio.id}", headers=headers)
    assert client.get("/api/v1/market/portfolio", headers=headers).json() == named.json()
    assert named["Cache-Control"] == "no-store"
    [row] = named.json()["data"]["holdings"]
    assert (row["quantity"], row["value_usd"], row["price_usd"]) == ("10", "1500", 150.0)
    assert (row["freshness"], row["share_percent"]) == ("live", 100.0)


def test_who_has_no_portfolio_has_no_default(client: Client, alice: User):
    assert client.get("/api/v1/market/portfolio", headers=bearer(alice)).status_code == 404


@pytest.mark.parametrize("path", ["/portfolios/{}", "/api/v1/portfolios/{}", "/portfolios"])
def test_queries_do_not_grow_with_holdings(client: Client, portfolio: Portfolio, path: str):
    headers = bearer(portfolio.owner) if path.startswith("/api") else {}

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path.format(portfolio.id), headers=headers).status_code == 200
        return len(captured)

    def more(first: int, last: int) -> None:
        for number in range(first, last):
            a_quote(a_token(f"T{number}", f"t{number}"))
            a_holding(portfolio, asset=f"t{number}")

    more(0, 2)
    queries()  # what a process learns once
    few = queries()
    more(2, 12)
    assert queries() == few <= 15


def test_the_overview_shows_each_holding_with_the_age_of_its_price(
    visit: Visit,  # noqa: F811
    portfolio: Portfolio,
    sol: Token,
):
    a_holding(portfolio)
    a_holding(portfolio, asset="WHAT")
    page = visit(f"/portfolios/{portfolio.id}")
    first, second = [row.text for row in page.one("table", css="holdings").one("tbody").all("tr")]
    assert "$1,500.00" in first and "just now" in first and "▲ up +$500.00" in first
    assert "no price is known" in second
    assert "No price is known of WHAT: not in the value." in page.text


def test_an_empty_portfolio_says_how_to_fill_it(visit: Visit, portfolio: Portfolio):  # noqa: F811
    assert "Nothing is in it yet" in visit(f"/portfolios/{portfolio.id}").text


def test_figures_that_are_being_worked_out_anew_say_so(visit: Visit, portfolio: Portfolio):  # noqa: F811
    Portfolio.objects.update(revision=2)
    assert "is being worked out anew" in visit(f"/portfolios/{portfolio.id}").text
