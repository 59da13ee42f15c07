"""An account goes with everything that hangs on it, or not at all; the log alone stays."""

import re

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts import events
from accounts.models import AuditEntry, Mail, Session, User
from accounts.services.administration import By
from accounts.services.api_keys import make_api_key
from accounts.services.audit import NOWHERE, Origin
from accounts.services.deletion import delete_by_staff, delete_own_account
from accounts.services.mail import Kind, owe, send
from core.lib.errors import BadInput, Conflict
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for
from tests.make.full_account import NOW, a_full_account

pytestmark = pytest.mark.django_db


def rows_of(user: User) -> dict[str, int]:
    """In every table of ours, whatever its column of users is called, but the log."""
    counts = {}
    for model in apps.get_models():
        columns = [
            field.name
            for field in model._meta.fields
            if field.related_model is User or field.name in {"user_id", "owner"}
        ]
        for column in columns:
            counts[f"{model._meta.label}.{column}"] = model._default_manager.filter(
                **{column: user.id}
            ).count()
    return {name: count for name, count in counts.items() if count}


def delete(client, user, **body):
    body = {"password": PASSWORD, **body}
    return client.delete("/api/v1/user", body, content_type="application/json", headers=bearer(user))


def test_everything_goes_and_another_users_is_untouched(client):
    alice, bob = a_full_account("alice"), a_full_account("bob")
    before, others = rows_of(alice), rows_of(bob)
    assert len(before) > 5
    assert delete(client, alice, code=alice.codes[0]).status_code == 204
    assert not User.objects.filter(id=alice.id).exists()
    assert rows_of(alice) == {}
    assert rows_of(bob) == others
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


def test_sessions_keys_and_feeds_end(client, django_capture_on_commit_callbacks):
    alice = a_user("alice")
    headers, session = bearer(alice), alice.sessions.get()
    _, key = make_api_key(user_id=alice.id, name="bot", scopes=["read"], now=NOW)
    ended = []
    listen = lambda sender, session_id, **about: ended.append(session_id)  # noqa: E731
    events.session_ended.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            delete_own_account(user_id=alice.id, password=PASSWORD, now=NOW)
    finally:
        events.session_ended.disconnect(listen)
    assert ended == [session.id]
    assert client.get("/api/v1/auth/me", headers=headers).status_code == 401
    assert client.get("/api/v1/auth/me", headers={"Authorization": f"Api-Key {key}"}).status_code == 401


def test_the_log_keeps_plain_ids_and_no_name():
    alice = a_user("alice")
    tokens_for(alice)
    delete_own_account(user_id=alice.id, password=PASSWORD, now=NOW, origin=Origin("203.0.113.7", "Phone 1"))
    told = list(AuditEntry.objects.filter(account_id=alice.id).order_by("id"))
    assert [one.action for one in told] == ["session_ended", "account_deleted"]
    assert not [one for one in told if re.search("alice", f"{one.detail}{one.object_id}")]


def test_the_owner_is_told_by_mail_though_the_account_is_gone(mailoutbox):
    alice = a_user("alice")
    owe(alice, Kind.RESET, now=NOW)
    delete_own_account(user_id=alice.id, password=PASSWORD, now=NOW)
    owed = Mail.objects.get()
    assert (owed.kind, owed.user, owed.to) == ("account_deleted", None, "alice@example.com")
    assert send(mail_id=owed.id, now=NOW) == "sent"
    (letter,) = mailoutbox
    assert (letter.to, letter.subject) == (["alice@example.com"], "Your Khalsi account is deleted")
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "body", [{"password": "not this one"}, {"password": 7}, {"password": PASSWORD, "code": []}]
)
def test_without_the_password_nothing_goes(client, body):
    alice = a_user("alice")
    assert delete(client, alice, **body).status_code == 400
    assert client.get("/api/v1/auth/me", headers=bearer(alice)).status_code == 200


@pytest.mark.parametrize("code", ["", "000000"])
def test_without_the_second_factor_nothing_goes(code):
    alice = a_full_account("alice")
    before = rows_of(alice)
    with pytest.raises(BadInput) as refused:
        delete_own_account(user_id=alice.id, password=PASSWORD, code=code, now=NOW)
    assert refused.value.details[0].field == "code"
    assert rows_of(alice) == before


def test_the_last_admin_stays():
    ada = a_user("ada", second_factor_since=None)
    with pytest.raises(Conflict):
        delete_own_account(user_id=ada.id, password=PASSWORD, now=NOW)
    a_user("eve", role="admin", is_active=False)
    with pytest.raises(Conflict):
        delete_own_account(user_id=ada.id, password=PASSWORD, now=NOW)
    a_user("grace", role="admin")
    delete_own_account(user_id=ada.id, password=PASSWORD, now=NOW)
    assert set(User.objects.values_list("username", flat=True)) == {"eve", "grace"}


def test_staff_go_like_everybody():
    sam = a_user("sam", second_factor_since=None)
    delete_own_account(user_id=sam.id, password=PASSWORD, now=NOW)
    assert not User.objects.exists()


def test_deletion_by_staff_goes_the_same_way_and_leaves_no_address_in_their_log(client):
    alice = a_full_account("alice")
    client.force_login(a_user("ada"))
    client.post(reverse("admin:accounts_user_delete", args=[alice.id]), {"post": "yes"})
    assert rows_of(alice) == {}
    assert [mail.words["detail"] for mail in Mail.objects.all()] == ["Khalsi’s staff did so."]
    assert not LogEntry.objects.filter(object_repr__contains="alice").exists()
    assert AuditEntry.objects.get(action="account_deleted").account_id == alice.id


def test_a_deletion_that_fails_half_way_does_nothing(monkeypatch):
    alice = a_user("alice")
    tokens_for(alice)
    monkeypatch.setattr("accounts.services.deletion._forget_name_in_the_staff_log", lambda user: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        delete_by_staff(user=alice, by=By(alice.id, NOW, NOWHERE))
    assert Session.objects.get().ended_at is None
    assert not AuditEntry.objects.exists() and not Mail.objects.exists()


def test_the_page_deletes_and_says_goodbye(client):
    alice = a_full_account("alice")
    client.force_login(alice)
    assert 'name="code"' in client.get("/account/data").content.decode()
    wrong = client.post("/account/data", {"password": "not this one", "code": "1"}).content.decode()
    assert "This is not your password." in wrong
    said = {"password": PASSWORD, "code": alice.codes[0]}
    page = client.post("/account/data", said, follow=True)
    assert page.redirect_chain[-1][0] == "/"
    assert "Your account is deleted." in page.content.decode()
    assert "Sign in" in page.content.decode()
    assert not User.objects.exists()
