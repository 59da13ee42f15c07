"""API keys: shown once, stored as digests, within their scopes and never beyond their owner."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import ApiKey, AuditEntry, Mail, User
from accounts.services.api_keys import find_api_key, make_api_key
from core.lib.clock import iso, wall_now
from core.lib.errors import Conflict, NotSignedIn
from tests.make.accounts import a_user, bearer
from tests.make.markets import a_token

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
NOW = wall_now()


def a_key(user: User, *scopes: str, **options) -> str:
    return make_api_key(user_id=user.id, name="bot", scopes=scopes or ["read"], now=NOW, **options)[1]


def with_key(key: str) -> dict[str, str]:
    return {"Authorization": f"Api-Key {key}"}


@pytest.fixture
def post(client):
    def send_to(call, body, **options):
        return client.post(f"{AUTH}/{call}", body, content_type="application/json", **options)

    return send_to


def test_a_key_is_shown_once_and_works(client, post):
    headers = bearer(a_user("alice"))
    body = {"name": "bot", "scopes": ["read"], "expires_at": iso(wall_now() + timedelta(days=30))}
    made = post("api-keys", body, headers=headers)
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    key = made.json()["data"]["key"]
    listed = client.get(f"{AUTH}/api-keys", headers=headers)
    assert key not in listed.content.decode()
    assert listed.json()["data"] == [made.json()["data"]["api_key"]]
    assert client.get(f"{AUTH}/me", headers=with_key(key)).json()["data"]["user"]["username"] == "alice"


def test_the_key_is_nowhere_in_the_database():
    key = a_key(a_user("alice"))
    secret = key.rpartition("_")[2] if key.count("_") == 2 else key[20:]
    rows = [*ApiKey.objects.values(), *AuditEntry.objects.values(), *Mail.objects.values()]
    assert secret not in str(rows)


def test_the_owner_is_told_and_it_is_written_down():
    alice = a_user("alice")
    a_key(alice)
    assert AuditEntry.objects.get(account_id=alice.id).action == "api_key_made"
    assert Mail.objects.get(user=alice).kind == "api_key_made"


BAD = ["", "x", "khalsi_", "khalsi_aaaaaaaaaaaa_" + "x" * 43, "\ud800", "é" * 60, "k" * 5000]


@pytest.mark.parametrize("key", BAD)
def test_what_is_no_key_of_ours_is_refused(key):
    a_key(a_user("alice"))
    with pytest.raises(NotSignedIn):
        find_api_key(key, NOW)


def test_a_key_with_another_end_is_refused():
    key = a_key(a_user("alice"))
    with pytest.raises(NotSignedIn):
        find_api_key(key[:-1] + ("a" if key[-1] != "a" else "b"), NOW)


def test_a_bad_key_is_refused_even_where_none_is_needed(client):
    assert client.get("/api/v1/market/sources", headers=with_key("khalsi_x")).status_code == 401


def test_a_key_ends_when_it_was_meant_to():
    key = a_key(a_user("alice"), expires_at=NOW + timedelta(days=1))
    assert find_api_key(key, NOW + timedelta(hours=23))
    with pytest.raises(NotSignedIn):
        find_api_key(key, NOW + timedelta(days=1))


def test_a_key_of_a_disabled_account_opens_nothing(client):
    alice = a_user("alice")
    key = a_key(alice)
    User.objects.update(is_active=False)
    assert client.get(f"{AUTH}/me", headers=with_key(key)).status_code == 401


def test_a_revoked_key_is_refused_at_its_next_request(client):
    alice = a_user("alice")
    key, row = a_key(alice), ApiKey.objects.get()
    assert client.delete(f"{AUTH}/api-keys/{row.id}", headers=bearer(alice)).status_code == 204
    assert client.get(f"{AUTH}/me", headers=with_key(key)).status_code == 401
    assert client.delete(f"{AUTH}/api-keys/{row.id}", headers=bearer(alice)).status_code == 404
    assert "api_key_revoked" in AuditEntry.objects.values_list("action", flat=True)


def test_a_strangers_key_is_not_found(client):
    a_key(a_user("alice"))
    path = f"{AUTH}/api-keys/{ApiKey.objects.get().id}"
    assert client.delete(path, headers=bearer(a_user("bob"))).status_code == 404
    assert ApiKey.objects.get().revoked_at is None


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("get", "api-keys"),
        ("post", "api-keys"),
        ("get", "sessions"),
        ("post", "logout-all"),
        ("patch", "me"),
        ("post", "password/change"),
        ("post", "totp/enable"),
    ],
)
def test_a_key_never_touches_the_account_it_belongs_to(client, method, call):
    headers = with_key(a_key(a_user("alice", role="analyst"), "read", "train"))
    reply = getattr(client, method)(f"{AUTH}/{call}", content_type="application/json", headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "FORBIDDEN")


def test_a_key_does_what_its_scopes_say_and_no_more(client):
    a_token("SOL")
    alice = a_user("alice", role="analyst")
    reading, training = a_key(alice, "read"), a_key(alice, "train")
    train = "/api/v1/predictions/SOL/train"
    body = {"content_type": "application/json"}
    assert client.post(train, {}, headers=with_key(reading), **body).status_code == 403
    assert client.post(train, {}, headers=with_key(training), **body).status_code == 202
    assert client.get("/api/v1/market/sources", headers=with_key(reading)).status_code == 200
    assert client.get("/api/v1/market/sources", headers=with_key(training)).status_code == 403


def test_a_key_never_has_more_than_its_owner(client, post):
    bob = a_user("bob")
    refused = post("api-keys", {"name": "bot", "scopes": ["train"]}, headers=bearer(bob))
    assert refused.json()["error"]["details"][0]["field"] == "scopes"
    key = a_key(a_user("alice", role="analyst"), "train")
    User.objects.update(role="user")  # lowered afterwards
    reply = client.post(
        "/api/v1/predictions/SOL/train", {}, content_type="application/json", headers=with_key(key)
    )
    assert reply.status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["read"]}, "name"),
        ({"name": "bot"}, "scopes"),
        ({"name": "bot", "scopes": []}, "scopes"),
        ({"name": "bot", "scopes": ["admin"]}, "scopes"),
        ({"name": "bot", "scopes": "read"}, "scopes"),
        ({"name": "b\not", "scopes": ["read"]}, "name"),
        ({"name": "x" * 51, "scopes": ["read"]}, "name"),
        ({"name": "bot", "scopes": ["read"], "expires_at": "2001-01-01"}, "expires_at"),
        ({"name": "bot", "scopes": ["read"], "expires_at": 7}, "expires_at"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(post, body, field):
    reply = post("api-keys", body, headers=bearer(a_user("alice")))
    assert reply.status_code == 400
    assert reply.json()["error"]["details"][0]["field"].startswith(field)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(("plan", "most"), [("free", 3), ("pro", 20)])
def test_a_plan_has_so_many_keys(plan, most):
    alice = a_user("alice", plan=plan)
    for _ in range(most):
        a_key(alice)
    with pytest.raises(Conflict):
        a_key(alice)
    ApiKey.objects.filter(id=ApiKey.objects.first().id).update(revoked_at=NOW)
    a_key(alice)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_requests_make_not_one_key_too_many():
    alice = a_user("alice")
    gate, made = threading.Barrier(8), []

    def make() -> None:
        gate.wait()
        try:
            made.append(a_key(alice))
        except Conflict:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == ApiKey.objects.count() == 3


def test_a_key_is_recognised_in_one_query_and_its_use_noted_now_and_then(django_assert_num_queries):
    key = a_key(a_user("alice"))
    find_api_key(key, NOW)
    assert ApiKey.objects.get().last_used_at == NOW
    with django_assert_num_queries(1):
        assert find_api_key(key, NOW + timedelta(seconds=59)).user.email == "alice@example.com"
    find_api_key(key, NOW + timedelta(minutes=2))
    assert ApiKey.objects.get().last_used_at == NOW + timedelta(minutes=2)


def test_a_key_counts_by_its_owners_plan(client, settings):
    settings.RATE_LIMIT_MAX = 100
    key = a_key(a_user("alice", plan="pro"))
    reply = client.get("/api/v1/market/sources", headers=with_key(key))
    assert reply["X-RateLimit-Limit"] == "10000"


# Pages


def test_a_key_is_made_and_revoked_on_a_page(client):
    client.force_login(a_user("alice"))
    page = client.post(
        "/account/api-keys", {"name": "<b>bot", "scopes": ["read"], "days": "30"}
    ).content.decode()
    key = page.partition('<p class="secret"><code>')[2].partition("</code>")[0]
    assert find_api_key(key, wall_now()).name == "<b>bot"
    listed = client.get("/account/api-keys").content.decode()
    assert key not in listed and "&lt;b&gt;bot" in listed
    revoke = f"/account/api-keys/{ApiKey.objects.get().id}/revoke"
    assert client.post(revoke)["Location"] == "/account/api-keys"
    assert client.post(revoke).status_code == 404
    assert "You have no keys." in client.get("/account/api-keys").content.decode()


def test_a_page_says_why_there_is_no_key(client):
    client.force_login(a_user("alice"))
    page = client.post(
        "/account/api-keys", {"name": "bot", "scopes": ["train"], "days": "0"}
    ).content.decode()
    assert "Training is for analysts and staff." in page


def test_staff_see_keys_but_no_secret(client):
    key = a_key(a_user("alice"))
    client.force_login(a_user("sam"))
    page = client.get(
        reverse("admin:accounts_apikey_change", args=[ApiKey.objects.get().id])
    ).content.decode()
    assert key.split("_")[1] in page
    assert ApiKey.objects.get().digest not in page
