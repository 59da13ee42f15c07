"""The calls under `auth/`, as an app sees them."""

import pytest

from accounts.models import User
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
ALICE = {"email": "alice@example.com", "password": PASSWORD}


@pytest.fixture
def post(client):
    def send(call, body, **options):
        return client.post(f"{AUTH}/{call}", body, content_type="application/json", **options)

    return send


@pytest.fixture
def patch_me(client):
    def send(user, body):
        return client.patch(f"{AUTH}/me", body, content_type="application/json", headers=bearer(user))

    return send


def fields_at_fault(response):
    assert response.status_code == 400, response.content
    error = response.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    return {detail["field"].split(".")[0] for detail in error["details"]}


def test_registering_answers_the_user_and_tokens_that_work(client, post):
    response = post("register", {**ALICE, "username": "Alice", "preferences": {"theme": "dark"}})
    assert response.status_code == 201
    data = response.json()["data"]
    assert set(data["user"]) == {
        "id", "email", "username", "role", "plan", "email_verified", "preferences", "created_at"
    }  # fmt: skip
    assert data["user"]["preferences"] == {"theme": "dark"}
    assert set(data["tokens"]) == {"access", "refresh", "expires_in"}
    me = client.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {data['tokens']['access']}"})
    assert me.json()["data"]["user"] == data["user"]


def test_a_date_ends_in_z(client):
    user = client.get(f"{AUTH}/me", headers=bearer(a_user())).json()["data"]["user"]
    assert user["created_at"].endswith("Z")


@pytest.mark.parametrize(
    "taken", [{"email": "ALICE@example.com"}, {"email": "b@example.com", "username": "aLiCe"}]
)
def test_a_taken_address_or_username_is_a_conflict(post, taken):
    a_user("alice")
    response = post("register", {"password": PASSWORD, **taken})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "CONFLICT"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email", "password"}),
        ({**ALICE, "email": 7}, {"email"}),
        ({**ALICE, "email": ["alice@example.com"]}, {"email"}),
        ({**ALICE, "email": "alice"}, {"email"}),
        ({**ALICE, "email": "а@example.com"}, {"email"}),
        ({**ALICE, "email": "a\u202e@example.com"}, {"email"}),
        ({**ALICE, "password": 123456789012}, {"password"}),
        ({**ALICE, "password": True}, {"password"}),
        ({**ALICE, "password": "x" * 100_000}, {"password"}),
        ({**ALICE, "password": "Khalsi2026!!"}, {"password"}),
        ({**ALICE, "username": "al"}, {"username"}),
        ({**ALICE, "username": "al\tice"}, {"username"}),
        ({**ALICE, "username": {"a": 1}}, {"username"}),
        ({**ALICE, "preferences": "dark"}, {"preferences"}),
        ({**ALICE, "preferences": {"theme": "pink"}}, {"preferences"}),
        ({**ALICE, "preferences": {"is_superuser": True}}, {"preferences"}),
        ({**ALICE, "preferences": {"time_zone": "../etc/passwd"}}, {"preferences"}),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(post, body, fields):
    assert fields_at_fault(post("register", body)) == fields
    assert not User.objects.exists()


def test_a_refusal_never_echoes_the_password(post):
    response = post("register", {**ALICE, "password": "Khalsi2026!!"})
    assert b"Khalsi2026" not in response.content


@pytest.mark.parametrize(
    "name", ["role", "plan", "is_superuser", "is_staff", "email_verified", "is_active", "id"]
)
def test_nobody_registers_with_more_than_the_least(post, name):
    values = {"role": "admin", "plan": "pro", "id": "00000000-0000-0000-0000-000000000001"}
    post("register", {**ALICE, name: values.get(name, True)})
    user = User.objects.get()
    assert (user.role, user.plan, user.is_superuser, user.email_verified) == ("user", "free", False, False)
    assert user.id.int > 1


@pytest.mark.parametrize(
    "name", ["role", "plan", "email", "is_superuser", "email_verified", "id", "password"]
)
def test_nobody_changes_what_is_not_theirs_to_change(patch_me, name):
    alice = a_user("alice", email_verified=False)
    before = User.objects.filter(id=alice.id).values().get()
    values = {"role": "admin", "plan": "pro", "email": "x@example.com", "password": "another good one 77"}
    assert patch_me(alice, {name: values.get(name, True)}).status_code == 200
    assert User.objects.filter(id=alice.id).values().get() == before


