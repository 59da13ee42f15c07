"""Everything about a person comes along and goes with the account: no table is forgotten."""

import json
import re

import pyotp
import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection, models
from django.urls import reverse

from accounts import events
from accounts.models import AuditEntry, Mail, SecondFactor, Session, User
from accounts.services import second_factor
from accounts.services.administration import By
from accounts.services.api_keys import make_api_key
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.deletion import delete_by_staff, delete_own_account
from accounts.services.mail import Kind, owe, send
from accounts.services.one_time_tokens import Purpose, issue
from alerts.models import NotificationChannel
from alerts.services.sealed import ADDRESS, SECRET
from core.jobs.slots import begin_for
from core.lib.clock import wall_now
from core.lib.errors import BadInput, Conflict
from khalsi.personal_data import everything_about
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for
from tests.make.alerts import an_event
from tests.make.channels import a_channel, a_dead_delivery, an_alert_on
from tests.make.exchanges import a_bare_connection
from tests.make.imports import a_checked_import
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio, a_share_link, a_transaction
from tests.make.statements import KOINLY

pytestmark = pytest.mark.django_db
NOW = wall_now()
PARTS = {
    "accounts.User": "account",
    "accounts.Session": "sessions",
    "accounts.RefreshToken": "refresh_tokens",
    "accounts.ApiKey": "api_keys",
    "accounts.SecondFactor": "second_factor",
    "accounts.RecoveryCode": "recovery_codes",
    "accounts.OneTimeToken": "links_sent",
    "accounts.Mail": "mail_owed",
    "core.IdempotentReply": "idempotency_keys",
    "core.JobRun": "jobs",
    "accounts.AuditEntry": "activity",
    "predictions.RoleChange": "engine_roles_decided",
    "portfolios.Portfolio": "portfolios",
    "portfolios.Transaction": "transactions",
    "portfolios.LeftIssue": "portfolio_issues_left",
    "portfolios.ShareLink": "portfolio_share_links",
    "portfolios.ImportBatch": "imports",
    "portfolios.RejectedRow": "rejected_rows",
    "portfolios.Connection": "exchange_connections",
    "portfolios.SeenBalance": "exchange_balances",
    "portfolios.SyncRun": "exchange_readings",
    "alerts.Alert": "alerts",
    "alerts.Event": "alert_events",
    "alerts.InboxItem": "inbox",
    "alerts.NotificationChannel": "notification_channels",
    "alerts.Delivery": "deliveries",
}
"""Which part of the export shows a table; a new table that names users belongs here and in a `personal_data.py`."""
OF_DJANGO = {"admin.LogEntry", "accounts.User_groups", "accounts.User_user_permissions"}


def tables_that_name_users() -> set[str]:
    return {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if (getattr(field, "related_model", None) is User and not field.auto_created)
        or field.name in {"account_id", "actor_id", "owner", "user_id"}
    }


def a_full_account(name: str) -> User:
    """With a row in nearly every table that names users; `codes` are the recovery codes."""
    user = a_user(name, preferences={"time_zone": "Asia/Tokyo"})
    tokens_for(user)
    make_api_key(user_id=user.id, name=f"bot of {name}", scopes=["read"], now=NOW)
    app = pyotp.TOTP(second_factor.begin(user_id=user.id, password=PASSWORD, now=NOW).secret)
    codes = second_factor.confirm(user_id=user.id, code=app.at(NOW), now=NOW)
    tokens_for(user)
    issue(user, Purpose.RESET, email=user.email, now=NOW)
    owe(user, Kind.RESET, now=NOW)
    begin_for(user.id, "exchange-sync", f"of {name}")
    channel = a_channel(user, name=f"channel of {name}")
    event = an_event(an_alert_on(channel, token=a_token(f"{name[:3].upper()}"), note=f"note of {name}"))
    a_dead_delivery(channel, event)
    portfolio = a_portfolio(user, name=f"portfolio of {name}")
    a_transaction(portfolio)
    a_share_link(portfolio, f"token of {name}")
    portfolio.left_issues.create(kind="short_history", subject="solana", facts="short by 1", left_at=NOW)
    a_checked_import(portfolio, f"{KOINLY}never,1,{name},,,,,,,,,\n")
    connection = a_bare_connection(user, name=f"account of {name}")
    connection.balances.create(ticker="SOL", asset="solana", total=1)
    connection.runs.create(lease=connection.id, began_at=NOW)
    user.refresh_from_db()
    user.codes = codes
    return user


def export(client, user) -> dict:
    reply = client.get("/api/v1/user/export", headers=bearer(user))
    assert reply.status_code == 200 and reply.streaming
    assert (reply["Cache-Control"], reply["Content-Type"]) == ("no-store", "application/json")
    body = json.loads(b"".join(reply.streaming_content))
    assert body["success"] is True
    return body["data"]


