"""Codes of the app and recovery codes: each works once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import RecoveryCode, User
from accounts.services import second_factor
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn, TooMany
from tests.accounts.second_factor.phone import NOW, enrolled, later, logged_in
from tests.make.accounts import PASSWORD, a_user

pytestmark = pytest.mark.django_db


def test_a_code_is_due_after_a_right_password_only(post):
    enrolled(a_user("alice"))
    due = post("login", {"email": "alice@example.com", "password": PASSWORD})
    assert (due.status_code, due.json()["error"]["details"][0]["field"]) == (401, "code")
    wrong = post("login", {"email": "alice@example.com", "password": "not this one", "code": "123456"})
    assert wrong.status_code == 401
    assert "details" not in wrong.json()["error"]


def test_a_code_logs_in_once(post):
    app, _ = enrolled(a_user("alice"), NOW - timedelta(minutes=2))
    body = {"email": "alice@example.com", "password": PASSWORD, "code": app.at(wall_now())}
    assert post("login", body).status_code == 200
    again = post("login", body)
    assert (again.status_code, again.json()["error"]["details"][0]["field"]) == (401, "code")


@pytest.mark.parametrize(("off", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_be_half_a_minute_apart(off, good):
    alice = a_user("alice")
    app, _ = enrolled(alice)
    at = later(10)
    assert second_factor.takes_code(alice, app.at(at + timedelta(seconds=30 * off)), at) == good


def test_a_code_before_one_that_was_used_counts_no_more():
    alice = a_user("alice")
    app, _ = enrolled(alice)
    assert second_factor.takes_code(alice, app.at(later(5)), later(5))
    assert not second_factor.takes_code(alice, app.at(later(4)), later(5))


@pytest.mark.parametrize("code", ["", "0", "٣٣٣٣٣٣", "\ud800", "12345678901", "abcdef", "1" * 5000])
def test_what_is_no_code_is_refused(code):
    alice = a_user("alice")
    enrolled(alice)
    assert not second_factor.takes_code(alice, code, later(3))


@pytest.mark.parametrize("code", [7, ["123456"], {"a": 1}, True, "x" * 33, "1\n2"])
def test_a_code_of_another_type_is_a_bad_request(post, code):
    body = {"email": "alice@example.com", "password": PASSWORD, "code": code}
    assert post("login", body).status_code == 400


def test_codes_are_not_to_be_guessed_from_many_addresses(settings):
    enrolled(a_user("alice"))
    settings.RATE_LIMIT_MAX = 100
    for _ in range(10):
        with pytest.raises(NotSignedIn):
            logged_in("000000")
    with pytest.raises(TooMany):
        logged_in("000000")


def test_recovery_codes_stand_in_once_each_and_are_stored_as_digests():
    alice = a_user("alice")
    _, codes = enrolled(alice)
    assert len(set(codes)) == 10
    assert not set(codes) & set(RecoveryCode.objects.values_list("digest", flat=True))
    assert logged_in(codes[0].upper().replace("-", " ")) == alice
    with pytest.raises(NotSignedIn):
        logged_in(codes[0])
    assert second_factor.recovery_codes_left(alice) == 9


def test_a_strangers_recovery_code_opens_nothing():
    a_user("alice"), enrolled(User.objects.get(username="alice"))
    _, codes = enrolled(a_user("bob"))
    with pytest.raises(NotSignedIn):
        logged_in(codes[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_simultaneous_uses_of_one_code_one_wins(kind):
    alice = a_user("alice")
    app, codes = enrolled(alice)
    code = app.at(later(4)) if kind == "app" else codes[0]
    gate, wins = threading.Barrier(8), []

    def use() -> None:
        gate.wait()
        try:
            wins.append(second_factor.takes_code(alice, code, later(4)))
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == [False] * 7 + [True]
