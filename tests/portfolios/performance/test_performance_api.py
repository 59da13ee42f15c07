"""The API of performance: its words, its refusals, its owner."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.serializers import ListSerializer

from accounts.models import User
from portfolios.api.performance_serializers import PerformanceOutput
from portfolios.models import Portfolio
from tests.make.accounts import a_user, bearer
from tests.make.markets import NOON, a_token, candles
from tests.make.portfolios import a_portfolio, a_transaction

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def alice() -> User:
    return a_user()


@pytest.fixture
def alices(alice: User) -> Portfolio:
    """Ten SOL bought at noon of yesterday, which fell from 100 to 80 and rose to 110."""
    candles(a_token("SOL", "solana"), 3600, [100.0] * 30 + [80.0] * 10 + [110.0] * 8)
    portfolio = a_portfolio(alice)
    a_transaction(portfolio, executed_at=NOON - timedelta(hours=24), quantity=Decimal(10))
    return portfolio


def ask(client: Client, user: User, portfolio: Portfolio, **query: str) -> Any:
    return client.get(f"/api/v1/portfolios/{portfolio.id}/performance", query, headers=bearer(user))


def test_a_performance_is_told_in_the_contracts_words(client: Client, alice: User, alices: Portfolio):
    said = ask(client, alice, alices).json()["data"]
    assert [said[name] for name in ("interval", "value_usd", "gain_usd")] == [
        "1h",
        "1100.00000000",
        "100.00000000",
    ]
    assert said["time_weighted_percentage"] == pytest.approx(10.0)
    assert said["drawdown"]["percentage"] == pytest.approx(-20.0)
    assert said["benchmark"]["value_usd"] == "1100.00000000"
    assert (said["source"], said["freshness"]) == ("simulated", "live")
    assert len(said["series"]) == 25


def test_every_field_is_documented(client: Client, alice: User, alices: Portfolio):
    assert_alike(ask(client, alice, alices).json()["data"], PerformanceOutput())


def assert_alike(said: dict[str, Any], shape: Any) -> None:
    assert set(said) == set(shape.fields)
    for name, field in shape.fields.items():
        inner = field.child if isinstance(field, ListSerializer) else field
        rows = said[name] if isinstance(field, ListSerializer) else [said[name]]
        for row in rows:
            if hasattr(inner, "fields") and row is not None:
                assert_alike(row, inner)


def test_an_empty_portfolio_has_the_same_fields(client: Client, alice: User):
    said = ask(client, alice, a_portfolio(alice)).json()["data"]
    assert set(said) == set(PerformanceOutput().fields)
    assert (said["value_usd"], said["series"]) == (None, [])


def test_anothers_performance_is_not_there(client: Client, alices: Portfolio):
    assert ask(client, a_user("bob"), alices).status_code == 404


def test_nobody_caches_it(client: Client, alice: User, alices: Portfolio):
    assert ask(client, alice, alices)["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-11-20", "to": "2026-11-19"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"benchmark": "GOLD"}, "benchmark"),
    ],
)
def test_what_makes_no_sense_is_refused(
    client: Client, alice: User, alices: Portfolio, query: dict[str, str], field: str
):
    refused = ask(client, alice, alices, **query)
    assert refused.status_code == 400
    assert [one["field"] for one in refused.json()["error"]["details"]] == [field]


def test_a_time_before_everything_and_after_now_is_cut_to_what_is_known(
    client: Client, alice: User, alices: Portfolio
):
    said = ask(client, alice, alices, **{"from": "0001-01-01", "to": "9999-12-31"}).json()["data"]
    assert (said["from"], said["to"]) == ("2026-11-19T12:00:00Z", "2026-11-20T12:00:00Z")
