"""Preferences: what may be chosen over the API and on the page, and where the site honours it."""

from datetime import UTC, datetime, time

import pytest

from accounts.models.preferences import TIMEFRAMES, Preferences, QuietHours
from core.templatetags.khalsi import zone_text
from predictions import horizons
from tests.make.accounts import PASSWORD, a_user, bearer

pytestmark = pytest.mark.django_db
ALL = {
    "theme": "dark",
    "time_zone": "Europe/Zurich",
    "default_timeframe": "4h",
    "quiet_hours": {"from": "22:00", "to": "07:30"},
    "email_notices": {"channels": False, "exchanges": False},
}
PAGE = {
    "time_zone": "Europe/Zurich",
    "default_timeframe": "4h",
    "theme": "dark",
    "quiet_from": "22:00",
    "quiet_until": "07:30",
    "email_notices": [],
}


def patch(client, user, preferences):
    body = {"preferences": preferences}
    return client.patch("/api/v1/auth/me", body, content_type="application/json", headers=bearer(user))


def test_the_timeframes_are_those_of_the_forecasts():
    assert tuple(TIMEFRAMES) == tuple(one.name for one in horizons.TIMEFRAMES)


def test_everything_that_is_known_can_be_chosen(client):
    assert patch(client, a_user("alice"), ALL).json()["data"]["user"]["preferences"] == ALL


def test_a_registration_may_bring_them(client):
    body = {"email": "zoe@example.com", "password": PASSWORD, "preferences": {**ALL, "theme": None}}
    reply = client.post("/api/v1/auth/register", body, content_type="application/json")
    kept = {name: value for name, value in ALL.items() if name != "theme"}
    assert reply.json()["data"]["user"]["preferences"] == kept


@pytest.mark.parametrize(
    "preferences",
    [
        {"themes": "dark"},
        {"": 1},
        {"theme": ["dark"]},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "europe/zurich"},
        {"time_zone": 1},
        {"time_zone": "x" * 100_000},
        {"default_timeframe": "2h"},
        {"default_timeframe": True},
        {"quiet_hours": "22:00-07:00"},
        {"quiet_hours": {"from": "22:00"}},
        {"quiet_hours": {"from": "22:00", "to": "22:00"}},
        {"quiet_hours": {"from": "24:00", "to": "07:00"}},
        {"quiet_hours": {"from": "٢٢:٠٠", "to": "07:00"}},
        {"quiet_hours": {"from": "22:00\n", "to": "07:00"}},
        {"quiet_hours": {"from": 22, "to": 7}},
        {"quiet_hours": {"from": "22:00", "to": "07:00", "zone": "UTC"}},
        {"quiet_hours": {"from": None, "to": "07:00"}},
        {"email_notices": {"channels": "no"}},
        {"email_notices": {"channels": 0}},
        {"email_notices": {"channels": None}},
        {"email_notices": {"password_changed": False}},
        {"email_notices": [False]},
    ],
    ids=str,
)
def test_anything_else_is_refused_and_nothing_of_it_is_kept(client, preferences):
    alice = a_user("alice", preferences={"theme": "light"})
    reply = patch(client, alice, {"theme": "dark", **preferences})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    alice.refresh_from_db()
    assert alice.preferences == {"theme": "light"}


def test_null_forgets_one_and_leaves_the_others(client):
    alice = a_user("alice", preferences=ALL)
    left = patch(client, alice, {"quiet_hours": None}).json()["data"]["user"]["preferences"]
    assert left == {name: value for name, value in ALL.items() if name != "quiet_hours"}


def test_nothing_chosen_means_the_defaults():
    chosen = Preferences.of({})
    assert (chosen.theme, chosen.zone.tzname(None), chosen.quiet_hours) == ("auto", "UTC", None)
    assert chosen.wants_mail("channels")


def test_what_is_chosen_is_read_by_type():
    chosen = Preferences.of({**ALL, "gone": 1})
    assert chosen.quiet_hours == QuietHours(time(22), time(7, 30))
    assert str(chosen.zone) == "Europe/Zurich"
    assert not chosen.wants_mail("channels")


