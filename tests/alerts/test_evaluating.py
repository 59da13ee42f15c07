"""From a stored price to an event: what fires, what does not, and never twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from alerts.models import Alert, Event, Gauge, InboxItem
from alerts.services.evaluating import evaluate
from markets.models import Token
from tests.make.accounts import a_user
from tests.make.alerts import a_made_alert
from tests.make.markets import NOON, a_quote, a_token

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def alice() -> User:
    return a_user()


@pytest.fixture
def sol() -> Token:
    return a_token("SOL")


def prices(
    token: Token, values: Iterable[float], start: datetime = NOON, every: timedelta = MINUTE
) -> list[Event]:
    """Each price stored and evaluated at once."""
    events = []
    for place, price in enumerate(values):
        at = start + place * every
        a_quote(token, price, at)
        events += look(at)
    return events


def look(now: datetime, feed: str = "quotes") -> list[Event]:
    return evaluate(feed, now=now, wall=now)


def test_a_price_that_reaches_the_level_makes_an_event_and_an_inbox_item(alice: User, sol: Token):
    alert = a_made_alert(alice, sol, note="sell some")
    (event,) = prices(sol, [99.0, 101.5])
    assert (event.alert_id, event.owner_id, event.fired_at) == (alert.id, alice.id, NOON + MINUTE)
    assert event.sentence == "SOL is at 101.5 USD, not below 100 USD any more."
    assert (event.note, event.values["value"]) == ("sell some", 101.5)
    assert InboxItem.objects.get(owner=alice).event == event


def test_what_was_before_the_first_alert_of_a_token_is_no_news(alice: User, sol: Token):
    for minutes, price in ((-5, 103.0), (-1, 99.0)):
        a_quote(sol, price, NOON + minutes * MINUTE)
    a_made_alert(alice, sol)
    assert look(NOON) == []
    (event,) = prices(sol, [101.0], NOON + MINUTE)
    assert event.values["value"] == 101.0


def test_an_alert_for_once_is_done_after_its_event(alice: User, sol: Token):
    alert = a_made_alert(alice, sol)
    prices(sol, [101.0, 99.0, 102.0])
    alert.refresh_from_db()
    assert (alert.state, Event.objects.count()) == (Alert.State.FIRED, 1)


def test_a_recurring_alert_speaks_again_after_the_price_was_back(alice: User, sol: Token):
    a_made_alert(alice, sol, repeat="recurring", hysteresis=2.0)
    events = prices(sol, [101.0, 99.0, 101.0, 97.9, 101.0])
    assert [event.fired_at for event in events] == [NOON, NOON + 4 * MINUTE]


def test_a_price_below_and_a_crossing(alice: User, sol: Token):
    a_made_alert(alice, sol, "price_below", params={"price": 95.0})
    a_made_alert(alice, sol, "price_crossing", repeat="recurring", params={"price": 100.0})
    events = prices(sol, [101.0, 99.0, 94.0, 100.0])
    assert [event.sentence for event in events] == [
        "SOL crossed 100 USD downwards: 99 USD.",
        "SOL is at 94 USD, below 95 USD.",
        "SOL crossed 100 USD upwards: 100 USD.",
    ]


def test_the_same_readings_looked_at_twice_make_one_event(alice: User, sol: Token):
    a_made_alert(alice, sol, repeat="recurring")
    assert len(prices(sol, [101.0])) == 1
    assert look(NOON) == look(NOON + MINUTE) == []


def test_what_a_lost_message_left_out_is_found_later(alice: User, sol: Token):
    a_made_alert(alice, sol, repeat="recurring")
    for place, price in enumerate([101.0, 99.0, 102.0]):
        a_quote(sol, price, NOON + place * MINUTE)
    events = look(NOON + 3 * MINUTE)
    assert [event.fired_at for event in events] == [NOON, NOON + 2 * MINUTE]


def test_a_streamed_price_that_is_not_in_the_history_counts(alice: User, sol: Token):
    a_made_alert(alice, sol)
    quote = a_quote(sol, 99.0)
    quote.price_usd, quote.observed_at = 101.0, NOON + MINUTE
    quote.save()
    (event,) = look(NOON + MINUTE)
    assert event.values["value"] == 101.0


def test_a_stale_price_fires_no_alert(alice: User, sol: Token):
    a_made_alert(alice, sol)
    a_quote(sol, 101.0, NOON)
    assert look(NOON + timedelta(minutes=10, seconds=1)) == []
    assert len(look(NOON + timedelta(minutes=10))) == 1


def test_a_price_from_the_future_waits_until_its_time(alice: User, sol: Token):
    a_made_alert(alice, sol)
    a_quote(sol, 101.0, NOON + 10 * MINUTE)
    assert look(NOON) == []
    assert len(look(NOON + 10 * MINUTE)) == 1


def test_a_paused_snoozed_or_cooling_alert_is_silent(alice: User, sol: Token):
    paused = a_made_alert(alice, sol, repeat="recurring")
    Alert.objects.filter(pk=paused.pk).update(state=Alert.State.PAUSED)
    a_made_alert(alice, sol, snoozed_until=NOON + 3 * MINUTE)
    cooling = a_made_alert(alice, sol, repeat="recurring", cooldown_seconds=180)
    events = prices(sol, [101.0, 99.0, 101.0, 101.0, 99.0])
    assert {(event.alert_id == cooling.id, event.fired_at) for event in events} == {
        (True, NOON),
        (False, NOON + 3 * MINUTE),
        (True, NOON + 3 * MINUTE),
    }


def test_a_crossing_that_was_snoozed_before_the_first_price_knows_its_side(alice: User, sol: Token):
    a_made_alert(alice, sol, "price_crossing", snoozed_until=NOON + 2 * MINUTE)
    assert [event.fired_at for event in prices(sol, [99.0, 99.5, 101.0])] == [NOON + 2 * MINUTE]


def test_an_alert_whose_time_is_over_ends_instead(alice: User, sol: Token):
    alert = a_made_alert(alice, sol, expires_at=NOON + MINUTE)
    assert prices(sol, [99.0, 101.0]) == []
    alert.refresh_from_db()
    assert alert.state == Alert.State.EXPIRED


def test_alerts_of_other_tokens_are_not_looked_at(alice: User, sol: Token):
    a_made_alert(alice, a_token("BONK"))
    assert prices(sol, [101.0]) == []


def test_quiet_hours_keep_messages_and_not_the_inbox(alice: User, sol: Token):
    alice.preferences = {"time_zone": "Europe/Zurich", "quiet_hours": {"from": "12:30", "to": "14:00"}}
    alice.save()
    a_made_alert(alice, sol)
    (event,) = prices(sol, [101.0])  # at noon in UTC, which is one o'clock in Zurich
    assert event.deliver_after == NOON + timedelta(hours=1)
    assert InboxItem.objects.filter(owner=alice).count() == 1


def test_an_alert_that_others_do_not_wait_for_is_left_alone(
    alice: User, sol: Token, django_assert_num_queries
):
    """Neither read nor written: an index finds those that could fire."""
    for level in range(200, 210):
        a_made_alert(alice, sol, params={"price": float(level)})
    a_quote(sol, 101.0)
    before = list(Alert.objects.order_by("id").values())
    with django_assert_num_queries(9):
        look(NOON)
    assert list(Alert.objects.order_by("id").values()) == before
    assert Gauge.objects.get().value == 101.0
