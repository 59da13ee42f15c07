"""Mail to users: owed with what it tells of, sent once, swept up, and safe to read."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts import tasks
from accounts.models import Mail
from accounts.services import mail
from accounts.services.audit import Origin
from accounts.services.mail import LETTERS, Kind, message_of, owe, send, still_owed
from accounts.services.tokens import rotate
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn
from core.net.outbox import OutboxBackend, kept_messages
from tests.make.accounts import a_user, tokens_for

pytestmark = pytest.mark.django_db
NOW = wall_now()
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def owed():
    owe(a_user("alice"), Kind.PASSWORD_CHANGED, now=NOW, origin=Origin("203.0.113.7", "<b>Phone</b>"))
    return Mail.objects.get()


def test_mail_is_sent_once(owed, mailoutbox):
    assert send(mail_id=owed.id, now=NOW) == "sent"
    assert send(mail_id=owed.id, now=NOW) == "not owed"
    [message] = mailoutbox
    assert (message.to, message.subject) == (["alice@example.com"], "Your Khalsi password was changed")
    assert not Mail.objects.exists()


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_mail_has_a_text_and_a_page(kind, settings):
    settings.SITE_URL = "https://khalsi.example"
    owe(a_user("alice"), kind, now=NOW, detail="what it was", origin=Origin("203.0.113.7"))
    message = message_of(Mail.objects.get(), NOW)
    [(page, content_type)] = message.alternatives
    assert content_type == "text/html"
    for text in (message.body, page):
        assert "https://khalsi.example" in text
        assert "{{" not in text and "{%" not in text
    assert message.subject == LETTERS[kind].subject and message.subject in page


def test_what_a_client_calls_itself_is_escaped_in_the_page_alone(owed):
    message = message_of(owed, NOW)
    assert "<b>Phone</b>" in message.body
    assert "&lt;b&gt;Phone" in message.alternatives[0][0]


def test_mail_to_nobody_is_dropped_unsent(mailoutbox):
    owe(None, Kind.PASSWORD_CHANGED, now=NOW)
    assert send(mail_id=Mail.objects.get().id, now=NOW) == "owed to nobody"
    assert not mailoutbox and not Mail.objects.exists()


def test_mail_that_somebody_is_sending_is_left_alone_until_he_must_be_dead(owed, mailoutbox):
    Mail.objects.update(claimed_at=NOW)
    assert send(mail_id=owed.id, now=NOW + timedelta(seconds=299)) == "not owed"
    assert send(mail_id=owed.id, now=NOW + timedelta(seconds=301)) == "sent"
    assert len(mailoutbox) == 1


def test_mail_that_could_not_be_sent_is_owed_still(owed, monkeypatch, mailoutbox):
    def away(self):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(django_mail.EmailMessage, "send", away)
        with pytest.raises(ConnectionRefusedError):
            send(mail_id=owed.id, now=NOW)
    assert Mail.objects.get().claimed_at is None
    assert send(mail_id=owed.id, now=NOW) == "sent"


def test_the_sweep_finds_what_a_lost_message_left_behind(owed):
    assert still_owed(NOW + timedelta(minutes=4)) == []
    assert still_owed(NOW + timedelta(minutes=6)) == [owed.id]
    assert still_owed(NOW + timedelta(days=2)) == []
    assert not Mail.objects.exists()


def test_the_sweep_hands_each_to_a_worker(owed, monkeypatch):
    handed = []
    Mail.objects.update(created_at=NOW - timedelta(hours=1))
    monkeypatch.setattr(tasks.send_mail, "delay", handed.append)
    tasks.sweep_mail()
    assert handed == [str(owed.id)]


def test_mail_goes_to_a_worker_after_commit(monkeypatch, django_capture_on_commit_callbacks):
    handed = []
    monkeypatch.setattr(tasks.send_mail, "delay", handed.append)
    with django_capture_on_commit_callbacks(execute=True):
        owe(a_user("alice"), Kind.PASSWORD_CHANGED, now=NOW)
        assert handed == []
    assert handed == [str(Mail.objects.get().id)]


def test_a_worker_sends_it(owed, mailoutbox):
    tasks.send_mail(str(owed.id))
    assert len(mailoutbox) == 1


# Who is told of what


def mails_to(user) -> list[tuple[str, str]]:
    return [(one.kind, one.to) for one in Mail.objects.filter(user=user).order_by("created_at")]


def test_the_owner_is_told_of_a_token_that_was_used_twice():
    alice = a_user("alice")
    tokens = tokens_for(alice, now=NOW)
    rotate(refresh=tokens.refresh, now=NOW)
    with pytest.raises(NotSignedIn):
        rotate(refresh=tokens.refresh, now=NOW + timedelta(minutes=1))
    assert mails_to(alice) == [("session_theft", "alice@example.com")]


def test_the_owner_is_told_of_what_staff_change_at_the_old_address(client):
    bob = a_user("bob")
    client.force_login(a_user("ada"))
    form = {
        "email": "robert@example.com",
        "username": "bob",
        "role": "user",
        "plan": "free",
        "is_active": "on",
    }
    client.post(reverse("admin:accounts_user_change", args=[bob.id]), form)
    assert mails_to(bob) == [("account_changed", "bob@example.com")]


def test_the_owner_is_told_of_a_password_that_staff_set(client):
    bob = a_user("bob")
    client.force_login(a_user("ada"))
    new = "quiet rivers bend twice"
    form = {"password1": new, "password2": new, "usable_password": "true", "set-password": "1"}
    client.post(reverse("admin:auth_user_password_change", args=[bob.id]), form)
    assert mails_to(bob) == [("password_changed", "bob@example.com")]


# The outbox of a developer


@pytest.fixture
def outbox(settings, tmp_path):
    settings.OUTBOX, settings.DEBUG = tmp_path / "outbox", True
    settings.EMAIL_BACKEND = "core.net.outbox.OutboxBackend"
    return settings.OUTBOX


def test_without_a_server_mail_is_kept_and_said(outbox, owed, capsys):
    send(mail_id=owed.id, now=NOW)
    [message] = kept_messages()
    assert (message.to, message.subject) == ("alice@example.com", "Your Khalsi password was changed")
    assert "203.0.113.7" in message.text
    assert "Mail to alice@example.com: Your Khalsi password was changed" in capsys.readouterr().out
    [file] = outbox.iterdir()
    assert (file.stat().st_mode & 0o777, outbox.stat().st_mode & 0o777) == (0o600, 0o700)


def test_with_debug_off_nothing_is_said(outbox, owed, settings, capsys):
    settings.DEBUG = False
    send(mail_id=owed.id, now=NOW)
    assert len(kept_messages()) == 1
    assert capsys.readouterr().out == ""


def test_the_outbox_keeps_the_newest(outbox, monkeypatch):
    monkeypatch.setattr("core.net.outbox.MOST_KEPT", 3)
    for number in range(5):
        OutboxBackend().send_messages([EmailMessage(f"n{number}", "Hello", to=["a@example.com"])])
    assert [message.subject for message in kept_messages()] == ["n4", "n3", "n2"]


def test_a_developer_reads_the_outbox_on_a_page(client, outbox, owed):
    assert "No mail yet" in client.get("/outbox").content.decode()
    send(mail_id=owed.id, now=NOW)
    page = client.get("/outbox").content.decode()
    assert "Your Khalsi password was changed" in page
    assert f'<a href="{mail.settings.SITE_URL}/forgot-password"' in page
    assert "<b>Phone" not in page


def test_nobody_else_reads_it(client, settings):
    settings.DEBUG = False
    assert client.get("/outbox").status_code == 404


# Settings


def started_with(tmp_path, **environment) -> str:
    clean = {**os.environ, "DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "khalsi.settings"}
    show = "from khalsi import settings as s; print(s.EMAIL_BACKEND, getattr(s, 'EMAIL_HOST', ''),"
    show += " getattr(s, 'EMAIL_PORT', ''), getattr(s, 'EMAIL_USE_TLS', ''), getattr(s, 'EMAIL_HOST_PASSWORD', ''))"
    done = subprocess.run(
        [sys.executable, "-c", show],
        env={**clean, "SOURCE": "sandbox", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_a_server_is_named_by_one_address(tmp_path):
    said = started_with(tmp_path, EMAIL_URL="smtp+tls://me:s%40fe@mail.example:587")
    assert said == "django.core.mail.backends.smtp.EmailBackend mail.example 587 True s@fe"


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_an_address_of_no_server_is_refused(tmp_path, url):
    assert "EMAIL_URL: write smtp+tls://" in started_with(tmp_path, EMAIL_URL=url)


@pytest.mark.parametrize("key", ["", "too short", "a" * 60])
def test_in_production_what_is_stored_is_sealed_by_a_key_that_is_one(tmp_path, key):
    production = {"DEBUG": "false", "SECRET_KEY": "k" * 30 + "0123456789abcdefghij"}
    said = started_with(tmp_path, **production, CREDENTIALS_KEY=key)
    assert "CREDENTIALS_KEY is missing or weak: write 43 random characters" in said


def test_in_production_addresses_cannot_be_confirmed_without_a_server(tmp_path):
    production = {
        "CREDENTIALS_KEY": "k" * 30 + "0123456789abcdefghij",
        "DEBUG": "false",
        "SECRET_KEY": "k" * 30 + "0123456789abcdefghij",
        "ALLOWED_HOSTS": "a.example",
    }
    said = started_with(tmp_path, **production, REQUIRE_EMAIL_VERIFICATION="true")
    assert "EMAIL_URL: nobody could confirm an address without a mail server" in said
