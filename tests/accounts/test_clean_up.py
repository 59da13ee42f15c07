"""What counts no more is forgotten after a while; what counts, and what happened, stays."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session as BrowserSession

from accounts.models import AuditEntry, OneTimeToken, RefreshToken, SecondFactor, Session
from accounts.services import second_factor
from accounts.services.audit import Action, record
from accounts.services.browser_store import SessionStore
from accounts.services.clean_up import clean_up
from accounts.services.one_time_tokens import Purpose, issue
from accounts.services.tokens import rotate
from accounts.tasks import clean_up_accounts
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn
from core.models import JobRun
from tests.make.accounts import PASSWORD, a_user, tokens_for

pytestmark = pytest.mark.django_db
NOW = wall_now()
DAY = timedelta(days=1)


def test_sessions_go_a_month_after_their_end_and_live_ones_stay():
    alice = a_user("alice")
    for _ in range(3):
        tokens_for(alice)
    old, ended, live = Session.objects.order_by("created_at")
    Session.objects.filter(pk=old.pk).update(ended_at=NOW - 31 * DAY)
    Session.objects.filter(pk=ended.pk).update(ended_at=NOW - 29 * DAY)
    assert clean_up(NOW)["sessions"] == 1
    assert set(Session.objects.all()) == {ended, live}
    Session.objects.filter(pk=live.pk).update(expires_at=NOW - 31 * DAY)
    clean_up(NOW)
    assert set(Session.objects.all()) == {ended}


def test_a_refresh_token_that_was_forgotten_still_ends_its_family():
    first = tokens_for(a_user("alice"), now=NOW - 3 * DAY)
    newest = rotate(refresh=first.refresh, now=NOW - 2 * DAY)
    assert clean_up(NOW)["refresh_tokens"] == 1
    assert RefreshToken.objects.count() == 1
    with pytest.raises(NotSignedIn, match="used before"):
        rotate(refresh=first.refresh, now=NOW)
    with pytest.raises(NotSignedIn, match="has ended"):
        rotate(refresh=newest.refresh, now=NOW)


def test_links_that_count_no_more_go_and_a_fresh_one_stays():
    alice, bob, eve = a_user("alice"), a_user("bob"), a_user("eve")
    issue(alice, Purpose.RESET, email=alice.email, now=NOW - 2 * DAY)
    issue(bob, Purpose.RESET, email=bob.email, now=NOW)
    issue(eve, Purpose.VERIFY, email=eve.email, now=NOW - DAY / 2)
    OneTimeToken.objects.filter(user=eve).update(used_at=NOW - DAY - timedelta(seconds=1))
    assert clean_up(NOW)["links"] == 2
    assert OneTimeToken.objects.get().user_id == bob.id


def test_an_enrolment_that_nobody_confirmed_goes_and_a_second_factor_stays():
    alice, bob = a_user("alice"), a_user("bob")
    for user in (alice, bob):
        second_factor.begin(user_id=user.id, password=PASSWORD, now=NOW - 2 * DAY)
    bob.second_factor_since = NOW - 2 * DAY
    bob.save()
    assert clean_up(NOW)["enrolments"] == 1
    assert SecondFactor.objects.get().user_id == bob.id


def test_browsers_that_were_forgotten_go():
    for age in (-1, 1):
        store = SessionStore()
        store.set_expiry(NOW + age * DAY)
        store.save()
    clean_up(NOW)
    assert BrowserSession.objects.get().expire_date > NOW


def test_what_happened_is_never_forgotten():
    record(Action.LOGGED_IN, account_id=None, now=NOW - 3650 * DAY)
    clean_up(NOW)
    assert AuditEntry.objects.count() == 1


def test_many_go_in_pieces(monkeypatch):
    monkeypatch.setattr("accounts.services.clean_up._PIECE", 2)
    alice = a_user("alice")
    for _ in range(5):
        tokens_for(alice)
    Session.objects.update(ended_at=NOW - 31 * DAY)
    assert clean_up(NOW)["sessions"] == 5


def test_the_job_says_what_went():
    clean_up_accounts(slot="2026-11-21T08:00:00Z")
    clean_up_accounts(slot="2026-11-21T08:00:00Z")
    assert JobRun.objects.get().detail == "0 sessions, 0 refresh tokens, 0 links, 0 enrolments"
