"""Nobody learns who has an account: the same reply after the same queries, known or not. The long form is timed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.make.accounts import a_user

CALLS = {
    "login": {"password": "not the password of anybody"},
    "password/forgot": {},
    "resend-verification": {},
}
VARIES = {"X-Request-ID", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
ALICE, NOBODY, DORA = "alice@example.com", "other@example.com", "dora@example.com"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(settings):
    settings.RATE_LIMIT_MAX = 1000
    a_user("alice", email_verified=False)
    a_user("dora", is_active=False)


def asked(call, email):
    """What was said, and the statements that it took, without their values."""
    with CaptureQueriesContext(connection) as queries:
        reply = Client().post(
            f"/api/v1/auth/{call}",
            {"email": email, **CALLS[call]},
            content_type="application/json",
            headers={"X-Request-ID": "the-same-for-all"},
        )
    headers = {name: value for name, value in reply.headers.items() if name not in VARIES}
    statements = [one["sql"].split(" WHERE ")[0].split(" VALUES ")[0] for one in queries.captured_queries]
    return (reply.status_code, headers, reply.content), statements


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("email", [NOBODY, DORA, "no address at all"])
def test_the_reply_and_its_queries_are_those_of_an_account(call, email):
    said, statements = asked(call, ALICE)
    assert asked(call, email) == (said, statements)
    assert statements, "something was done"


def test_a_page_says_the_same_too():
    pages = {
        (reply.status_code, reply["Location"])
        for email in (ALICE, NOBODY, DORA)
        for reply in [Client().post("/forgot-password", {"email": email})]
    }
    assert len(pages) == 1
