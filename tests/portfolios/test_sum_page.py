""" "Show the sum": whatever a figure says can be added up again from what stands below it."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from markets.models import Token
from portfolios.accounting.sums import QuantityTerm, Sum
from portfolios.models import Portfolio
from portfolios.selectors.sum_pages import cut
from tests.make.accounts import a_user, bearer
from tests.make.booking import record
from tests.make.markets import a_quote, a_token
from tests.make.portfolios import a_portfolio
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client) -> User:
    user = a_user()
    client.force_login(user)
    return user


@pytest.fixture
def portfolio(alice: User) -> Portfolio:
    """Ten at 100 and ten at 200, five of them sold at 300: by FIFO the five cost 500, by HIFO 1,000."""
    a_quote(a_token("SOL", "solana"), 250.0)
    portfolio = a_portfolio(alice)
    for days, kind, quantity, price in ((9, "buy", 10, 100), (8, "buy", 10, 200), (7, "sell", 5, 300)):
        record(portfolio, kind, quantity, price, day=-days)
    return portfolio


def opened(client: Client, portfolio: Portfolio, query: str = "") -> dict[str, Any]:
    path = f"/api/v1/portfolios/{portfolio.id}/holdings/SOL{query}"
    return dict(client.get(path, headers=bearer(portfolio.owner)).json()["data"])


def test_every_total_is_the_sum_of_its_terms(client: Client, portfolio: Portfolio):
    for name, whole in opened(client, portfolio)["sums"].items():
        amounts = [Decimal(term["amount"]) for term in whole["terms"]]
        assert (sum(amounts), whole["unknown"]) == (Decimal(whole["total"]), 0), name


def test_the_totals_are_those_of_the_holding(client: Client, portfolio: Portfolio):
    said = opened(client, portfolio)
    held, sums = said["holding"], said["sums"]
    assert (sums["quantity"]["total"], sums["cost"]["total"], sums["realised"]["total"]) == (
        held["quantity"],
        held["cost_usd"],
        held["realised_usd"],
    )
    assert (held["quantity"], held["cost_usd"], held["realised_usd"]) == ("15", "2500", "1000")


def test_the_four_methods_stand_side_by_side(client: Client, portfolio: Portfolio):
    found = [
        (one["method"], one["realised_known_usd"], one["unrealised_usd"], one["realised_difference_usd"])
        for one in opened(client, portfolio)["methods"]
    ]
    assert found == [
        ("fifo", "1000", "1250", "0"),
        ("lifo", "500", "1750", "-500"),
        ("hifo", "500", "1750", "-500"),
        ("average", "750", "1500", "-250"),
    ]
    assert {one["together_usd"] for one in opened(client, portfolio)["methods"]} == {"2250"}


def test_another_method_opens_its_own_sums(client: Client, portfolio: Portfolio):
    assert opened(client, portfolio, "?method=hifo")["sums"]["cost"]["total"] == "2000"


def test_what_is_on_other_pages_stands_there_added_up(client: Client, portfolio: Portfolio):
    whole = opened(client, portfolio, "?limit=1&page=2")["sums"]["quantity"]
    assert [term["amount"] for term in whole["terms"]] == ["10"]
    assert (whole["earlier"], whole["later"], whole["total"]) == (
        {"count": 1, "total": "10"},
        {"count": 1, "total": "-5"},
        "15",
    )


@pytest.mark.parametrize("page", [1, 2, 3, 4, 9])
def test_no_page_of_a_sum_loses_a_term(page: int):
    whole = Sum(tuple(QuantityTerm(Decimal(number)) for number in range(10)), Decimal(45))
    part = cut(whole, page, 3)
    assert part.earlier.count + len(part.terms) + part.later.count == 10
    assert part.running[-1][1] + part.later.total == 45


def test_an_asset_that_never_moved_here_is_not_there(client: Client, portfolio: Portfolio):
    a_token("BONK", "bonk")
    for path in ("/api/v1/portfolios/{}/holdings/bonk", "/portfolios/{}/holdings/bonk"):
        reply = client.get(path.format(portfolio.id), headers=bearer(portfolio.owner))
        assert reply.status_code == 404


def test_anothers_sums_are_not_there(client: Client, portfolio: Portfolio):
    client.force_login(a_user("bob"))
    assert client.get(f"/portfolios/{portfolio.id}/holdings/solana").status_code == 404


def test_the_page_can_be_followed_by_hand(visit: Visit, portfolio: Portfolio):  # noqa: F811
    record(portfolio, "reward", 1, 240, day=-6)
    page = visit(f"/portfolios/{portfolio.id}/holdings/solana")
    rows = [row.text for row in page.one("table", css="equations").all("tr")]
    assert rows[0].startswith("Value 16 × $250.00") and rows[0].endswith("$4,000.00")
    assert rows[1] == "Cost of what is left 3 open lots − $2,740.00"
    assert rows[2].endswith("▲ up +$1,260.00")
    totals = [row.text for table in page.all("table", css="sum") for row in table.one("tfoot").all("tr")]
    assert totals == [
        "Held now 16",
        "Cost of what is left $2,740.00",
        "Realised profit $1,000.00",
        "Income $240.00",
    ]


def test_what_is_unknown_is_said_and_left_out(visit: Visit, portfolio: Portfolio):  # noqa: F811
    record(portfolio, "transfer_in", 4, None, day=-3)
    record(portfolio, "sell", 30, 100, day=-2)
    page = visit(f"/portfolios/{portfolio.id}/holdings/solana").text
    assert "2 of them unknown and left out" in page
    assert "went out without having come in" in page
    assert "none: it never came in" in page


def test_the_overview_leads_to_each_sum(visit: Visit, portfolio: Portfolio):  # noqa: F811
    links = [one.attributes["href"] for one in visit(f"/portfolios/{portfolio.id}").all("a")]
    assert f"/portfolios/{portfolio.id}/holdings/solana" in links


def test_a_ticker_of_no_token_has_its_sums_too(client: Client, portfolio: Portfolio):
    record(portfolio, "buy", 3, 7, day=-1, asset="WHAT")
    Token.objects.create(coingecko_id="what", symbol="WHAT", name="What")
    assert client.get(f"/portfolios/{portfolio.id}/holdings/WHAT").status_code == 200
