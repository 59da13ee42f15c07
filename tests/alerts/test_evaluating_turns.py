"""A price that was left again before anybody looked is not missed, and is told as what it was."""

from datetime import timedelta

import pytest

from accounts.models import User
from alerts.models import Event
from alerts.services.evaluating import evaluate
from markets.models import PriceTurn, Token
from tests.make.accounts import a_user
from tests.make.alerts import a_made_alert
from tests.make.markets import NOON, a_quote, a_token

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def alice() -> User:
    return a_user()


@pytest.fixture
def sol() -> Token:
    """Looked at once at noon, at 99."""
    return a_token("SOL")


def look(seconds: int) -> list[Event]:
    at = NOON + seconds * SECOND
    return evaluate("quotes", now=at, wall=at)


def begin(sol: Token) -> None:
    a_quote(sol, 99.0)
    look(0)


def turned(sol: Token, price: float, seconds: int) -> None:
    at = NOON + seconds * SECOND
    PriceTurn.objects.create(token=sol, observed_at=at, price_usd=price, source="binance")


def test_a_peak_between_two_looks_fires_by_its_own_price_and_time(alice: User, sol: Token):
    a_made_alert(alice, sol)
    begin(sol)
    turned(sol, 103.0, 1)
    a_quote(sol, 99.5, NOON + 2 * SECOND)
    (event,) = look(2)
    assert event.sentence == "SOL touched 103 USD, not below 100 USD."
    assert event.fired_at == NOON + SECOND
    assert (event.values["value"], event.values["passed"], event.values["source"]) == (103.0, True, "binance")
    assert look(3) == []


def test_a_dip_fires_what_waits_below_and_a_crossing_both_ways(alice: User, sol: Token):
    a_made_alert(alice, sol, "price_below", params={"price": 95.0})
    a_made_alert(alice, sol, "price_crossing", repeat="recurring", params={"price": 96.0})
    begin(sol)
    turned(sol, 94.0, 1)
    a_quote(sol, 99.0, NOON + 2 * SECOND)
    said = {event.sentence for event in look(2)}
    assert said == {
        "SOL touched 94 USD, below 95 USD.",
        "SOL crossed 96 USD downwards: 94 USD.",
        "SOL crossed 96 USD upwards: 99 USD.",
    }


def test_a_turn_that_was_judged_as_the_newest_price_is_not_judged_again(alice: User, sol: Token):
    a_made_alert(alice, sol, repeat="recurring")
    begin(sol)
    a_quote(sol, 103.0, NOON + SECOND)
    assert len(look(1)) == 1
    turned(sol, 103.0, 1)
    a_quote(sol, 99.0, NOON + 2 * SECOND)
    assert look(2) == []


def test_what_turned_before_anybody_watched_fires_nothing(alice: User, sol: Token):
    turned(sol, 103.0, -5)
    a_made_alert(alice, sol)
    a_quote(sol, 99.0)
    assert look(0) == []