# Nothing is forgotten


def test_every_table_that_names_users_is_in_the_export():
    assert tables_that_name_users() - OF_DJANGO == set(PARTS) - {
        "accounts.RefreshToken",
        "accounts.User",
        "portfolios.Transaction",
        "portfolios.LeftIssue",
        "portfolios.ShareLink",
        "portfolios.ImportBatch",
        "portfolios.RejectedRow",
        "portfolios.SeenBalance",
        "portfolios.SyncRun",
    }
    assert set(PARTS.values()) | {"acts_on_other_accounts"} == {
        name for name, _ in everything_about(a_user().id)
    }


def test_every_key_to_the_user_lets_the_account_go():
    holding = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, (models.ForeignKey, models.OneToOneField)) and field.related_model is User
        if field.remote_field.on_delete not in {models.CASCADE, models.SET_NULL}
    ]
    assert holding == []


# Export


def test_the_export_has_everything_of_mine_and_nothing_of_anybody_else(client):
    alice, bob = a_full_account("alice"), a_full_account("bob")
    data = export(client, alice)
    empty = {name for name, value in data.items() if not value}
    assert empty == {"acts_on_other_accounts", "engine_roles_decided", "idempotency_keys"}
    assert data["account"]["preferences"] == {"time_zone": "Asia/Tokyo"}
    assert {one["name"] for one in data["api_keys"]} == {"bot of alice"}
    text = json.dumps(data)
    assert "alice@example.com" in text
    assert "bob" not in text and str(bob.id) not in text


def test_no_secret_is_in_it(client):
    alice = a_full_account("alice")
    text = json.dumps(export(client, alice))
    channel = NotificationChannel.objects.get()
    kept = [
        alice.password,
        SecondFactor.objects.get().sealed_secret,
        ADDRESS.get(channel),
        SECRET.get(channel),
    ]
    for table in ("accounts_apikey", "accounts_recoverycode", "accounts_onetimetoken"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT digest FROM {table}")
            kept += [row[0] for row in cursor.fetchall()]
    assert len(kept) > 10
    assert not [secret for secret in kept if secret in text]
    assert "argon2" not in text and "otpauth" not in text


def test_what_staff_did_is_told_without_naming_them(client):
    alice, ada = a_user("alice"), a_user("ada")
    record(Action.ACCOUNT_CHANGED, account_id=alice.id, actor_id=ada.id, now=NOW, detail="plan free → pro")
    told = export(client, alice)
    assert [(one["by"], one["detail"]) for one in told["activity"]][:1] == [("staff", "plan free → pro")]
    assert str(ada.id) not in json.dumps(told)
    assert str(alice.id) not in json.dumps(export(client, ada)["acts_on_other_accounts"])


def test_a_long_list_is_written_in_pieces(client):
    alice = a_user("alice")
    owed = [Mail(user=alice, kind="reset", created_at=NOW, to=alice.email) for _ in range(1_000)]
    Mail.objects.bulk_create(owed)
    pieces = list(client.get("/api/v1/user/export", headers=bearer(alice)).streaming_content)
    assert len(json.loads(b"".join(pieces))["data"]["mail_owed"]) == 1_000
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 4


def test_an_export_is_told_and_counted(client, settings):
    settings.RATE_LIMIT_MAX = 100
    alice = a_user("alice")
    replies = [client.get("/api/v1/user/export", headers=bearer(alice)).status_code for _ in range(11)]
    assert replies == [200] * 10 + [429]
    assert AuditEntry.objects.filter(account_id=alice.id, action="exported").count() == 10


def test_a_key_takes_nothing_along_and_deletes_nothing(client):
    alice = a_user("alice")
    _, key = make_api_key(user_id=alice.id, name="bot", scopes=["read"], now=NOW)
    headers = {"Authorization": f"Api-Key {key}"}
    assert client.get("/api/v1/user/export", headers=headers).status_code == 403
    assert (
        client.delete(
            "/api/v1/user", {"password": PASSWORD}, content_type="application/json", headers=headers
        ).status_code
        == 403
    )
    assert User.objects.filter(id=alice.id).exists()


@pytest.mark.parametrize(("method", "path"), [("get", "/api/v1/user/export"), ("delete", "/api/v1/user")])
def test_a_stranger_gets_nothing(client, method, path):
    assert getattr(client, method)(path).status_code == 401


# Deletion


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


# The page


def test_the_page_gives_the_file(client):
    client.force_login(a_user("alice"))
    page = client.get("/account/data").content.decode()
    assert "Download my data" in page and 'name="code"' not in page
    reply = client.post("/account/data/export")
    assert reply["Content-Disposition"] == 'attachment; filename="khalsi-my-data.json"'
    assert json.loads(b"".join(reply.streaming_content))["data"]["account"]["username"] == "alice"
    assert client.get("/account/data/export").status_code == 405


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
