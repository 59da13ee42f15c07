"""The calls of a plan: written down before they are made, and kept for what matters more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from core.lib.errors import BudgetSpent
from markets.models import ProviderCalls
from markets.providers.coingecko.fetch import key_header
from markets.selectors.calls import calls_last_minute, calls_this_month
from markets.selectors.sources import requests_left
from markets.services.ledger import note_calls, spend

pytestmark = pytest.mark.django_db

WALL = datetime(2026, 11, 10, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def plan(settings: Any) -> Any:
    def choose(name: str) -> None:
        settings.MARKET = replace(settings.MARKET, coingecko_plan=name)

    return choose


@pytest.fixture(autouse=True)
def _clock_stands() -> Any:
    with time_machine.travel(WALL, tick=False):
        yield


def test_calls_are_counted_by_the_minute(plan: Any) -> None:
    plan("sandbox")
    for _ in range(3):
        spend("coingecko", "quotes")
    assert ProviderCalls.objects.get().calls == 3
    assert requests_left("coingecko", WALL) is None


def test_the_minute_before_counts_as_far_as_it_reaches() -> None:
    ProviderCalls.objects.create(source="coingecko", minute=WALL - timedelta(seconds=90), calls=10)
    note_calls("coingecko", 2)
    assert calls_last_minute("coingecko", WALL) == 2 + 5


def test_the_month_begins_on_its_first_day() -> None:
    for day, calls in ((1, 5), (9, 7)):
        ProviderCalls.objects.create(
            source="coingecko", minute=datetime(2026, 11, day, tzinfo=UTC), calls=calls
        )
    ProviderCalls.objects.create(source="coingecko", minute=datetime(2026, 10, 31, tzinfo=UTC), calls=99)
    assert calls_this_month("coingecko", WALL) == 12


def test_points_leave_room_for_quotes(plan: Any) -> None:
    plan("keyless")
    note_calls("coingecko", 3)
    with pytest.raises(BudgetSpent, match="points"):
        spend("coingecko", "points")
    spend("coingecko", "quotes")


def test_a_spent_month_says_when_there_are_calls_again(plan: Any) -> None:
    plan("demo")
    ProviderCalls.objects.create(source="coingecko", minute=datetime(2026, 11, 2, tzinfo=UTC), calls=10_000)
    with pytest.raises(BudgetSpent) as caught:
        spend("coingecko", "quotes")
    assert caught.value.retry_after == pytest.approx(20.5 * 86_400, rel=0.01)
    assert requests_left("coingecko", WALL) == 0


@pytest.mark.parametrize(
    ("plan_name", "key", "header"),
    [
        ("demo", "k", {"x-cg-demo-api-key": "k"}),
        ("pro", "k", {"x-cg-pro-api-key": "k"}),
        ("demo", "", {}),
        ("keyless", "k", {}),
        ("sandbox", "k", {}),
    ],
)
def test_a_key_goes_only_to_the_host_that_it_belongs_to(
    plan_name: str, key: str, header: dict[str, str]
) -> None:
    assert key_header(plan_name, key) == header
