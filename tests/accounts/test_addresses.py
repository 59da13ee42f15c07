"""Confirming an address and moving to another one."""

import re
from datetime import timedelta

import pytest

from accounts.models import AuditEntry, Mail, OneTimeToken, User
from accounts.services.addresses import ask_new_address, ask_verification, confirm_address
from accounts.services.mail import message_of, send
from accounts.services.one_time_tokens import Purpose, issue
from core.lib.clock import wall_now
from core.lib.errors import BadInput, Conflict
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
NOW = wall_now()


@pytest.fixture
def newcomer():
    return a_user("alice", email_verified=False)


@pytest.fixture
def post(client):
    def send_to(call, body, **options):
        return client.post(f"{AUTH}/{call}", body, content_type="application/json", **options)

    return send_to


def token_in_mail(now=NOW) -> str:
    """Of the mail that is owed, as its reader finds it."""
    return re.search(r"\?token=([\w-]+)", message_of(Mail.objects.get(), now).body)[1]


def test_a_registration_owes_a_link_that_confirms_the_address(post):
    body = {"email": "alice@example.com", "password": PASSWORD}
    assert not post("register", body).json()["data"]["user"]["email_verified"]
    assert post("verify-email", {"token": token_in_mail()}).status_code == 204
    assert User.objects.get().email_verified
    assert "email_verified" in AuditEntry.objects.values_list("action", flat=True)


def test_the_token_is_nowhere_in_the_database(newcomer):
    token = issue(newcomer, Purpose.VERIFY, email=newcomer.email, now=NOW)
    row = OneTimeToken.objects.values().get()
    assert len(token) == 43
    assert token not in str(row)


def test_a_link_works_once(newcomer):
    token = issue(newcomer, Purpose.VERIFY, email=newcomer.email, now=NOW)
    confirm_address(token=token, now=NOW)
    with pytest.raises(BadInput, match="does not count any more"):
        confirm_address(token=token, now=NOW)


def test_a_link_ends(newcomer):
    token = issue(newcomer, Purpose.VERIFY, email=newcomer.email, now=NOW)
    with pytest.raises(BadInput):
        confirm_address(token=token, now=NOW + timedelta(days=2))


def test_the_newest_link_alone_counts(newcomer):
    first, second = (issue(newcomer, Purpose.VERIFY, email=newcomer.email, now=NOW) for _ in range(2))
    with pytest.raises(BadInput):
        confirm_address(token=first, now=NOW)
    assert confirm_address(token=second, now=NOW).email_verified


def test_a_link_for_a_password_confirms_no_address(newcomer):
    with pytest.raises(BadInput):
        confirm_address(token=issue(newcomer, Purpose.RESET, email=newcomer.email, now=NOW), now=NOW)


def test_a_disabled_account_confirms_nothing(newcomer):
    token = issue(newcomer, Purpose.VERIFY, email=newcomer.email, now=NOW)
    User.objects.update(is_active=False)
    with pytest.raises(BadInput):
        confirm_address(token=token, now=NOW)


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "é" * 64, 7, None, ["a"], "a" * 200])
def test_text_that_is_no_token_is_refused(post, newcomer, token):
    reply = post("verify-email", {"token": token})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


def test_the_mail_is_sent_again_to_who_waits_for_it(newcomer):
    ask_verification(email=" ALICE@example.com", now=NOW)
    assert Mail.objects.get().user == newcomer


ODD = ["nobody@example.com", "аlice@example.com", "x" * 900, "no address"]


@pytest.mark.parametrize("call", ["resend-verification", "password/forgot"])
def test_nobody_learns_who_has_an_account(post, newcomer, call, django_assert_num_queries):
    replies = []
    for email in ["alice@example.com", *ODD]:
        with django_assert_num_queries(2):
            replies.append(post(call, {"email": email}))
    assert {(reply.status_code, reply.content) for reply in replies} == {(204, b"")}
    assert [mail.user for mail in Mail.objects.filter(user__isnull=False)] == [newcomer]


