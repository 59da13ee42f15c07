"""How a request is recognised, and what the limits count it by."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from accounts.api.authentication import BearerAuthentication
from accounts.services.sessions import end_sessions_of
from core.api.throttling import caller_of
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn
from tests.make.accounts import a_user, bearer, tokens_for

pytestmark = pytest.mark.django_db

BAD = {
    "another scheme": "Basic YWxpY2U6c2VjcmV0",
    "no token": "Bearer",
    "two tokens": "Bearer a b",
    "no JWT": "Bearer x",
    "empty": "",
    "no letters": "Bearer \xff\xfe.\xff.\xff",
}


def request_with(credential: str | None):
    headers = {} if credential is None else {"Authorization": credential}
    return RequestFactory().get("/api/v1/anything", headers=headers)


def recognised(request):
    return BearerAuthentication().authenticate(Request(request))


def test_no_credential_is_anonymous():
    assert recognised(request_with(None)) is None


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_credential_is_refused_even_where_none_is_needed(kind):
    with pytest.raises(NotSignedIn):
        recognised(request_with(BAD[kind]))


def test_an_expired_token_is_refused():
    tokens = tokens_for(a_user(), now=wall_now() - timedelta(minutes=11))
    with pytest.raises(NotSignedIn):
        recognised(request_with(f"Bearer {tokens.access}"))


def test_a_refresh_token_opens_nothing():
    with pytest.raises(NotSignedIn):
        recognised(request_with(f"Bearer {tokens_for(a_user()).refresh}"))


def test_the_scheme_may_be_written_in_any_case():
    alice = a_user()
    user, session = recognised(request_with(f"bEARER  {tokens_for(alice).access} "))
    assert user == alice
    assert session == alice.sessions.get()


def test_limits_and_recognition_share_one_query(django_assert_num_queries):
    request = request_with(bearer(a_user())["Authorization"])
    with django_assert_num_queries(1):
        caller_of(request)
        user, _ = recognised(request)
        assert user.plan == "free"


@pytest.mark.parametrize(("plan", "limit"), [("free", 1_000), ("pro", 10_000)])
def test_a_user_counts_by_plan_wherever_the_request_comes_from(plan, limit):
    alice = a_user(plan=plan)
    assert caller_of(request_with(bearer(alice)["Authorization"])) == (f"user:{alice.id}", limit)


@pytest.mark.parametrize("kind", [None, *BAD])
def test_whoever_is_not_recognised_counts_by_address(kind, settings):
    settings.RATE_LIMIT_MAX = 100
    assert caller_of(request_with(BAD.get(kind))) == ("address:127.0.0.1", 100)


def test_an_ended_session_counts_by_address():
    alice = a_user()
    credential = bearer(alice)["Authorization"]
    end_sessions_of(user_id=alice.id, because="test", now=wall_now())
    assert caller_of(request_with(credential))[0] == "address:127.0.0.1"
