"""Two users and every documented request: what is another's is not there, and nobody raises himself.

The requests come from the OpenAPI document, so new ones are tried by themselves; `tests/make/owned.py` says how to make
what their ids name.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts.models import ApiKey, Session, User
from core.api.rendering import rendered
from tests.contract.conftest import World, made_once
from tests.contract.openapi import JSON, Operation, operations
from tests.contract.replies import refusal
from tests.contract.test_documented_requests import WRITES
from tests.make.accounts import a_user, bearer
from tests.make.owned import NOBODYS, OWNED, Owned

RAISED: dict[str, Any] = {
    "role": "admin",
    "plan": "pro",
    "verified": True,
    "email_verified": True,
    "is_staff": True,
    "staff": True,
    "is_superuser": True,
    "is_active": True,
    "second_factor_since": "2026-01-01T00:00:00Z",
    "scopes": ["read", "train"],
    "password": "*",
    "groups": [1],
    "user_permissions": [1],
}
NOTHING = "00000000-0000-4000-8000-000000000000"
"""The id of nothing at all."""
Stranger = tuple[User, list[Owned]]
OWNERS = ("owner", "owner_id", "user", "user_id", "account", "account_id", "id")


def places(operation: Operation) -> set[str]:
    """The names of the ids in its path that belong to somebody."""
    said = operation.said.get("parameters", ())
    return {one["name"] for one in said if one["in"] == "path"} - NOBODYS


WITH_AN_ID = [one for one in operations() if places(one)]
WITH_A_BODY = [one for one in operations() if one.takes_body]


@pytest.fixture
def alice(world: World) -> User:
    return world.analyst


@pytest.fixture(scope="module")
def hers(_rows: World, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Owned]]:
    yield from made_once(
        django_db_blocker, lambda: {name: make(_rows.analyst) for name, make in OWNED.items()}
    )


@pytest.fixture
def bob(world: World) -> User:
    return a_user("bob")


@pytest.fixture(scope="module")
def strangers(_rows: World, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Stranger]]:
    """Three who own one of everything; a fourth would be the fourth kind of body that `_raising` gives."""
    yield from made_once(django_db_blocker, lambda: [_stranger(f"bob{number}") for number in range(3)])


def _stranger(name: str) -> Stranger:
    bob = a_user(name)
    return bob, [make(bob) for make in OWNED.values()]


def send(client: Client, operation: Operation, who: User, body: Any, **ids: str) -> Any:
    sent = b"" if operation.method == "get" else rendered(body)
    return client.generic(operation.method.upper(), operation.url(**ids), sent, JSON, headers=bearer(who))


def usual(operation: Operation) -> dict[str, Any]:
    """A body that its owner would be taken at."""
    return dict(WRITES.get(str(operation), (0, {}))[1])


def test_every_id_in_a_path_has_somebody_to_own_it():
    unknown = set().union(*map(places, operations())) - set(OWNED)
    assert unknown == set(), "add a maker to tests/make/owned.py, or the name to NOBODYS there"


@pytest.mark.parametrize("operation", WITH_AN_ID, ids=str)
def test_anothers_object_is_not_there(
    client: Client, operation: Operation, hers: dict[str, Owned], bob: User
):
    [made] = [one for one in hers.values() if set(one.places) == places(operation)]
    before = made.as_stored()
    theirs = refusal(send(client, operation, bob, usual(operation), **made.places), 404, "NOT_FOUND")
    nobodys = dict.fromkeys(made.places, NOTHING)
    nothing = refusal(send(client, operation, bob, usual(operation), **nobodys), 404, "NOT_FOUND")
    assert {**theirs, "request_id": ""} == {**nothing, "request_id": ""}, "nobody learns that there is one"
    assert made.as_stored() == before
    assert before is not None


@pytest.mark.parametrize("operation", WITH_AN_ID, ids=str)
def test_its_owner_finds_it(client: Client, operation: Operation, hers: dict[str, Owned], alice: User):
    """Else the test above could not fail."""
    [made] = [one for one in hers.values() if set(one.places) == places(operation)]
    reply = send(client, operation, alice, usual(operation), **made.places)
    assert reply.status_code < 300, reply.content


@pytest.mark.parametrize("operation", operations("get"), ids=str)
def test_no_list_holds_what_is_anothers(
    client: Client, operation: Operation, hers: dict[str, Owned], alice: User, bob: User
):
    secrets = {str(alice.pk), alice.email} | {str(one.row.pk) for one in hers.values()}
    for query in ({}, {"user_id": str(alice.pk), "owner": str(alice.pk), "user": alice.email}):
        reply = client.get(operation.url(), query, headers=bearer(bob))
        said = b"".join(reply).decode()
        assert not [secret for secret in secrets if secret in said], operation


@pytest.mark.parametrize("operation", WITH_A_BODY, ids=str)
def test_no_field_raises_whoever_sends_it(
    client: Client, operation: Operation, alice: User, strangers: list[Stranger]
):
    there = set(User.objects.values_list("pk", flat=True))
    counts = _counts(alice)
    for body, (bob, his) in zip(_raising(operation, alice), strangers, strict=True):
        ids = next((one.places for one in his if set(one.places) == places(operation)), {})
        before = _rights(bob)
        reply = send(client, operation, bob, body, **ids)
        assert reply.status_code < 500, reply.content
        assert not User.objects.filter(pk=bob.pk).exists() or _rights(bob) == before
    assert _counts(alice) == counts, "nothing was made in another's name"
    for newcomer in User.objects.exclude(pk__in=there):
        assert _rights(newcomer) == ("user", "free", False, False, True, None)
    assert [key.scopes for key in ApiKey.objects.all() if key.scopes != ["read"]] == []


def _raising(operation: Operation, alice: User) -> Iterator[dict[str, Any]]:
    """The usual body with every field that must not count, beside the others, inside of them, and as an owner."""
    body, known = usual(operation), operation.body["properties"]
    yield body | {name: value for name, value in RAISED.items() if name not in known}
    yield body | {name: {**value, **RAISED} for name, value in body.items() if isinstance(value, dict)}
    yield body | {name: str(alice.pk) for name in OWNERS if name not in known}


def _rights(user: User) -> tuple[Any, ...]:
    fields = ("role", "plan", "email_verified", "is_superuser", "is_active", "second_factor_since")
    return tuple(User.objects.values_list(*fields).get(pk=user.pk))


def _counts(owner: User) -> dict[str, int]:
    """How much of each kind somebody owns, by every key that points to users."""
    found: dict[str, int] = {}
    for relation in User._meta.related_objects:
        if relation.related_model is not Session:
            model, name = relation.related_model, relation.field.name
            found[f"{model._meta.label}.{name}"] = model._base_manager.filter(**{name: owner.pk}).count()
    return found