def test_whoever_is_confirmed_gets_no_mail():
    a_user("bob")
    ask_verification(email="bob@example.com", now=NOW)
    assert send(mail_id=Mail.objects.get().id, now=NOW) == "owed to nobody"


def test_a_mailbox_is_not_flooded_and_nobody_is_told(post, newcomer, settings):
    settings.RATE_LIMIT_MAX = 100
    replies = [post("resend-verification", {"email": "alice@example.com"}).status_code for _ in range(7)]
    assert replies == [204] * 7
    assert Mail.objects.filter(user=newcomer).count() == 5


def test_an_address_asks_for_a_few_mails_an_hour(post, settings):
    settings.RATE_LIMIT_MAX = 100
    replies = [post("password/forgot", {"email": f"n{n}@example.com"}).status_code for n in range(21)]
    assert replies == [204] * 20 + [429]


# Where it is required


@pytest.fixture
def required(settings):
    settings.REQUIRE_EMAIL_VERIFICATION = True


def test_until_then_tokens_reach_profile_verification_and_public_data_alone(client, post, required, newcomer):
    headers = bearer(newcomer)
    assert client.get(f"{AUTH}/me", headers=headers).status_code == 200
    assert client.get("/api/v1/market/sources", headers=headers).status_code == 200
    assert post("resend-verification", {"email": newcomer.email}, headers=headers).status_code == 204
    for reply in (
        client.get("/api/v1/jobs/1", headers=headers),
        post("password/change", {}, headers=headers),
        client.post("/api/v1/predictions/SOL/train", {}, content_type="application/json", headers=headers),
    ):
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "EMAIL_NOT_VERIFIED")
    newcomer.email_verified = True
    newcomer.save()
    assert client.get("/api/v1/jobs/1", headers=headers).status_code == 404


def test_a_log_in_tells_the_owner_alone(post, required, newcomer):
    said = [
        post("login", {"email": newcomer.email, "password": password}).json()["error"]["code"]
        for password in (PASSWORD, "not the right one")
    ]
    assert said == ["EMAIL_NOT_VERIFIED", "UNAUTHORIZED"]


def test_where_it_is_not_required_everything_is_open(client, newcomer):
    assert client.get("/api/v1/jobs/1", headers=bearer(newcomer)).status_code == 404


# Another address


def test_an_account_moves_once_the_link_to_its_new_address_is_followed():
    alice = a_user("alice")
    tokens_for(alice)
    ask_new_address(user_id=alice.id, email="New@example.com", password=PASSWORD, now=NOW)
    assert sorted(Mail.objects.values_list("kind", "to")) == [
        ("change_email", "new@example.com"),
        ("email_change_asked", "alice@example.com"),
    ]
    Mail.objects.get(kind="email_change_asked").delete()
    token = token_in_mail()
    Mail.objects.all().delete()
    confirm_address(token=token, now=NOW)
    alice.refresh_from_db()
    assert (alice.email, alice.email_verified) == ("new@example.com", True)
    assert alice.sessions.get().ended_because == "e-mail changed"
    assert {(mail.kind, mail.to) for mail in Mail.objects.all()} == {
        ("email_changed", "alice@example.com"),
        ("email_changed", "new@example.com"),
    }


def test_the_call_asks_for_another_address(post):
    alice = a_user("alice")
    body = {"email": "new@example.com", "password": PASSWORD}
    assert post("email/change", body, headers=bearer(alice)).status_code == 204
    assert Mail.objects.get(kind="change_email").user == alice
    alice.refresh_from_db()
    assert alice.email == "alice@example.com", "it does not count before the link is followed"
    assert post("email/change", body).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"email": "new@example.com"},
        {"email": "new@example.com", "password": "not this one"},
        {"email": "аlice@example.com", "password": PASSWORD},
        {"email": "new@example.com\nBcc: bob@example.com", "password": PASSWORD},
        {"email": ["new@example.com"], "password": PASSWORD},
    ],
    ids=str,
)
def test_a_call_that_makes_no_sense_changes_nothing(post, body):
    assert post("email/change", body, headers=bearer(a_user("alice"))).status_code == 400
    assert not Mail.objects.exists()


