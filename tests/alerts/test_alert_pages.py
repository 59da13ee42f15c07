"""The pages of alerts: they work without script, and show the own alone."""

import pytest
from django.test import Client

from accounts.models import User
from alerts.models import Alert, InboxItem
from markets.models import Token
from tests.make.accounts import a_user
from tests.make.alerts import a_made_alert, an_alert, an_event
from tests.make.markets import NOON, a_quote, a_token
from tests.make.predictions import with_history
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
FORM = {"repeat": "once", "cooldown_seconds": "0", "hysteresis": "0", "ends": "0", "do": "save"}


@pytest.fixture
def alice(client: Client) -> User:
    user = a_user()
    client.force_login(user)
    return user


@pytest.fixture
def sol() -> Token:
    token = a_token("SOL")
    a_quote(token, 99.0)
    return token


def test_pages_of_alerts_are_for_who_is_signed_in(client: Client):
    for path in ("/alerts", "/alerts/new", "/inbox", "/inbox/unread"):
        assert client.get(path)["Location"].startswith("/sign-in")


def test_where_addresses_must_be_confirmed_pages_wait_for_it_as_the_api_does(
    client: Client, settings, sol: Token
):
    settings.REQUIRE_EMAIL_VERIFICATION = True
    new = a_user(email_verified=False)
    client.force_login(new)
    for path in ("/alerts", "/alerts/new", "/alerts/channels", "/alerts/deliveries", "/inbox", "/portfolios"):
        assert client.get(path)["Location"] == "/resend-verification"
    client.post("/alerts/new?symbol=SOL&kind=price_above", {**FORM, "price": "120.5"})
    assert not Alert.objects.exists()
    assert "Confirm your e-mail address first" in client.get("/resend-verification").text
    assert client.get("/account").status_code == 200
    User.objects.update(email_verified=True)
    assert client.get("/alerts").status_code == 200


def test_an_alert_is_set_with_a_form(client: Client, alice: User, sol: Token):
    answer = client.post(
        "/alerts/new?symbol=SOL&kind=price_above", {**FORM, "price": "120.5", "note": "sell"}
    )
    assert answer["Location"] == "/alerts"
    alert = Alert.objects.get(owner=alice)
    assert (alert.params, alert.note, alert.token) == ({"price": 120.5}, "sell", sol)


def test_the_list_says_what_each_alert_does(visit: Visit, alice: User, sol: Token):  # noqa: F811
    a_made_alert(alice, sol)
    page = visit("/alerts")
    assert "Tells you once, as soon as the price of SOL is 100 USD or more." in page.text
    assert "1 of 20 alerts." in page.text


def test_nothing_to_list_leads_to_the_first_alert(visit: Visit, alice: User):  # noqa: F811
    assert "Nothing is watched for you yet" in visit("/alerts").text
    assert "No messages" in visit("/inbox").text


def test_an_open_page_may_ask_how_many_messages_wait(client: Client, alice: User, sol: Token):
    an_event(an_alert(alice, sol))
    an_event(an_alert(a_user("bob"), sol))
    reply = client.get("/inbox/unread")
    assert reply.json() == {"unread": 1}
    assert "no-store" in reply["Cache-Control"]


@pytest.mark.parametrize("kind", Alert.Kind.values)
def test_every_kind_has_a_form(visit: Visit, alice: User, sol: Token, kind: str):  # noqa: F811
    page = visit(f"/alerts/new?symbol=SOL&kind={kind}")
    assert page.one("option", selected="", value=kind).text == Alert.Kind(kind).label


def test_what_is_wrong_stands_beside_its_field(client: Client, alice: User, sol: Token):
    page = client.post("/alerts/new?symbol=SOL&kind=price_above", {**FORM, "price": "-1"}).content.decode()
    assert 'id="id_price_error"' in page
    assert not Alert.objects.exists()


