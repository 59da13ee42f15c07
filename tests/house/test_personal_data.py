"""Everything about a person comes along and goes with the account: no table is forgotten."""

import json

import pytest
from django.apps import apps
from django.db import connection, models

from accounts.models import AuditEntry, Mail, SecondFactor, User
from accounts.services.api_keys import make_api_key
from accounts.services.audit import Action, record
from alerts.models import NotificationChannel
from alerts.services.sealed import ADDRESS, SECRET
from khalsi.personal_data import everything_about
from tests.make.accounts import PASSWORD, a_user, bearer
from tests.make.full_account import NOW, a_full_account

pytestmark = pytest.mark.django_db
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


# The page


def test_the_page_gives_the_file(client):
    client.force_login(a_user("alice"))
    page = client.get("/account/data").content.decode()
    assert "Download my data" in page and 'name="code"' not in page
    reply = client.post("/account/data/export")
    assert reply["Content-Disposition"] == 'attachment; filename="khalsi-my-data.json"'
    assert json.loads(b"".join(reply.streaming_content))["data"]["account"]["username"] == "alice"
    assert client.get("/account/data/export").status_code == 405