def test_a_strangers_mailbox_is_not_flooded_through_it(post, settings):
    settings.RATE_LIMIT_MAX = 100
    headers = bearer(a_user("alice"))
    body = {"email": "victim@example.com", "password": PASSWORD}
    assert [post("email/change", body, headers=headers).status_code for _ in range(7)] == [204] * 7
    assert Mail.objects.filter(kind="change_email", user__isnull=False).count() == 5


def test_moving_needs_the_password():
    alice = a_user("alice")
    with pytest.raises(BadInput) as refusal:
        ask_new_address(user_id=alice.id, email="new@example.com", password="not this one", now=NOW)
    assert refusal.value.details[0].field == "password"
    assert AuditEntry.objects.get().action == "password_refused"
    assert not Mail.objects.exists()


def test_an_address_that_is_taken_gets_no_mail_and_the_asker_is_not_told():
    alice, bob = a_user("alice"), a_user("bob")
    ask_new_address(user_id=alice.id, email=bob.email, password=PASSWORD, now=NOW)
    assert Mail.objects.get(kind="change_email").user is None


def test_an_address_that_was_taken_meanwhile_is_a_conflict_and_the_link_is_left():
    alice = a_user("alice")
    token = issue(alice, Purpose.CHANGE_EMAIL, email="bob@example.com", now=NOW)
    a_user("bob")
    with pytest.raises(Conflict):
        confirm_address(token=token, now=NOW)
    assert OneTimeToken.objects.get().used_at is None
    assert User.objects.get(id=alice.id).email == "alice@example.com"


def test_links_to_the_old_address_count_no_more():
    alice = a_user("alice")
    old = issue(alice, Purpose.RESET, email=alice.email, now=NOW)
    confirm_address(token=issue(alice, Purpose.CHANGE_EMAIL, email="new@example.com", now=NOW), now=NOW)
    assert not OneTimeToken.objects.filter(purpose=Purpose.RESET).exists(), old


def test_a_link_that_waits_in_the_queue_is_not_sent_to_the_address_that_was_left(mailoutbox):
    alice = a_user("alice", email_verified=False)
    ask_verification(email=alice.email, now=NOW)
    User.objects.update(email="new@example.com")
    assert send(mail_id=Mail.objects.get().id, now=NOW) == "overtaken"
    assert not mailoutbox


# Pages


def test_a_link_shows_a_button_that_confirms(client, newcomer):
    token = issue(newcomer, Purpose.VERIFY, email=newcomer.email, now=NOW)
    page = client.get("/verify-email", {"token": token}).content.decode()
    assert f'value="{token}"' in page
    assert not User.objects.get().email_verified, "a program that opens every link uses none up"
    assert client.post("/verify-email", {"token": token})["Location"] == "/sign-in"
    assert User.objects.get().email_verified
    assert "does not count any more" in client.post("/verify-email", {"token": token}).content.decode()


@pytest.mark.parametrize("path", ["/resend-verification", "/forgot-password"])
def test_both_pages_answer_alike_for_everybody(client, newcomer, path):
    for email in ("alice@example.com", "nobody@example.com"):
        page = client.post(path, {"email": email}, follow=True).content.decode()
        assert "If this address has an account that needs it, mail is on its way." in page
    assert Mail.objects.filter(user=newcomer).count() == 1


def test_an_address_is_changed_on_a_page(client):
    alice = a_user("alice")
    client.force_login(alice)
    assert "alice@example.com" in client.get("/account/email").content.decode()
    said = client.post("/account/email", {"email": "new@example.com", "password": "not this one"})
    assert "This is not your password." in said.content.decode()
    client.post("/account/email", {"email": "new@example.com", "password": PASSWORD})
    assert Mail.objects.get(kind="change_email").to == "new@example.com"
