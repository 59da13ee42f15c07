"""Recognising somebody without telling who has an account."""

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.services.audit import Origin
from accounts.services.login import log_in, recognise
from core.lib.clock import wall_now
from core.lib.errors import EmailNotVerified, NotSignedIn
from tests.make.accounts import PASSWORD, a_user

pytestmark = pytest.mark.django_db

STRANGERS = {
    "unknown address": ("nobody@example.com", PASSWORD),
    "wrong password": ("alice@example.com", "not this one at all"),
    "disabled": ("dora@example.com", PASSWORD),
    "password longer than any": ("alice@example.com", "x" * 5000),
    "NUL in the address": ("alice\0@example.com", PASSWORD),
    "empty": ("", ""),
}


@pytest.fixture
def hashes(monkeypatch):
    """The slow work that was done: what the time of a log-in would show."""
    done = []
    for name in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, name, counted(getattr(Argon2PasswordHasher, name), done))
    return done


def counted(work, done):
    def work_and_count(*args):
        done.append(work)
        return work(*args)

    return work_and_count


@pytest.fixture
def people():
    return a_user("alice"), a_user("dora", is_active=False)


@pytest.mark.parametrize("who", STRANGERS)
def test_every_refusal_says_the_same(who, people):
    email, password = STRANGERS[who]
    with pytest.raises(NotSignedIn) as refusal:
        recognise(email=email, password=password, now=wall_now())
    assert refusal.value.message == "The e-mail or the password is wrong."


@pytest.mark.parametrize("who", STRANGERS)
def test_every_refusal_costs_one_hash(who, people, hashes):
    email, password = STRANGERS[who]
    with pytest.raises(NotSignedIn):
        recognise(email=email, password=password, now=wall_now())
    assert len(hashes) == 1


def test_a_right_password_is_recognised_whatever_the_case_of_the_address(people):
    assert recognise(email=" ALICE@example.com", password=PASSWORD, now=wall_now()) == people[0]


def test_a_password_is_never_trimmed(people):
    with pytest.raises(NotSignedIn):
        recognise(email="alice@example.com", password=f"{PASSWORD} ", now=wall_now())


def test_logging_in_opens_a_session_and_notes_the_time(people):
    now = wall_now()
    user, tokens = log_in(
        email="alice@example.com", password=PASSWORD, now=now, origin=Origin("203.0.113.7", "Phone 1")
    )
    user.refresh_from_db()
    assert user.last_login == now
    assert user.sessions.get().user_agent == "Phone 1"
    assert tokens.expires_in == 600


def test_an_unverified_address_is_told_after_a_right_password_only(settings):
    settings.REQUIRE_EMAIL_VERIFICATION = True
    a_user("alice", email_verified=False)
    with pytest.raises(EmailNotVerified):
        recognise(email="alice@example.com", password=PASSWORD, now=wall_now())
    with pytest.raises(NotSignedIn):
        recognise(email="alice@example.com", password="not this one at all", now=wall_now())