@pytest.mark.parametrize(
    ("start", "end", "quiet", "loud"),
    [
        (time(22), time(7), [time(22), time(3)], [time(7), time(21, 59)]),
        (time(12), time(13), [time(12)], [time(13)]),
    ],
)
def test_quiet_hours_may_span_midnight(start, end, quiet, loud):
    hours = QuietHours(start, end)
    assert all(map(hours.cover, quiet)) and not any(map(hours.cover, loud))


def test_a_zone_that_this_machine_no_longer_knows_is_shown_as_utc():
    assert Preferences.of({"time_zone": "Europe/Atlantis"}).zone.tzname(None) == "UTC"


# The page


def test_the_page_keeps_what_is_chosen_and_shows_it_again(client):
    alice = a_user("alice")
    client.force_login(alice)
    assert client.post("/account/preferences", PAGE)["Location"] == "/account/preferences"
    alice.refresh_from_db()
    assert alice.preferences == ALL
    page = client.get("/account/preferences").content.decode()
    for part in (
        'value="Europe/Zurich" selected',
        'value="4h" selected',
        'value="22:00"',
        'value="channels"',
    ):
        assert part in page


def test_defaults_chosen_on_the_page_are_not_kept(client):
    alice = a_user("alice", preferences=ALL)
    client.force_login(alice)
    plain = {"time_zone": "UTC", "theme": "auto", "email_notices": ["channels", "exchanges"]}
    client.post("/account/preferences", plain)
    alice.refresh_from_db()
    assert alice.preferences == {}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"quiet_until": ""}, "Write both times, or none."),
        ({"quiet_from": "7 pm"}, "Write a time of day such as 22:00."),
        ({"quiet_until": "22:00"}, "Quiet hours need two different times."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"email_notices": ["password_changed"]}, "Select a valid choice."),
    ],
)
def test_a_wrong_choice_is_said_beside_its_field(client, said, words):
    alice = a_user("alice")
    client.force_login(alice)
    assert words in client.post("/account/preferences", {**PAGE, **said}).content.decode()
    alice.refresh_from_db()
    assert alice.preferences == {}


def test_an_unusual_zone_that_came_over_the_api_stays_chosen(client):
    client.force_login(a_user("alice", preferences={"time_zone": "EST5EDT"}))
    assert 'value="EST5EDT" selected' in client.get("/account/preferences").content.decode()


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get("/account/preferences")["Location"] == "/sign-in?next=/account/preferences"


# Where they show


def test_times_are_shown_in_the_own_zone(client):
    alice = a_user("alice", preferences={"time_zone": "Asia/Tokyo"})
    alice.created_at = datetime(2026, 1, 31, 20, 0, tzinfo=UTC)
    alice.save()
    client.force_login(alice)
    page = client.get("/account/activity").content.decode()
    assert (
        " JST</time>" in page and " UTC</time>" not in page.partition("<table>")[2].partition("</table>")[0]
    )


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "UTC"),
        ("Europe/Zurich", "CET"),
        ("America/Sao_Paulo", "UTC−3"),
        ("Asia/Kathmandu", "UTC+5:45"),
    ],
)
def test_zones_are_named_as_people_write_them(zone, words):
    local = datetime(2026, 1, 31, tzinfo=UTC).astimezone(Preferences(time_zone=zone).zone)
    assert zone_text(local) == words


def test_the_overview_opens_at_the_own_timeframe(client):
    client.force_login(a_user("alice", preferences={"default_timeframe": "1d"}))
    assert 'data-timeframe="1d"' in client.get("/").content.decode()
    assert 'data-timeframe="4h"' in client.get("/?timeframe=4h").content.decode()


def test_the_theme_of_the_account_is_on_the_page(client):
    assert "data-theme=" not in client.get("/").content.decode().partition("<head>")[0]
    client.force_login(a_user("alice", preferences={"theme": "dark"}))
    assert '<html lang="en" data-theme="dark">' in client.get("/").content.decode()
