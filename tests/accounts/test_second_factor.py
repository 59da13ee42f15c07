"""The second factor: enrolling, codes that work once, recovery codes, staff, and the way back."""

import threading
from datetime import timedelta

import pyotp
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from accounts.models import AuditEntry, Mail, RecoveryCode, SecondFactor, User
from accounts.services import second_factor
from accounts.services.login import recognise
from core.lib.clock import wall_now
from core.lib.errors import BadInput, Conflict, NotAllowed, NotSignedIn, TooMany
from core.lib.sealing import CannotOpen, key_id, opened, seal
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
NOW = wall_now()


def enrolled(user: User, at=NOW) -> tuple[pyotp.TOTP, list[str]]:
    """The app on the phone, and the recovery codes. The code of `at` is used up."""
    app = pyotp.TOTP(second_factor.begin(user_id=user.id, password=PASSWORD, now=at).secret)
    codes = second_factor.confirm(user_id=user.id, code=app.at(at), now=at)
    user.refresh_from_db()
    return app, codes


def logged_in(code: str, at=NOW, email: str = "alice@example.com") -> User:
    return recognise(email=email, password=PASSWORD, code=code, now=at)


def later(steps: int):
    return NOW + timedelta(seconds=30 * steps)


@pytest.fixture
def post(client):
    def send_to(call, body, **options):
        return client.post(f"{AUTH}/{call}", body, content_type="application/json", **options)

    return send_to


# Sealed secrets


def test_a_sealed_secret_opens_where_it_belongs_and_nowhere_else():
    sealed = seal("JBSWY3DP", purpose="p", belongs_to="row 1")
    assert "JBSWY3DP" not in sealed
    assert opened(sealed, purpose="p", belongs_to="row 1") == "JBSWY3DP"
    for purpose, row in (("p", "row 2"), ("q", "row 1")):
        with pytest.raises(CannotOpen):
            opened(sealed, purpose=purpose, belongs_to=row)


def test_the_same_secret_is_sealed_differently_each_time():
    assert len({seal("x", purpose="p", belongs_to="r") for _ in range(5)}) == 5


def test_a_key_that_was_replaced_still_opens_and_a_foreign_one_does_not(settings):
    old, new = "o" * 43, "n" * 43
    settings.CREDENTIALS_KEYS = [old]
    sealed = seal("x", purpose="p", belongs_to="r")
    settings.CREDENTIALS_KEYS = [new, old]
    assert opened(sealed, purpose="p", belongs_to="r") == "x"
    assert seal("x", purpose="p", belongs_to="r").startswith(key_id(new))
    settings.CREDENTIALS_KEYS = [new]
    with pytest.raises(CannotOpen):
        opened(sealed, purpose="p", belongs_to="r")


def test_a_stored_secret_is_sealed_and_does_not_open_in_another_users_row():
    alice, bob = a_user("alice"), a_user("bob")
    app, _ = enrolled(alice)
    row = SecondFactor.objects.get()
    assert app.secret not in row.sealed_secret
    SecondFactor.objects.create(user=bob, sealed_secret=row.sealed_secret, begun_at=NOW)
    with pytest.raises(CannotOpen):
        second_factor.begun(bob, NOW)


# Switching it on


def test_enrolling_needs_the_password():
    alice = a_user("alice")
    with pytest.raises(BadInput):
        second_factor.begin(user_id=alice.id, password="not this one", now=NOW)
    assert not SecondFactor.objects.exists()


def test_it_counts_only_once_a_code_was_seen():
    alice = a_user("alice")
    second_factor.begin(user_id=alice.id, password=PASSWORD, now=NOW)
    with pytest.raises(BadInput):
        second_factor.confirm(user_id=alice.id, code="000000", now=NOW)
    assert logged_in("") == alice


def test_confirming_ends_the_other_sessions_and_tells_the_owner():
    alice = a_user("alice")
    tokens_for(alice), tokens_for(alice)
    keep = alice.sessions.first()
    app = pyotp.TOTP(second_factor.begin(user_id=alice.id, password=PASSWORD, now=NOW).secret)
    second_factor.confirm(user_id=alice.id, code=app.at(NOW), now=NOW, keep=keep.id)
    assert list(alice.sessions.filter(ended_at=None)) == [keep]
    assert [mail.kind for mail in Mail.objects.all()] == ["second_factor_on"]
    assert "second_factor_on" in AuditEntry.objects.values_list("action", flat=True)


def test_an_enrolment_that_nobody_confirms_lapses():
    alice = a_user("alice")
    app = pyotp.TOTP(second_factor.begin(user_id=alice.id, password=PASSWORD, now=NOW).secret)
    late = NOW + timedelta(minutes=15)
    with pytest.raises(Conflict):
        second_factor.confirm(user_id=alice.id, code=app.at(late), now=late)


def test_whoever_has_one_begins_no_other():
    alice = a_user("alice")
    enrolled(alice)
    with pytest.raises(Conflict):
        second_factor.begin(user_id=alice.id, password=PASSWORD, now=NOW)


def test_a_secret_is_not_shown_in_a_repr():
    alice = a_user("alice")
    enrolment = second_factor.begin(user_id=alice.id, password=PASSWORD, now=NOW)
    assert enrolment.secret not in repr(enrolment)
    assert enrolment.otpauth_uri.startswith("otpauth://totp/Khalsi:alice%40example.com?secret=")


# Codes


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


# Switching it off