def test_the_username_and_preferences_are_mine_to_change(patch_me):
    alice = a_user("alice", preferences={"theme": "dark"})
    response = patch_me(alice, {"username": "Zoe\u0308", "preferences": {"time_zone": "Europe/Zurich"}})
    user = response.json()["data"]["user"]
    assert user["username"] == "Zoë"
    assert user["preferences"] == {"theme": "dark", "time_zone": "Europe/Zurich"}


def test_a_username_of_somebody_else_is_a_conflict(patch_me):
    a_user("bob")
    assert patch_me(a_user("alice"), {"username": "BOB"}).status_code == 409


def test_logging_in_answers_the_user_and_tokens(post):
    a_user("alice")
    data = post("login", ALICE).json()["data"]
    assert data["user"]["email"] == "alice@example.com"
    assert data["tokens"]["expires_in"] == 600


@pytest.mark.parametrize(
    "body",
    [{**ALICE, "password": "wrong"}, {**ALICE, "email": "nobody@example.com"}, {**ALICE, "email": "п"}],
)
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(post, body):
    a_user("alice")
    response = post("login", body)
    assert response.status_code == 401
    error = response.json()["error"]
    assert (error["code"], error["message"]) == ("UNAUTHORIZED", "The e-mail or the password is wrong.")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "body", ['{"email": "a@b.c", "password": "\\ud800"}', "[]", '"x"', "null", "{", "", "7"]
)
def test_a_body_that_is_no_object_of_text_is_refused(post, body):
    assert post("login", body).status_code == 400


def test_refreshing_rotates(post):
    old = tokens_for(a_user("alice"))
    new = post("refresh", {"refresh": old.refresh}).json()["data"]["tokens"]
    assert set(new) == {"access", "refresh", "expires_in"}
    assert new["refresh"] != old.refresh


@pytest.mark.parametrize("refresh", ["", "x", "a.b.c", 7, None, ["x"]])
def test_a_refresh_that_is_no_token_is_refused(post, refresh):
    assert post("refresh", {"refresh": refresh}).status_code in {400, 401}


def test_a_session_that_was_logged_out_is_refused_at_the_next_request(client, post):
    tokens = tokens_for(a_user("alice"))
    headers = {"Authorization": f"Bearer {tokens.access}"}
    assert client.get(f"{AUTH}/me", headers=headers).status_code == 200
    assert post("logout", {}, headers=headers).status_code == 204
    assert client.get(f"{AUTH}/me", headers=headers).status_code == 401
    assert post("refresh", {"refresh": tokens.refresh}).status_code == 401


def test_a_refresh_token_logs_its_session_out_too(client, post):
    alice = a_user("alice")
    tokens = tokens_for(alice)
    assert post("logout", {"refresh": tokens.refresh}).status_code == 204
    assert alice.sessions.get().ended_because == "logged out"
    assert post("logout", {"refresh": tokens.refresh}).status_code == 401


def test_nobody_logs_out_a_stranger(post):
    alice, bob = a_user("alice"), a_user("bob")
    hers = tokens_for(alice)
    assert post("logout", {"refresh": hers.refresh}, headers=bearer(bob)).status_code == 204
    assert alice.sessions.get().ended_at is None


def test_logging_out_needs_to_say_of_what(post):
    assert post("logout", {}).status_code == 401


def test_a_logout_may_have_no_body_at_all(client):
    assert client.generic("POST", f"{AUTH}/logout", headers=bearer(a_user("alice"))).status_code == 204


def test_a_disabled_user_is_refused_at_the_next_request(client):
    alice = a_user("alice")
    headers = bearer(alice)
    User.objects.filter(id=alice.id).update(is_active=False)
    assert client.get(f"{AUTH}/me", headers=headers).status_code == 401


def test_the_own_profile_needs_a_token(client):
    response = client.get(f"{AUTH}/me")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_replies_that_hold_secrets_are_not_kept(client, post):
    a_user("alice")
    assert post("login", ALICE)["Cache-Control"] == "no-store"
    assert post("login", {})["Cache-Control"] == "no-store"
    assert client.get(f"{AUTH}/me", headers=bearer(a_user("bob")))["Cache-Control"] == "no-store"


def test_a_path_may_end_in_a_slash(post):
    a_user("alice")
    assert post("login/", ALICE).status_code == 200
