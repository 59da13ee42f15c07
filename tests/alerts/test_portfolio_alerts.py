"""Alerts on what a portfolio is worth: fresh prices alone, own portfolios alone, and only where a price changed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from alerts.conditions.kinds import condition_for
from alerts.conditions.reading import Reading
from alerts.conditions.rhythm import Rhythm, Standing, play
from alerts.models import Alert, Event, Gauge
from alerts.services.alerts import Wanted, create_alert
from alerts.services.evaluating import evaluate
from alerts.services.previewing import preview
from core.lib.errors import BadInput
from markets.models import Token
from portfolios.models import Portfolio
from portfolios.services.portfolios import delete_portfolio
from tests.contract.openapi import JSON
from tests.make.accounts import a_user, bearer
from tests.make.markets import NOON, a_quote, a_token, candles
from tests.make.portfolios import a_holding, a_portfolio, a_transaction
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def alice(client: Client) -> User:
    user = a_user()
    client.force_login(user)
    return user


@pytest.fixture
def sol() -> Token:
    return a_token("SOL", "solana")


@pytest.fixture
def portfolio(alice: User, sol: Token) -> Portfolio:
    """Ten SOL."""
    found = a_portfolio(alice)
    a_holding(found, "solana", 10)
    return found


def an_alert(
    portfolio: Portfolio, kind: str = "portfolio_above", now: datetime = NOON, **words: Any
) -> Alert:
    params = words.pop("params", {"value": 1000.0})
    wanted = Wanted(token=None, portfolio=portfolio, kind=kind, params=params, **words)
    return create_alert(owner_id=portfolio.owner_id, wanted=wanted, now=now, wall=now)


def look(now: datetime, *tokens: Token) -> list[Event]:
    ids = [token.pk for token in tokens] if tokens else None
    return evaluate("portfolios", now=now, wall=now, token_ids=ids)


def prices(token: Token, *values: float, start: datetime = NOON) -> list[Event]:
    events = []
    for place, price in enumerate(values):
        at = start + place * MINUTE
        a_quote(token, price, at)
        events += look(at, token)
    return events


def test_a_portfolio_that_reaches_its_level_is_told(portfolio: Portfolio, sol: Token):
    alert = an_alert(portfolio, note="sell some")
    (event,) = prices(sol, 99.0, 101.5)
    assert event.sentence == "The portfolio Main is worth 1,015 USD, not below 1,000 USD any more."
    assert (event.alert_id, event.portfolio_id, event.token_id) == (alert.id, portfolio.id, None)
    assert (event.note, event.values["value_usd"]) == ("sell some", 1015.0)


def test_below_and_crossing_are_told(portfolio: Portfolio, sol: Token):
    an_alert(portfolio, "portfolio_below", params={"value": 900.0})
    an_alert(portfolio, "portfolio_crossing", params={"value": 1000.0, "direction": "up"})
    told = [event.sentence for event in prices(sol, 95.0, 89.0, 100.0)]
    assert told == [
        "The portfolio Main is worth 890 USD, less than 900 USD.",
        "The portfolio Main crossed 1,000 USD upwards: it is worth 1,000 USD.",
    ]


def test_a_fall_from_the_highest_since_it_was_set_is_told_once(portfolio: Portfolio, sol: Token):
    an_alert(portfolio, "portfolio_drawdown", params={"percent": 10.0})
    events = prices(sol, 100.0, 120.0, 109.0, 108.0, 100.0)
    assert [(event.fired_at, event.sentence) for event in events] == [
        (
            NOON + 3 * MINUTE,
            "The portfolio Main is worth 1,080 USD, 10 % or more below its highest since the alert was set.",
        )
    ]


def test_a_recurring_fall_speaks_again_after_the_way_back():
    condition = condition_for("portfolio_drawdown", {"percent": 10.0}, 2.0)
    worths = [100.0, 90.0, 91.9, 89.0, 92.1, 90.0, 130.0, 117.0]
    readings = [Reading(NOON + place * MINUTE, worth) for place, worth in enumerate(worths)]
    _, spoken = play(condition, Rhythm(once=False), Standing(), readings)
    assert [reading.value for reading in spoken] == [90.0, 90.0, 117.0]


def test_what_wakes_a_fall_is_all_that_could_change_it():
    """Judged only where the index would have found it, the answer is the same."""
    condition = condition_for("portfolio_drawdown", {"percent": 10.0}, 2.0)
    worths = [100.0, 99.0, 104.0, 95.0, 93.0, 94.0, 95.7, 92.0, 110.0, 98.9, 130.0, 10.0, 126.0, 0.0]
    always = lazily = ""
    for worth in worths:
        always = condition.judge(worth, always).memory
        wakes = condition.wakes(lazily)
        if (wakes.above is not None and worth >= wakes.above) or (
            wakes.below is not None and worth <= wakes.below
        ):
            lazily = condition.judge(worth, lazily).memory
        assert lazily == always


def test_an_old_price_anywhere_in_it_tells_nothing(portfolio: Portfolio, sol: Token):
    bonk = a_token("BONK", "bonk")
    a_quote(bonk, 1.0, NOON - timedelta(minutes=11))
    a_holding(portfolio, "bonk", 5000)
    an_alert(portfolio)
    assert prices(sol, 200.0) == []
    a_quote(bonk, 1.0, NOON + MINUTE)
    assert len(look(NOON + MINUTE)) == 1


def test_a_book_that_is_worked_out_anew_tells_nothing(portfolio: Portfolio, sol: Token):
    an_alert(portfolio)
    Portfolio.objects.update(revision=5)
    assert prices(sol, 200.0) == []


def test_what_has_no_price_at_all_is_left_out_and_named(portfolio: Portfolio, sol: Token):
    a_holding(portfolio, "WHAT", 3)
    an_alert(portfolio)
    (event,) = prices(sol, 150.0)
    assert (event.values["value_usd"], event.values["unpriced"]) == (1500.0, ["WHAT"])


def test_a_price_of_what_it_does_not_hold_costs_nothing(
    portfolio: Portfolio, sol: Token, django_assert_num_queries: Any
):
    an_alert(portfolio)
    a_quote(sol, 150.0)
    other = a_token("JUP", "jupiter")
    with django_assert_num_queries(1):
        assert look(NOON, other) == []
    assert len(look(NOON, sol)) == 1


def test_two_alerts_on_one_portfolio_share_a_gauge(portfolio: Portfolio):
    an_alert(portfolio)
    an_alert(portfolio, "portfolio_drawdown", params={"percent": 5.0})
    assert Gauge.objects.get().name == "value"


def test_the_highest_of_a_window_is_of_stored_closes(portfolio: Portfolio, sol: Token):
    a_transaction(portfolio, executed_at=NOON - timedelta(days=5))
    candles(sol, 3600, [100.0] * 60 + [150.0] + [120.0] * 60)
    an_alert(portfolio, "portfolio_drawdown", params={"percent": 10.0, "window": "7d"})
    (event,) = prices(sol, 130.0)
    assert (
        event.sentence
        == "The portfolio Main is worth 1,300 USD, 10 % or more below its highest of the last 7 days."
    )
    assert event.values["highest_usd"] == 1500.0


def test_a_preview_marks_what_the_value_did(portfolio: Portfolio, sol: Token):
    a_transaction(portfolio, executed_at=NOON - timedelta(days=5))
    candles(sol, 3600, [90.0] * 40 + [110.0] * 40 + [95.0] * 41)
    alert = an_alert(portfolio)
    found = preview(alert, days=90, now=NOON)
    assert (found.count, found.fired[0].value) == (1, 1100.0)
    assert found.step_seconds == 3600


def test_with_the_portfolio_its_alerts_go_and_their_events_stay(portfolio: Portfolio, sol: Token):
    an_alert(portfolio)
    prices(sol, 101.5)
    delete_portfolio(owner_id=portfolio.owner_id, portfolio_id=portfolio.id, now=NOON)
    assert (Alert.objects.count(), Gauge.objects.count()) == (0, 0)
    assert Event.objects.get().portfolio is None


def test_an_alert_looks_at_one_thing(portfolio: Portfolio, sol: Token):
    both = Wanted(token=sol, portfolio=portfolio, kind="portfolio_above", params={"value": 1.0})
    with pytest.raises(BadInput):
        create_alert(owner_id=portfolio.owner_id, wanted=both, now=NOON, wall=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Gauge.objects.create(name="value", feed="portfolios")


def asked(client: Client, who: User, **words: Any) -> tuple[int, dict[str, Any]]:
    reply = client.post("/api/v1/alerts", words, content_type=JSON, headers=bearer(who))
    return reply.status_code, reply.json()


def test_the_api_makes_them_of_the_own_portfolios_alone(client: Client, portfolio: Portfolio):
    body = {"kind": "portfolio_below", "params": {"value": 500.0}, "portfolio_id": str(portfolio.id)}
    status, said = asked(client, portfolio.owner, **body)
    assert status == 201
    assert (said["data"]["portfolio"], said["data"]["symbol"]) == ("Main", None)
    assert (
        said["data"]["sentence"]
        == "Tells you once, as soon as the portfolio Main is worth less than 500 USD."
    )
    assert asked(client, a_user("bob"), **body)[0] == 404


@pytest.mark.parametrize(
    "words",
    [
        {"kind": "portfolio_above", "params": {"value": 1.0}, "symbol": "SOL"},
        {"kind": "portfolio_above", "params": {"value": 1.0}},
        {"kind": "price_above", "params": {"price": 1.0}},
        {"kind": "price_above", "params": {"price": 1.0}, "portfolio_id": "own"},
    ],
)
def test_a_kind_without_its_subject_is_refused(client: Client, portfolio: Portfolio, words: dict[str, Any]):
    if words.get("portfolio_id") == "own":
        words = {**words, "portfolio_id": str(portfolio.id)}
    status, said = asked(client, portfolio.owner, **words)
    assert (status, said["error"]["code"]) == (400, "VALIDATION_ERROR")


def test_the_page_sets_one_and_shows_it(client: Client, portfolio: Portfolio, sol: Token, visit: Visit):  # noqa: F811
    a_quote(sol, 100.0)
    path = f"/alerts/new?kind=portfolio_drawdown&portfolio={portfolio.id}"
    assert "Now worth $1,000.00" in visit(path).text
    said = {
        "percent": "12",
        "window": "set",
        "repeat": "once",
        "cooldown_seconds": "0",
        "ends": "0",
        "do": "save",
    }
    assert client.post(path, said).status_code == 302
    assert "12 % or more below its highest since the alert was set" in visit("/alerts").text
    assert Alert.objects.get().params == {"percent": 12.0, "window": "set"}


def test_the_page_of_anothers_portfolio_offers_none(client: Client, alice: User, visit: Visit):  # noqa: F811
    theirs = a_portfolio(a_user("bob"), name="Theirs")
    page = visit(f"/alerts/new?kind=portfolio_above&portfolio={theirs.id}")
    assert "Make a portfolio first" in page.text
    assert "Theirs" not in page.text