def test_switching_it_off_needs_password_and_code():
    alice = a_user("alice")
    app, _ = enrolled(alice)
    for password, code in (("not this one", app.at(later(3))), (PASSWORD, "000000")):
        with pytest.raises(BadInput):
            second_factor.disable(user_id=alice.id, password=password, code=code, now=later(3))
    second_factor.disable(user_id=alice.id, password=PASSWORD, code=app.at(later(3)), now=later(3))
    assert logged_in("") == alice
    assert not SecondFactor.objects.exists() and not RecoveryCode.objects.exists()
    assert "second_factor_off" in [mail.kind for mail in Mail.objects.all()]


def test_staff_keep_theirs():
    sam = a_user("sam", second_factor_since=None)
    app, _ = enrolled(sam)
    with pytest.raises(NotAllowed):
        second_factor.disable(user_id=sam.id, password=PASSWORD, code=app.at(later(3)), now=later(3))


def test_the_calls_take_one_from_off_to_on_to_off(post):
    headers = bearer(a_user("alice"))
    data = post("totp/enable", {"password": PASSWORD}, headers=headers).json()["data"]
    assert set(data) == {"secret", "otpauth_uri"}
    app = pyotp.TOTP(data["secret"])
    code = app.at(wall_now() - timedelta(seconds=30))
    confirmed = post("totp/confirm", {"code": code}, headers=headers)
    assert len(confirmed.json()["data"]["recovery_codes"]) == 10
    assert confirmed["Cache-Control"] == "no-store"
    body = {"password": PASSWORD, "code": app.at(wall_now())}
    assert post("totp/disable", body, headers=headers).status_code == 204
    assert post("totp/confirm", {"code": code}, headers=headers).status_code == 409


@pytest.mark.parametrize("call", ["enable", "confirm", "disable"])
def test_a_stranger_switches_nothing(post, call):
    assert post(f"totp/{call}", {"password": PASSWORD, "code": "1"}).status_code == 401


# The site


def test_the_pages_take_one_from_off_to_on_to_off(client):
    client.force_login(a_user("alice"))
    path = "/account/second-factor"
    assert "Set it up" in client.get(path).content.decode()
    assert "This is not your password." in client.post(path, {"password": "wrong"}).content.decode()
    client.post(path, {"password": PASSWORD})
    page = client.get(path).content.decode()
    app = pyotp.TOTP(page.partition("<code>")[2].partition("</code>")[0].replace(" ", ""))
    assert f"secret={app.secret}" in page
    assert "This code is wrong" in client.post(path, {"code": "000000"}).content.decode()
    codes = client.post(path, {"code": app.at(wall_now() - timedelta(seconds=30))}).content.decode()
    assert codes.count("<li><code>") == 10
    on = client.get(path).content.decode()
    assert "10 recovery codes left" in on and app.secret not in on
    client.post(path, {"password": PASSWORD, "code": app.at(wall_now())})
    assert "Set it up" in client.get(path).content.decode()


def test_signing_in_on_the_site_takes_the_code(client):
    app, _ = enrolled(a_user("alice"), NOW - timedelta(minutes=2))
    said = {"email": "alice@example.com", "password": PASSWORD}
    page = client.post("/sign-in", said).content.decode()
    assert page.count("Write the six digits of your app") == 1
    assert client.post("/sign-in", {**said, "code": app.at(wall_now())})["Location"] == "/"


def test_staff_are_led_to_setting_it_up_before_they_enter(client):
    client.force_login(a_user("sam", second_factor_since=None))
    reply = client.get(reverse("admin:index"), follow=True)
    assert reply.redirect_chain[-1][0] == "/account/second-factor"
    assert "Staff need a second factor" in reply.content.decode()


def test_staff_with_one_enter(client):
    sam = a_user("sam", second_factor_since=None)
    enrolled(sam)
    client.force_login(sam)
    assert client.get(reverse("admin:index")).status_code == 200


def test_an_admin_resets_it_with_a_reason(client):
    bob, ada = a_user("bob"), a_user("ada")
    enrolled(bob)
    tokens_for(bob)
    client.force_login(ada)
    form = {"action": "reset_second_factor", "_selected_action": [str(bob.id)]}
    page = client.post(reverse("admin:accounts_user_changelist"), form).content.decode()
    assert "Reason, for the audit log" in page
    assert SecondFactor.objects.exists()
    client.post(reverse("admin:accounts_user_changelist"), {**form, "reason": "phone lost, seen in person"})
    bob.refresh_from_db()
    assert bob.second_factor_since is None and not SecondFactor.objects.exists()
    assert not bob.sessions.filter(ended_at=None).exists()
    entry = AuditEntry.objects.get(account_id=bob.id, action="second_factor_off")
    assert (entry.actor_id, entry.detail) == (ada.id, "by staff: phone lost, seen in person")


def test_staff_reset_nobodys(client):
    bob = a_user("bob")
    enrolled(bob)
    client.force_login(a_user("sam"))
    form = {"action": "reset_second_factor", "_selected_action": [str(bob.id)], "reason": "I like to"}
    client.post(reverse("admin:accounts_user_changelist"), form)
    assert SecondFactor.objects.exists()


# The key


def test_a_key_that_opens_nothing_stored_stops_the_start(settings):
    enrolled(a_user("alice"))
    settings.CREDENTIALS_KEYS = ["another key that is as long as it should be"]
    with pytest.raises(CommandError, match="CREDENTIALS_KEY: what is stored was sealed with another key"):
        call_command("prepare")
