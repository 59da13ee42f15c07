"""New passwords, with the old one or by a link."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from accounts.models import AuditEntry, Mail, OneTimeToken, User
from accounts.services.mail import message_of
from accounts.services.one_time_tokens import Purpose, issue
from accounts.services.passwords import ask_reset, reset_password
from core.lib.clock import wall_now
from core.lib.errors import BadInput
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for

AUTH = "/api/v1/auth"
NEW = "quiet rivers bend twice"
NOW = wall_now()


@pytest.fixture
def post(client):
    def send_to(call, body, **options):
        return client.post(f"{AUTH}/{call}", body, content_type="application/json", **options)

    return send_to


def reset_token(user, now=NOW) -> str:
    return issue(user, Purpose.RESET, email=user.email, now=now)


pytestmark = pytest.mark.django_db


def test_a_forgotten_password_is_chosen_anew_by_mail(post):
    alice = a_user("alice")
    tokens_for(alice)
    assert post("password/forgot", {"email": "alice@example.com"}).status_code == 204
    token = re.search(r"/reset-password\?token=([\w-]+)", message_of(Mail.objects.get(), wall_now()).body)[1]
    assert post("password/reset", {"token": token, "password": NEW}).status_code == 204
    assert post("login", {"email": alice.email, "password": NEW}).status_code == 200
    assert post("login", {"email": alice.email, "password": PASSWORD}).status_code == 401
    assert alice.sessions.order_by("created_at")[0].ended_because == "password changed"


def test_the_owner_is_told_and_it_is_written_down():
    alice = a_user("alice", email_verified=False)
    reset_password(token=reset_token(alice), password=NEW, now=NOW)
    assert [mail.kind for mail in Mail.objects.all()] == ["password_changed"]
    assert AuditEntry.objects.get().action == "password_changed"
    alice.refresh_from_db()
    assert alice.email_verified, "whoever read the mail has the address"


def test_a_link_works_once_and_for_an_hour():
    alice = a_user("alice")
    late = reset_token(alice, NOW - timedelta(hours=1))
    with pytest.raises(BadInput):
        reset_password(token=late, password=NEW, now=NOW)
    token = reset_token(alice)
    reset_password(token=token, password=NEW, now=NOW)
    with pytest.raises(BadInput):
        reset_password(token=token, password=PASSWORD, now=NOW)


def test_a_weak_password_leaves_the_link_good():
    alice = a_user("alice")
    token = reset_token(alice)
    with pytest.raises(BadInput) as refusal:
        reset_password(token=token, password="short", now=NOW)
    assert refusal.value.details[0].field == "password"
    reset_password(token=token, password=NEW, now=NOW)


def test_a_link_for_an_address_sets_no_password():
    alice = a_user("alice")
    with pytest.raises(BadInput):
        reset_password(token=issue(alice, Purpose.VERIFY, email=alice.email, now=NOW), password=NEW, now=NOW)


def test_a_disabled_account_gets_no_link():
    a_user("alice", is_active=False)
    ask_reset(email="alice@example.com", now=NOW)
    assert Mail.objects.get().user is None


def test_changing_it_needs_the_current_one_and_ends_the_other_sessions(client, post):
    alice = a_user("alice")
    here, there = bearer(alice), bearer(alice)
    body = {"current_password": "not this one", "password": NEW}
    refused = post("password/change", body, headers=here)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"][0]["field"] == "current_password"
    assert post("password/change", {**body, "current_password": PASSWORD}, headers=here).status_code == 204
    assert client.get(f"{AUTH}/me", headers=here).status_code == 200
    assert client.get(f"{AUTH}/me", headers=there).status_code == 401
    assert User.objects.get().check_password(NEW)


def test_a_change_voids_the_links_that_were_sent(post):
    alice = a_user("alice")
    reset_token(alice)
    post("password/change", {"current_password": PASSWORD, "password": NEW}, headers=bearer(alice))
    assert not OneTimeToken.objects.exists()


def test_it_is_not_to_be_guessed_from_inside(post, settings):
    settings.RATE_LIMIT_MAX = 1000
    headers = bearer(a_user("alice"))
    wrong = {"current_password": "not this one", "password": NEW}
    replies = [post("password/change", wrong, headers=headers).status_code for _ in range(11)]
    assert replies == [400] * 10 + [429]


def test_a_stranger_changes_nothing(post):
    assert post("password/change", {"current_password": PASSWORD, "password": NEW}).status_code == 401


@pytest.mark.parametrize("password", ["short", "alice@example.com", "password1234", 7, None, "x" * 129])
def test_a_weak_one_is_refused_wherever_it_is_set(post, password):
    alice = a_user("alice")
    for call, body in (
        ("password/change", {"current_password": PASSWORD}),
        ("password/reset", {"token": reset_token(alice, wall_now())}),
    ):
        reply = post(call, {**body, "password": password}, headers=bearer(alice))
        assert reply.status_code == 400, call
        assert {one["field"] for one in reply.json()["error"]["details"]} == {"password"}


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_uses_of_one_link_one_wins():
    alice = a_user("alice")
    token, gate, done = reset_token(alice), threading.Barrier(8), []

    def use(number: int) -> None:
        gate.wait()
        try:
            reset_password(token=token, password=f"{NEW} {number}", now=NOW)
            done.append(number)
        except BadInput:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert User.objects.get().check_password(f"{NEW} {done[0]}")


# Pages


def test_a_password_is_chosen_anew_on_the_page_of_the_link(client):
    alice = a_user("alice")
    token = reset_token(alice, wall_now())
    assert f'value="{token}"' in client.get("/reset-password", {"token": token}).content.decode()
    weak = client.post("/reset-password", {"token": token, "password": "short"}).content.decode()
    assert "at least 8" in weak
    assert client.post("/reset-password", {"token": token, "password": NEW})["Location"] == "/sign-in"
    assert client.post("/sign-in", {"email": alice.email, "password": NEW})["Location"] == "/"


def test_the_browser_that_changes_it_stays_signed_in_and_others_do_not(client):
    alice = a_user("alice")
    client.force_login(alice)
    other = Client()
    other.force_login(alice)
    page = client.post("/account/password", {"current_password": "wrong one", "password": NEW})
    assert "This is not your password." in page.content.decode()
    client.post("/account/password", {"current_password": PASSWORD, "password": NEW})
    assert client.get("/account/password").status_code == 200
    assert other.get("/account/password").status_code == 302


@pytest.mark.parametrize("path", ["/account/password", "/account/email"])
def test_a_visitor_is_asked_to_sign_in(client, path):
    assert client.get(path)["Location"] == f"/sign-in?next={path}"


@pytest.mark.parametrize(
    "path",
    ["/account/password", "/account/email", "/reset-password", "/forgot-password", "/verify-email"],
)
def test_a_form_of_another_site_is_refused(path):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(a_user("alice"))
    assert strict.post(path, {}).status_code == 403