def test_a_token_that_nobody_follows_is_said_so(visit: Visit, alice: User):  # noqa: F811
    assert "No token with the symbol NOPE is followed." in visit("/alerts/new?symbol=NOPE").text


def test_the_past_is_shown_before_saving(client: Client, alice: User, sol: Token):
    with_history(sol, days=5)
    said = {**FORM, "do": "try", "price": "100", "repeat": "recurring"}
    page = client.post("/alerts/new?symbol=SOL&kind=price_crossing", {**said, "direction": "up"})
    assert "Would have fired" in page.content.decode()
    assert not Alert.objects.exists()
    fragment = client.post(
        "/alerts/new?symbol=SOL&kind=price_crossing",
        {**said, "direction": "up"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert "Would have fired" in fragment and "<html" not in fragment


def test_an_alert_is_changed_and_keeps_what_was_not(client: Client, alice: User, sol: Token):
    alert = a_made_alert(alice, sol, note="mine")
    client.post(f"/alerts/{alert.id}", {**FORM, "price": "130", "note": "mine", "repeat": "recurring"})
    alert.refresh_from_db()
    assert (alert.params["price"], alert.repeat, alert.wakes_above) == (130.0, "recurring", 130.0)


@pytest.mark.parametrize(("do", "state"), [("pause", "paused"), ("resume", "active"), ("snooze", "active")])
def test_buttons_of_a_row_do_what_they_say(client: Client, alice: User, sol: Token, do: str, state: str):
    alert = a_made_alert(alice, sol)
    client.post(f"/alerts/{alert.id}/act", {"do": do})
    alert.refresh_from_db()
    assert alert.state == state
    assert (alert.snoozed_until is not None) == (do == "snooze")


def test_another_users_alert_is_not_there(client: Client, alice: User, sol: Token):
    alert = a_made_alert(a_user("bob"), sol)
    assert client.get(f"/alerts/{alert.id}").status_code == 404
    for do in ("pause", "delete", "try"):
        assert client.post(f"/alerts/{alert.id}/act", {"do": do}).status_code == 404
    assert Alert.objects.get().state == "active"


def test_the_inbox_counts_what_is_unread(client: Client, visit: Visit, alice: User, sol: Token):  # noqa: F811
    an_event(a_made_alert(alice, sol))
    an_event(a_made_alert(a_user("bob"), sol))
    page = visit("/inbox")
    assert "SOL is above 100 USD: 101 USD." in page.text
    assert page.one("a", id="inbox-link").text == "Inbox (1 unread )"
    client.post(f"/inbox/{InboxItem.objects.get(owner=alice).pk}/read")
    assert visit("/inbox").one("a", id="inbox-link").text == "Inbox"


def test_all_is_read_that_was_there_when_the_page_was_made(client: Client, alice: User, sol: Token):
    an_event(a_made_alert(alice, sol))
    client.post("/inbox/read", {"shown_at": "2026-11-20T11:59:59Z"})
    assert InboxItem.objects.filter(read_at=None).count() == 1
    client.post("/inbox/read", {"shown_at": NOON.isoformat()})
    assert InboxItem.objects.filter(read_at=None).count() == 0


def test_the_cap_is_said_before_it_is_hit(client: Client, visit: Visit, alice: User, sol: Token):  # noqa: F811
    for _ in range(20):
        a_made_alert(alice, sol)
    assert "you have them all" in visit("/alerts").text
    page = client.post("/alerts/new?symbol=SOL&kind=price_above", {**FORM, "price": "120"}).content.decode()
    assert "Your plan has 20 alerts. Delete one first." in page


def test_the_page_of_a_token_offers_an_alert(visit: Visit, alice: User, sol: Token):  # noqa: F811
    (link,) = [one for one in visit(f"/tokens/SOL?id={sol.coingecko_id}").all("a") if one.text == "Alert me"]
    assert link.attributes["href"] == f"/alerts/new?symbol=SOL&id={sol.coingecko_id}"
