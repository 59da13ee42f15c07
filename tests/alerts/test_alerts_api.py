"""The API of alerts beyond what the contract tests send: caps, owners, repeats, and frames."""

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from alerts.models import Alert, Event, InboxItem
from markets.models import Token
from tests.make.accounts import a_user, bearer
from tests.make.alerts import a_made_alert, an_event
from tests.make.markets import NOON, a_quote, a_token

pytestmark = pytest.mark.django_db
JSON = "application/json"
ASKED = {"symbol": "SOL", "kind": "price_above", "params": {"price": 120.0}}


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def alice() -> User:
    return a_user()


@pytest.fixture
def sol() -> Token:
    token = a_token("SOL")
    a_quote(token, 99.0)
    return token


def send(
    client: Client, user: User, path: str, body: Any = None, method: str = "post", **headers: str
) -> Any:
    return getattr(client, method)(
        f"/api/v1{path}", body or {}, content_type=JSON, headers={**bearer(user), **headers}
    )


def test_an_alert_says_what_it_will_do(client: Client, alice: User, sol: Token):
    reply = send(
        client, alice, "/alerts", {**ASKED, "repeat": "recurring", "cooldown_seconds": 3600, "hysteresis": 1}
    )
    said = reply.json()["data"]
    assert reply.status_code == 201
    assert said["sentence"] == (
        "Tells you each time the price of SOL is 120 USD or more, again only after the price was below 118.8 USD,"
        " at most once in 1 hour."
    )
    assert (said["state"], said["armed"], said["symbol"]) == ("active", True, "SOL")


def test_a_plan_has_so_many_alerts_and_no_more(client: Client, alice: User, sol: Token):
    for _ in range(20):
        a_made_alert(alice, sol)
    refused = send(client, alice, "/alerts", ASKED)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    assert send(client, a_user("pia", plan="pro"), "/alerts", ASKED).status_code == 201


def test_a_repeat_with_the_same_key_makes_one_alert(client: Client, alice: User, sol: Token):
    replies = [send(client, alice, "/alerts", ASKED, **{"Idempotency-Key": "a1"}) for _ in range(2)]
    assert replies[0].content == replies[1].content
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/alerts/{alert}", {}),
        ("patch", "/alerts/{alert}", {"note": "mine now"}),
        ("delete", "/alerts/{alert}", {}),
        ("post", "/alerts/{alert}/test", {}),
        ("post", "/alerts/events/{event}/ack", {}),
    ],
)
def test_mine_is_mine(client: Client, alice: User, sol: Token, method: str, path: str, body: dict):
    event = an_event(a_made_alert(alice, sol))
    before = list(Alert.objects.values()), list(Event.objects.values()), list(InboxItem.objects.values())
    reply = send(client, a_user("bob"), path.format(alert=event.alert_id, event=event.id), body, method)
    assert reply.status_code == 404
    assert before == (
        list(Alert.objects.values()),
        list(Event.objects.values()),
        list(InboxItem.objects.values()),
    )


def test_lists_hold_the_own_alone(client: Client, alice: User, sol: Token):
    an_event(a_made_alert(alice, sol))
    bob = a_user("bob")
    for path in ("/alerts", "/alerts/events"):
        assert send(client, bob, path, method="get").json()["data"] == []
        assert len(send(client, alice, path, method="get").json()["data"]) == 1


def test_nobody_sets_what_is_not_asked_for(client: Client, alice: User, sol: Token):
    forged = {
        "owner": str(a_user("bob").id),
        "state": "fired",
        "last_event_at": "2026-01-01",
        "id": str(uuid4()),
    }
    made = send(client, alice, "/alerts", {**ASKED, **forged}).json()["data"]
    alert = Alert.objects.get(id=made["id"])
    assert (alert.owner, alert.state, alert.last_event_at) == (alice, "active", None)


def test_a_changed_level_starts_the_waiting_anew(client: Client, alice: User, sol: Token):
    alert = a_made_alert(alice, sol)
    Alert.objects.filter(id=alert.id).update(memory="over", wakes_above=None, wakes_below=100.0, armed=False)
    said = send(client, alice, f"/alerts/{alert.id}", {"params": {"price": 130.0}}, "patch").json()["data"]
    alert.refresh_from_db()
    assert (said["armed"], alert.wakes_above, alert.memory) == (True, 130.0, "")


def test_a_changed_note_leaves_the_waiting_as_it_was(client: Client, alice: User, sol: Token):
    alert = a_made_alert(alice, sol)
    Alert.objects.filter(id=alert.id).update(memory="over", wakes_above=None, wakes_below=100.0, armed=False)
    assert send(client, alice, f"/alerts/{alert.id}", {"note": "x"}, "patch").json()["data"]["armed"] is False


def test_one_that_has_ended_needs_a_new_end(client: Client, alice: User, sol: Token):
    alert = a_made_alert(alice, sol)
    Alert.objects.filter(id=alert.id).update(state="expired", expires_at="2026-11-19T00:00:00Z")
    refused = send(client, alice, f"/alerts/{alert.id}", {"state": "active"}, "patch")
    assert [one["field"] for one in refused.json()["error"]["details"]] == ["expires_at"]
    both = {"state": "active", "expires_at": None}
    assert send(client, alice, f"/alerts/{alert.id}", both, "patch").json()["data"]["state"] == "active"


def test_times_that_are_over_are_refused(client: Client, alice: User, sol: Token):
    for name in ("expires_at", "snoozed_until"):
        refused = send(client, alice, "/alerts", {**ASKED, name: "2026-11-20T11:00:00Z"})
        assert [one["field"] for one in refused.json()["error"]["details"]] == [name]


def test_ten_tests_an_hour(client: Client, alice: User, sol: Token):
    alert = a_made_alert(alice, sol)
    replies = [send(client, alice, f"/alerts/{alert.id}/test") for _ in range(11)]
    assert [reply.status_code for reply in replies] == [201] * 10 + [429]
    assert int(replies[-1]["Retry-After"]) > 3500
    assert Event.objects.filter(is_test=True).count() == 10


def test_an_acknowledged_event_is_read(client: Client, alice: User, sol: Token):
    event = an_event(a_made_alert(alice, sol))
    said = [send(client, alice, f"/alerts/events/{event.id}/ack").json()["data"] for _ in range(2)]
    assert said[0]["acknowledged_at"] == said[1]["acknowledged_at"] is not None
    assert InboxItem.objects.get().read_at is not None


def test_events_outlive_their_alert(client: Client, alice: User, sol: Token):
    event = an_event(a_made_alert(alice, sol))
    assert send(client, alice, f"/alerts/{event.alert_id}", method="delete").status_code == 204
    (said,) = send(client, alice, "/alerts/events", method="get").json()["data"]
    assert (said["id"], said["alert_id"]) == (str(event.id), None)


def test_a_crossing_counts_from_where_the_price_is(client: Client, alice: User, sol: Token):
    params = {"price": 98.0, "direction": "down"}
    made = send(client, alice, "/alerts", {**ASKED, "kind": "price_crossing", "params": params})
    alert = Alert.objects.get(id=made.json()["data"]["id"])
    assert (alert.memory, alert.wakes_below) == ("over", 98.0)
