"""Enrolling: it counts once a code was seen."""

from datetime import timedelta

import pyotp
import pytest

from accounts.models import AuditEntry, Mail, SecondFactor
from accounts.services import second_factor
from core.lib.errors import BadInput, Conflict
from tests.accounts.second_factor.phone import NOW, enrolled, logged_in
from tests.make.accounts import PASSWORD, a_user, tokens_for

pytestmark = pytest.mark.django_db


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
