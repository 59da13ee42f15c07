"""How a portfolio is spread and what forecasts mean for it, over the API and on the page."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from markets.models import Token
from portfolios.models import Portfolio
from portfolios.selectors.outlook import NO_FORECAST, NO_HISTORY, STALE
from tests.make.accounts import a_user, bearer
from tests.make.markets import NOON, a_quote, a_token, candles
from tests.make.portfolios import a_holding, a_portfolio
from tests.make.predictions import a_forecast
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
MIDNIGHT = NOON - timedelta(hours=12)


def a_market(*names: str, days: int = 91, same: bool = False) -> list[Token]:
    """Tokens at one dollar with a close at each midnight; `same` makes all of them move in step."""
    tokens = []
    for place, name in enumerate(names):
        token = a_token(name, name.lower())
        a_quote(token, 1.0)
        walk = np.exp(np.cumsum(np.random.default_rng(0 if same else place).normal(0, 0.03, days)))
        hours: list[float | None] = [None] * (days * 24)
        hours[23::24] = walk.tolist()
        candles(token, 3600, hours, MIDNIGHT)
        tokens.append(token)
    return tokens


@pytest.fixture
def alice(client: Client) -> User:
    user = a_user()
    client.force_login(user)
    return user


@pytest.fixture
def portfolio(alice: User) -> Portfolio:
    return a_portfolio(alice)


def outlook(client: Client, portfolio: Portfolio) -> dict[str, Any]:
    reply = client.get(f"/api/v1/portfolios/{portfolio.pk}/outlook", headers=bearer(portfolio.owner))
    assert reply.status_code == 200
    return reply.json()["data"]


def horizon(said: dict[str, Any], name: str = "1d") -> dict[str, Any]:
    return next(one for one in said["horizons"] if one["timeframe"] == name)


def test_shares_are_by_token_and_category(client: Client, portfolio: Portfolio):
    a_market("SOL", "BONK")
    Token.objects.filter(symbol="BONK").update(category="meme")
    a_holding(portfolio, "sol", 3)
    a_holding(portfolio, "bonk", 1)
    a_holding(portfolio, "WHAT", 5)
    said = outlook(client, portfolio)
    assert [(one["symbol"], one["share"]) for one in said["tokens"]] == [("SOL", 0.75), ("BONK", 0.25)]
    assert [(one["name"], one["share"]) for one in said["categories"]] == [
        ("infrastructure", 0.75),
        ("meme", 0.25),
    ]
    assert (said["value_usd"], said["unpriced"]) == ("4", ["WHAT"])
    assert said["concentration"]["herfindahl"] == 0.625
    assert said["warnings"][0] == "SOL is 75% of the portfolio, more than 50%."


def test_three_that_move_in_step_are_warned_of(client: Client, portfolio: Portfolio):
    a_market("SOL", "JUP", "RAY", same=True)
    for asset in ("sol", "jup", "ray"):
        a_holding(portfolio, asset, 1)
    said = outlook(client, portfolio)
    assert said["warnings"][-1] == (
        "JUP, RAY and SOL move as one: every two of them with a correlation of 1.00 or more over 90 days, "
        "together 100% of the portfolio."
    )


def test_the_range_joins_the_published_quantiles(client: Client, portfolio: Portfolio):
    """In step, ranges add up: 10 × 0.9 and 10 × 1.1."""
    for token in a_market("SOL", "JUP", same=True):
        a_holding(portfolio, token.coingecko_id, 5)
        a_forecast(token, "1d", reference_price=1.0, p10=0.9, p90=1.1, baseline_p10=0.8, baseline_p90=1.2)
    said = horizon(outlook(client, portfolio))
    assert [float(said["range"][name]) for name in ("p10_usd", "p50_usd", "p90_usd")] == pytest.approx(
        [9, 10, 11], rel=0.01
    )
    assert float(said["baseline"]["p10_usd"]) == pytest.approx(8, rel=0.01)
    assert (said["covered_usd"], said["covered_share"], said["left_out"]) == ("10.00", 1.0, [])


def test_who_has_no_current_forecast_is_left_out_and_named(client: Client, portfolio: Portfolio):
    sol, old, _, new = [*a_market("SOL", "OLD", "NONE"), *a_market("NEW", days=10)]
    for token in (sol, new):
        a_forecast(token, "1d", reference_price=1.0)
    a_forecast(old, "1d", NOON - timedelta(hours=2), reference_price=1.0)
    for asset, quantity in (("sol", 5), ("old", 2), ("none", 2), ("new", 1)):
        a_holding(portfolio, asset, quantity)
    said = horizon(outlook(client, portfolio))
    assert (said["covered_usd"], said["covered_share"]) == ("5.00", 0.5)
    assert [(one["symbol"], one["share"], one["reason"]) for one in said["left_out"]] == [
        ("NONE", 0.2, NO_FORECAST),
        ("OLD", 0.2, STALE),
        ("NEW", 0.1, NO_HISTORY),
    ]


def test_without_any_forecast_there_is_no_range(client: Client, portfolio: Portfolio):
    a_market("SOL")
    a_holding(portfolio, "sol", 1)
    said = horizon(outlook(client, portfolio), "30d")
    assert (said["range"], said["baseline"], said["covered_share"]) == (None, None, 0.0)


def test_an_empty_portfolio_says_nothing(client: Client, portfolio: Portfolio):
    said = outlook(client, portfolio)
    assert (said["tokens"], said["concentration"], said["warnings"], said["value_usd"]) == (
        [],
        None,
        [],
        "0",
    )


def test_anothers_outlook_is_not_there(client: Client, alice: User):
    theirs = a_portfolio(a_user("bob"))
    assert client.get(f"/api/v1/portfolios/{theirs.pk}/outlook", headers=bearer(alice)).status_code == 404
    assert client.get(f"/portfolios/{theirs.pk}/outlook").status_code == 404


def test_the_page_shows_ranges_beside_history_alone(client: Client, portfolio: Portfolio, visit: Visit):  # noqa: F811
    (sol,) = a_market("SOL")
    a_holding(portfolio, "sol", 5)
    a_forecast(sol, "1d", reference_price=1.0)
    page = visit(f"/portfolios/{portfolio.pk}/outlook")
    text = page.text
    assert "What the forecasts mean for this portfolio" in text
    assert "History alone" in text
    assert "SOL is 100% of the portfolio" in text


def test_the_page_of_an_empty_portfolio_says_what_will_be_here(portfolio: Portfolio, visit: Visit):  # noqa: F811
    assert "Nothing here has a price yet" in visit(f"/portfolios/{portfolio.pk}/outlook").text
