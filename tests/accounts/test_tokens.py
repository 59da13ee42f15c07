"""Tokens: what they say, and that a refresh token works once."""

import threading
import uuid
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.db import connection

from accounts import events
from accounts.models import RefreshToken, Session
from accounts.selectors.sessions import live_session
from accounts.services.sessions import end_sessions_of
from accounts.services.tokens import ACCESS, REFRESH, read, rotate
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn
from tests.make.accounts import a_user, tokens_for

NOW = wall_now()


def forged(token: str, key: str = settings.JWT_SIGNING_KEY, algorithm: str = "HS256", **changes) -> str:
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm)


@pytest.mark.django_db
def test_an_access_token_names_issuer_audience_type_session_and_user():
    alice = a_user()
    claims = jwt.decode(tokens_for(alice).access, options={"verify_signature": False})
    assert claims["iss"] == "khalsi"
    assert claims["aud"] == "khalsi-api"
    assert claims["type"] == "access"
    assert claims["sub"] == str(alice.id)
    assert claims["sid"] == str(alice.sessions.get().id)
    assert claims["exp"] - claims["iat"] == 600
    assert uuid.UUID(claims["jti"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"key": "another key that is as long as it should be"},
        {"key": "", "algorithm": "none"},
        {"algorithm": "HS512"},
        {"iss": "somebody"},
        {"aud": "another-api"},
        {"type": "refresh"},
        {"exp": 1_700_000_000},
        {"iat": 4_000_000_000},
        {"sid": 7},
        {"sub": None},
        {"aud": None},
        {"exp": None},
    ],
)
def test_a_token_that_differs_in_any_promise_is_refused(changes):
    token = tokens_for(a_user()).access
    with pytest.raises(NotSignedIn):
        read(forged(token, **changes), ACCESS)


@pytest.mark.parametrize("text", ["", "a.b.c", "\ud800", "." * 60, "é.é." + "é" * 43, "[" * 5000])
def test_text_that_is_no_token_is_refused(text):
    with pytest.raises(NotSignedIn):
        read(text, ACCESS)


@pytest.mark.django_db
def test_tokens_are_not_shown_in_a_repr():
    tokens = tokens_for(a_user())
    assert tokens.access not in repr(tokens)
    assert tokens.refresh not in repr(tokens)


@pytest.mark.django_db
def test_an_access_token_does_not_refresh():
    with pytest.raises(NotSignedIn):
        rotate(refresh=tokens_for(a_user()).access, now=NOW)


@pytest.mark.django_db
def test_refreshing_gives_new_tokens_of_the_same_session():
    alice = a_user()
    old = tokens_for(alice)
    new = rotate(refresh=old.refresh, now=wall_now())
    assert new.refresh != old.refresh
    assert read(new.access, ACCESS).session_id == read(old.access, ACCESS).session_id


@pytest.mark.django_db
def test_a_repeat_within_twenty_seconds_gets_the_same_successor():
    old = tokens_for(a_user(), now=NOW)
    new = rotate(refresh=old.refresh, now=NOW)
    again = rotate(refresh=old.refresh, now=NOW + timedelta(seconds=20))
    assert again.refresh == new.refresh


@pytest.mark.django_db
def test_a_later_repeat_ends_the_family():
    alice = a_user()
    old = tokens_for(alice, now=NOW)
    new = rotate(refresh=old.refresh, now=NOW)
    with pytest.raises(NotSignedIn):
        rotate(refresh=old.refresh, now=NOW + timedelta(seconds=21))
    with pytest.raises(NotSignedIn):
        rotate(refresh=new.refresh, now=NOW + timedelta(seconds=22))
    assert alice.sessions.get().ended_because == "refresh token repeated"


@pytest.mark.django_db
def test_a_quick_repeat_ends_the_family_once_the_successor_was_used():
    old = tokens_for(a_user(), now=NOW)
    new = rotate(refresh=old.refresh, now=NOW)
    newest = rotate(refresh=new.refresh, now=NOW)
    with pytest.raises(NotSignedIn):
        rotate(refresh=old.refresh, now=NOW + timedelta(seconds=1))
    with pytest.raises(NotSignedIn):
        rotate(refresh=newest.refresh, now=NOW + timedelta(seconds=1))


@pytest.mark.django_db
def test_a_repeat_leaves_other_sessions_of_the_user_alone():
    alice = a_user()
    phone, laptop = tokens_for(alice, now=NOW), tokens_for(alice, now=NOW)
    rotate(refresh=phone.refresh, now=NOW)
    with pytest.raises(NotSignedIn):
        rotate(refresh=phone.refresh, now=NOW + timedelta(minutes=1))
    assert rotate(refresh=laptop.refresh, now=NOW)


@pytest.mark.django_db
def test_a_session_nobody_used_for_its_lifetime_is_over():
    old = tokens_for(a_user(), now=NOW - timedelta(days=31))
    with pytest.raises(NotSignedIn):
        rotate(refresh=old.refresh, now=NOW)


@pytest.mark.django_db
def test_a_disabled_user_does_not_refresh():
    alice = a_user()
    tokens = tokens_for(alice, now=NOW)
    alice.is_active = False
    alice.save()
    with pytest.raises(NotSignedIn):
        rotate(refresh=tokens.refresh, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_ending_sessions_is_announced_once_each():
    alice = a_user()
    tokens_for(alice), tokens_for(alice)
    heard = []

    def listen(session_id, **about):
        heard.append(session_id)

    events.session_ended.connect(listen)
    try:
        assert end_sessions_of(user_id=alice.id, because="test", now=NOW) == 2
        assert end_sessions_of(user_id=alice.id, because="test", now=NOW) == 0
    finally:
        events.session_ended.disconnect(listen)
    assert len(set(heard)) == len(heard) == 2


@pytest.mark.django_db
def test_a_session_counts_for_its_owner_only():
    alice, bob = a_user("alice"), a_user("bob")
    tokens_for(alice)
    assert live_session(session_id=alice.sessions.get().id, user_id=bob.id, now=NOW) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_twenty_simultaneous_uses_make_one_successor(round_):
    old = tokens_for(a_user(), now=NOW)
    gate, answers = threading.Barrier(20), []

    def use() -> None:
        gate.wait()
        try:
            answers.append(rotate(refresh=old.refresh, now=NOW).refresh)
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert len(set(answers)) == 1
    assert RefreshToken.objects.count() == 2
    assert RefreshToken.objects.filter(used_at=None).get().id == read(answers[0], REFRESH).id
    assert Session.objects.get().ended_at is None
