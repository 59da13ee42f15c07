"""Whatever is sent to the calls under `auth/`, the answer is a clear one."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from tests.make.accounts import PASSWORD, a_user, bearer

pytestmark = pytest.mark.django_db

ODD_TEXT = st.text() | st.sampled_from(
    ["\0", "\ud800", "a\0@example.com", "ﷺ" * 3, "\u202e", "alice@example.com", PASSWORD]
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["email", "password", "username", "preferences", "refresh", "role", "code"]
BODIES = st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=5) | ODD
ODDLY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ODDLY
@given(call=st.sampled_from(["register", "login", "refresh", "logout"]), body=BODIES)
def test_no_body_breaks_a_call(client, call, body):
    reply = client.generic("POST", f"/api/v1/auth/{call}", json.dumps(body), "application/json")
    assert reply.status_code < 500
    assert reply.status_code == 204 or reply.json()["success"] is (reply.status_code < 400)


@ODDLY
@given(email=ODD_TEXT, username=ODD_TEXT, password=st.just(PASSWORD) | ODD_TEXT)
def test_a_registration_is_whole_or_refused(client, email, username, password):
    body = json.dumps({"email": email, "username": username, "password": password})
    before = User.objects.count()
    reply = client.generic("POST", "/api/v1/auth/register", body, "application/json")
    assert reply.status_code in {201, 400, 409}
    assert User.objects.count() == before + (reply.status_code == 201)


@ODDLY
@given(body=BODIES)
def test_no_body_breaks_the_profile(client, body):
    alice = User.objects.first() or a_user("alice")
    reply = client.generic(
        "PATCH", "/api/v1/auth/me", json.dumps(body), "application/json", headers=bearer(alice)
    )
    assert reply.status_code in {200, 400}


@ODDLY
@given(credential=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60))
def test_no_credential_breaks_a_request(client, credential):
    assert client.get("/api/v1/auth/me", headers={"Authorization": credential}).status_code == 401
