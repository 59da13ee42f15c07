"""What somebody would send who wishes an account harm: a clear refusal each time, and nothing half done."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.models import Mail, Session, User
from accounts.services.mail import message_of
from core.lib.clock import wall_now
from tests.contract.openapi import JSON, Operation, operations
from tests.contract.replies import refusal
from tests.make.accounts import PASSWORD, a_user, bearer, tokens_for

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
WITH_BODY = [one for one in operations() if one.takes_body and "/auth/" in one.path]
A_MEGABYTE = "x" * 1024 * 1024


@pytest.fixture
def alice() -> User:
    return a_user("alice")


def forged(token: str, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """`token` with other claims, signed by the right key unless told otherwise."""
    key, algorithm = changes.pop("key", django_settings.JWT_SIGNING_KEY), changes.pop("algorithm", "HS256")
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    return jwt.encode(claims, key, algorithm, headers=header)


def soon(**by: float) -> int:
    return int((wall_now() + timedelta(**by)).timestamp())


def told() -> tuple[int, ...]:
    """What a refused request must leave as it was."""
    users = User.objects.order_by("pk").values_list("password", "email", "username", "role", "plan")
    return (hash(tuple(users)), Session.objects.filter(ended_at=None).count(), Mail.objects.count())


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "", "algorithm": "none"},
        {"key": "another key that is as long as it should be"},
        {"algorithm": "HS384"},
        {"header": {"kid": "../../../dev/null"}, "key": "\0" * 32},
        {"type": ["access"]},
        {"exp": soon(minutes=-1)},
        {"exp": "never"},
        {"iat": soon(hours=1)},
        {"nbf": soon(hours=1)},
        {"sub": "00000000-0000-0000-0000-000000000000"},
        {"sub": {"$ne": None}},
        {"sid": "00000000-0000-0000-0000-000000000000"},
        {"aud": "another-api"},
        {"iss": "somebody"},
    ],
    ids=lambda wrong: ",".join(wrong),  # names alone: the times are those of the run
)
def test_a_forged_token_opens_nothing(client: Client, alice: User, changes: dict[str, Any]):
    token = forged(tokens_for(alice).access, **changes)
    before = told()
    refusal(client.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {token}"}), 401, "UNAUTHORIZED")
    refusal(client.post(f"{AUTH}/refresh", {"refresh": token}, content_type=JSON), 401, "UNAUTHORIZED")
    assert told() == before


def test_each_kind_of_token_opens_its_own_door_alone(client: Client, alice: User):
    tokens = tokens_for(alice)
    for header in (f"Bearer {tokens.refresh}", f"Api-Key {tokens.access}", f"Token {tokens.access}"):
        refusal(client.get(f"{AUTH}/me", headers={"Authorization": header}), 401)
    refusal(client.post(f"{AUTH}/refresh", {"refresh": tokens.access}, content_type=JSON), 401)
    link = {"token": tokens.access}
    refusal(client.post(f"{AUTH}/verify-email", link, content_type=JSON), 400)


def test_anothers_session_in_a_token_of_ones_own_opens_nothing(client: Client, alice: User):
    """As if the signing key had leaked to somebody who does not know the sessions of others."""
    tokens_for(alice)
    mixed = forged(tokens_for(a_user("bob")).access, sid=str(alice.sessions.get().id))
    refusal(client.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {mixed}"}), 401)


def test_two_credentials_at_once_are_none(client: Client, alice: User):
    """Servers join a header that was sent twice by a comma."""
    one, other = bearer(alice)["Authorization"], bearer(a_user("bob"))["Authorization"]
    refusal(client.get(f"{AUTH}/me", headers={"Authorization": f"{one},{other}"}), 401)
    refusal(client.get(f"{AUTH}/me", headers={"Authorization": f"{one}, {other}"}), 401)


@pytest.mark.parametrize("call", ["password/forgot", "resend-verification", "register"])
def test_a_forged_host_reaches_no_mail(client: Client, settings: Any, alice: User, call: str):
    alice.email_verified = False
    alice.save()
    body = {"email": alice.email} | ({"password": PASSWORD} if call == "register" else {})
    before = told()
    refusal(client.post(f"{AUTH}/{call}", body, content_type=JSON, headers={"Host": "evil.example"}), 400)
    assert told() == before


def test_a_link_leads_to_the_site_whatever_a_proxy_is_told(client: Client, settings: Any, alice: User):
    settings.SITE_URL = "https://khalsi.example"
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Host": "evil.example"}
    asked = {"email": alice.email}
    reply = client.post(f"{AUTH}/password/forgot", asked, content_type=JSON, headers=headers)
    assert reply.status_code == 204
    mail = message_of(Mail.objects.get(user=alice), wall_now())
    said = mail.body + "".join(str(part) for part, _ in mail.alternatives)
    assert "https://khalsi.example/" in said
    assert "evil.example" not in said


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("аlice@example.com", 400),  # a Cyrillic а
        ("alice@exаmple.com", 400),
        ("ａｌｉｃｅ@example.com", 400),
        ("alice@example。com", 400),
        ("alice\u200b@example.com", 400),
        ("alice@example.com\u202e", 400),
        ("alice@example.com\0", 400),
        ("alice@example.com\r\nBcc: eve@example.com", 400),
        ("alice@example.com, eve@example.com", 400),
        ("ALICE@EXAMPLE.COM", 409),
        (" alice@example.com ", 409),
    ],
)
def test_an_address_that_looks_like_anothers_makes_no_account(
    client: Client, alice: User, email: str, status: int
):
    reply = client.post(f"{AUTH}/register", {"email": email, "password": PASSWORD}, content_type=JSON)
    refusal(reply, status)
    assert User.objects.count() == 1


def test_a_look_alike_of_an_address_logs_nobody_in(client: Client, alice: User):
    for email in (
        "аlice@example.com",
        "ａlice@example.com",
        "alice@example.com\0",
        "alice\u0000@example.com",
    ):
        reply = client.post(f"{AUTH}/login", {"email": email, "password": PASSWORD}, content_type=JSON)
        assert reply.status_code in {400, 401}, email
        refusal(reply)
    assert not alice.sessions.exists()


@pytest.mark.parametrize(
    "username", ["аlice", "alicе", "ａlice", "ali\u200dce", "ali\u0301ce\u202e", "Αlice", "αlice"]
)
def test_a_username_that_looks_like_anothers_is_refused(client: Client, alice: User, username: str):
    bob = a_user("bob")
    reply = client.patch(f"{AUTH}/me", {"username": username}, content_type=JSON, headers=bearer(bob))
    refusal(reply, 400)
    bob.refresh_from_db()
    assert bob.username == "bob"


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_text_that_no_database_takes_changes_nothing(client: Client, alice: User, operation: Operation):
    """NUL, half a pair, a megabyte and a key that is given twice, in every field of every call."""
    headers, before = bearer(alice), told()
    for name in operation.body["properties"]:
        bodies = {
            json.dumps({name: "a\0b"}): {400},
            f'{{"{name}": "\\ud800"}}': {400},
            f'{{"{name}": "a", "{name}": "b"}}': {400},
            json.dumps({name: A_MEGABYTE}): {413},
            json.dumps({name: {"$ne": None}}): {400},
            json.dumps({name: [PASSWORD, PASSWORD]}): {400},
        }
        for body, statuses in bodies.items():
            reply = client.generic(
                operation.method.upper(), operation.url(), body.encode(), JSON, headers=headers
            )
            refusal(reply)
            assert reply.status_code in statuses, (name, body[:80], reply.content)
    assert told() == before
