"""Promises 3 and 4: one trigger, one event, whoever looks; and none on what is stale or impossible."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from alerts.conditions.reading import Reading
from alerts.conditions.rhythm import play
from alerts.models import Alert, Event, InboxItem
from alerts.services.evaluating import evaluate
from markets.models import Token
from markets.providers.base import MarketRecord
from markets.services.quote_storage import store_quotes
from tests.make.accounts import a_user
from tests.make.alerts import a_made_alert
from tests.make.markets import NOON, a_quote, a_token

EVALUATORS, EVERY = 4, timedelta(seconds=20)
PRICES = [99.0, 101.0, 100.2, 99.1, 100.0, 103.0, 98.0, 97.5, 100.5, 99.9, 101.0, 96.0]


@pytest.mark.django_db(transaction=True)
def test_four_evaluators_on_the_same_ticks_make_the_events_computed_beforehand():
    alice, sol = a_user(), a_token("SOL")
    for kind, fields in [
        ("price_above", {"repeat": "recurring", "hysteresis": 1.0}),
        ("price_below", {"repeat": "recurring", "cooldown_seconds": 60}),
        ("price_crossing", {"repeat": "recurring"}),
        ("price_above", {}),
    ]:
        a_made_alert(alice, sol, kind, **fields)
    times = [NOON + place * EVERY for place in range(len(PRICES))]
    readings = [Reading(at, price) for at, price in zip(times, PRICES, strict=True)]
    expected = Counter(
        {
            alert.id: len(play(alert.condition, alert.rhythm, alert.standing, readings)[1])
            for alert in Alert.objects.all()
        }
    )
    together = Barrier(EVALUATORS)

    def look_at_each(number: int) -> None:
        for place, at in enumerate(times):
            if number == 0:
                a_quote(sol, PRICES[place], at)
            together.wait(60)
            evaluate("quotes", now=at, wall=at)
        connection.close()

    with ThreadPoolExecutor(EVALUATORS) as evaluators:
        list(evaluators.map(look_at_each, range(EVALUATORS)))
    assert expected.total() > 8
    assert Counter(Event.objects.values_list("alert_id", flat=True)) == expected
    assert InboxItem.objects.count() == expected.total()


@pytest.fixture
def sol(db: None) -> Token:
    token = a_token("SOL", "solana")
    a_made_alert(a_user(), token, "price_above", params={"price": 150.0}, repeat="recurring")
    a_made_alert(a_user("bob"), token, "price_below", params={"price": 50.0}, repeat="recurring")
    return token


def poll(token: Token, price: float, seconds: int) -> list[Event]:
    record = MarketRecord("solana", NOON + timedelta(seconds=seconds), 100.0)
    at = NOON + timedelta(seconds=60)
    store_quotes([replace(record, price_usd=price)], {"solana": token}, source="simulated", fetched_at=at)
    return evaluate("quotes", now=at, wall=at)


@pytest.mark.parametrize("price", [100_000.0, 0.1])
def test_an_impossible_leap_fires_nothing(sol: Token, price: float):
    assert poll(sol, 100.0, 0) == []
    assert poll(sol, price, 30) == []
    assert Event.objects.count() == 0


def test_work_goes_on_with_the_next_good_price(sol: Token):
    poll(sol, 140.0, 0)
    poll(sol, 140_000.0, 20)
    assert len(poll(sol, 151.0, 40)) == 1


@pytest.mark.parametrize("minutes", [-11, 10])
def test_a_clock_that_is_wrong_by_ten_minutes_fires_nothing(sol: Token, minutes: int):
    a_quote(sol, 200.0, NOON + timedelta(minutes=minutes))
    assert evaluate("quotes", now=NOON, wall=NOON) == []
