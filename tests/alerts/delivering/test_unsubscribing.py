"""Mail of alerts can be ended by one click, without signing in."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import AuditEntry, Mail
from accounts.services.mail import message_of
from alerts.models import InboxItem
from alerts.services.delivering import deliver_due
from alerts.services.switching import switch_off
from alerts.services.unsubscribing import unsubscribe_link
from core.lib.clock import wall_now
from tests.make.accounts import a_user
from tests.make.alerts import an_event
from tests.make.channels import a_channel, an_alert_on, owed

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(settings):
    settings.SITE_URL = "https://khalsi.example"
    return a_channel(a_user("alice"), "email", "alice@example.com")


@pytest.fixture
def stranger():
    """Without a cookie, and refused where a form must come from our own pages."""
    return Client(enforce_csrf_checks=True)


def link_in(header):
    where = urlsplit(re.fullmatch(r"<(.+)>", header)[1])
    return f"{where.path}?{where.query}"


def test_a_mail_says_how_to_end_it_with_one_click(post, mailoutbox, stranger):
    owed(an_event(an_alert_on(post), wall_now()))
    deliver_due(post.id)
    (mail,) = mailoutbox
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = link_in(mail.extra_headers["List-Unsubscribe"])
    assert link in mail.body and link in mail.alternatives[0][0]
    reply = stranger.post(
        link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    post.refresh_from_db()
    assert (reply.status_code, post.state) == (200, "off")


def test_one_click_is_promised_over_https_alone(post, mailoutbox, settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    owed(an_event(an_alert_on(post), wall_now()))
    deliver_due(post.id)
    headers = mailoutbox[0].extra_headers
    assert "List-Unsubscribe" in headers and "List-Unsubscribe-Post" not in headers


def test_a_link_that_is_only_opened_changes_nothing(post, stranger):
    page = stranger.get(unsubscribe_link(post))
    assert "Send no more mail" in page.text and "no-store" in page["Cache-Control"]
    post.refresh_from_db()
    assert post.state == "active"


def test_who_ends_it_finds_a_notice_and_gets_no_mail_about_it(post, stranger):
    for _ in range(2):
        assert "no alert goes to" in stranger.post(unsubscribe_link(post)).text
    assert "Somebody followed the link" in InboxItem.objects.get(owner=post.owner).notice
    assert not Mail.objects.exists()


def test_who_ends_it_is_told_once_in_the_log_as_nobody_who_is_known(post, stranger):
    for _ in range(2):
        stranger.post(unsubscribe_link(post), REMOTE_ADDR="203.0.113.7")
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.account_id, entry.actor_id) == ("channel_ended", post.owner_id, None)
    assert (entry.object_id, entry.address) == (str(post.id), "203.0.113.7")


def test_a_link_that_was_changed_or_made_for_something_else_is_nothing(post, stranger):
    link = unsubscribe_link(post)
    other = a_channel(post.owner, "email", "other@example.com")
    for wrong in (link[:-2], link.replace(post.id.hex, other.id.hex), "/alerts/unsubscribe", f"{link}%00"):
        assert stranger.post(wrong).status_code == 404
    post.refresh_from_db()
    assert post.state == "active"


def test_channels_that_are_no_mail_have_no_such_link(post):
    assert unsubscribe_link(a_channel(post.owner)) == ""


def test_the_mail_about_a_channel_that_failed_says_what_to_do_about_it(post):
    switch_off(post.id, because="The mail server answered 550 to this address.", now=wall_now())
    letter = message_of(Mail.objects.get(kind="channel_off"), wall_now())
    for text in (letter.body, letter.alternatives[0][0]):
        assert "The mail server answered 550" in text and "/alerts/channels" in text
        assert "password" not in text
