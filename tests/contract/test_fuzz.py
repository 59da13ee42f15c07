"""Whatever stands in path, query or body: the envelope, and never a fault of ours.

The examples are the same each time; `KHALSI_FUZZ=5000` tries so many others.
"""

import os
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.conftest import World
from tests.contract.openapi import EXAMPLES, JSON, Operation, operations, valid_values
from tests.contract.replies import assert_sound, refusal
from tests.make.accounts import a_user, bearer

WISHED = int(os.environ.get("KHALSI_FUZZ", "0"))
fuzz = settings(
    max_examples=WISHED or 20,
    derandomize=not WISHED,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NUMBERS = st.one_of(st.integers(), st.floats(), st.integers(-3, 300)).map(str)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ODD = st.sampled_from(
    ["", " ", "\0", "null", "NaN", "1e9", "-0", "%", "%00", "..", "__proto__", "²", "1" * 400]
)
ANYTHING = st.one_of(NUMBERS, TEXTS, ODD)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)

WITH_BODY = [one for one in operations() if one.takes_body]


def queries(operation: Operation) -> st.SearchStrategy[dict[str, str]]:
    """Some of the documented parameters, with values that fit or don't, and sometimes one nobody knows."""
    known = {
        one["name"]: st.one_of(st.sampled_from(list(valid_values(one))), ANYTHING)
        for one in operation.parameters
    }
    return st.fixed_dictionaries({}, optional={**known, "unknown": ANYTHING})


def bodies(operation: Operation) -> st.SearchStrategy[Any]:
    fields = dict.fromkeys(operation.body["properties"], VALUES)
    return st.one_of(st.fixed_dictionaries({}, optional=fields), VALUES)


def anybody(world: World) -> st.SearchStrategy[dict[str, str]]:
    """Nobody, a user, an analyst or staff, each signed in."""
    others = [bearer(a_user("bob")), bearer(a_user("sam"))]
    return st.sampled_from([{}, world.signed_in, *others])


def assert_refused_or_answered(reply: Any) -> None:
    assert_sound(reply)
    if reply.status_code >= 400:
        refusal(reply)


@pytest.mark.parametrize("operation", operations("get"), ids=str)
def test_no_query_is_too_odd(client: Client, world: World, operation: Operation):
    @fuzz
    @given(query=queries(operation), headers=anybody(world))
    def asked(query: dict[str, str], headers: dict[str, str]) -> None:
        assert_refused_or_answered(client.get(operation.url(), query, headers=headers))

    asked()


@pytest.mark.parametrize("operation", [one for one in operations() if "{" in one.path], ids=str)
def test_no_path_is_too_odd(client: Client, world: World, operation: Operation):
    @fuzz
    @given(place=ANYTHING, headers=anybody(world))
    def asked(place: str, headers: dict[str, str]) -> None:
        url = operation.url(**dict.fromkeys(EXAMPLES, quote(place, safe="")))
        assert_refused_or_answered(
            client.generic(operation.method.upper(), url, b"{}", JSON, headers=headers)
        )

    asked()


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_no_body_is_too_odd(client: Client, world: World, operation: Operation):
    # a log-out would end it for the rest
    who = st.just({}) if "auth/log" in operation.path else anybody(world)

    @fuzz
    @given(body=bodies(operation), headers=who)
    def sent(body: Any, headers: dict[str, str]) -> None:
        reply = getattr(client, operation.method)(operation.url(), body, content_type=JSON, headers=headers)
        assert_refused_or_answered(reply)

    sent()


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_no_bytes_are_too_odd(client: Client, world: World, operation: Operation):
    headers = world.signed_in

    @fuzz
    @given(
        body=st.one_of(
            st.binary(max_size=200), TEXTS.map(lambda text: b'{"email": "' + text.encode() + b'"}')
        )
    )
    def sent(body: bytes) -> None:
        method = operation.method.upper()
        reply = client.generic(method, operation.url(), body, content_type=JSON, headers=headers)
        assert_refused_or_answered(reply)

    sent()
