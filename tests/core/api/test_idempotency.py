"""A write that is sent again with its key happens once, and is answered as the first time."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client

from core.api.idempotency import _digest
from core.api.kept_replies import (
    ASK_AGAIN_SECONDS,
    KEPT_FOR,
    LEASE,
    Claim,
    Kept,
    StillRunning,
    claim,
    forget_expired,
    keep,
    release,
)
from core.lib.clock import wall_now
from core.models import IdempotentReply, JobRun
from tests.core.api.test_envelope import refused
from tests.core.api.urlconf import Makes
from tests.make.accounts import a_user, bearer
from tests.make.markets import NOON

pytestmark = [pytest.mark.urls("tests.core.api.urlconf"), pytest.mark.django_db]
JSON = "application/json"
AT_ONCE = 50


@pytest.fixture
def alice(db: None) -> dict[str, str]:
    return bearer(a_user("alice"))


@pytest.fixture(autouse=True)
def _nothing_happens_meanwhile() -> Iterator[None]:
    yield
    Makes.meanwhile.clear()


def write(who: dict[str, str], key: str | None = "k1", body: Any = None, path: str = "makes") -> Any:
    headers = who if key is None else {**who, "Idempotency-Key": key}
    return Client(raise_request_exception=False).post(
        f"/api/v1/{path}", {} if body is None else body, content_type=JSON, headers=headers
    )


def made() -> int:
    return JobRun.objects.count()


def same(one: Any, other: Any) -> bool:
    kept = ("Content-Type", "Location", "Cache-Control")
    return (one.status_code, one.content, [one.get(name) for name in kept]) == (
        other.status_code,
        other.content,
        [other.get(name) for name in kept],
    )


def test_a_repeat_gets_the_first_reply_and_does_nothing(alice: dict[str, str]):
    first, again = write(alice), write(alice)
    assert (first.status_code, made()) == (201, 1)
    assert same(first, again)
    assert first["Location"] == f"/api/v1/made/{first.json()['data']['id']}"
    assert first["X-Request-ID"] != again["X-Request-ID"], "each request keeps its own name"


def test_without_a_key_each_write_is_its_own(alice: dict[str, str]):
    assert write(alice, None).json() != write(alice, None).json()
    assert not IdempotentReply.objects.exists()


def test_a_reply_without_a_body_is_repeated_too(alice: dict[str, str]):
    first, again = (write(alice, body={"wish": "nothing to say"}) for _ in range(2))
    assert (first.status_code, first.content, "Content-Type" in first) == (204, b"", False)
    assert same(first, again)
    assert made() == 1


@pytest.mark.parametrize("other", [{"body": {"a": 1}}, {"path": "makes?x=1"}])
def test_another_request_under_the_same_key_is_a_conflict(alice: dict[str, str], other: dict[str, Any]):
    write(alice)
    assert "another request" in refused(write(alice, **other), 409)["message"]
    assert made() == 1


def test_the_same_key_of_another_user_is_another_key(alice: dict[str, str]):
    first, other = write(alice), write(bearer(a_user("bob")))
    assert first.json() != other.json()
    assert made() == 2


def test_somebody_who_is_not_signed_in_has_no_keys(db: None):
    assert write({}).json() != write({}).json()
    assert not IdempotentReply.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "a b", "a,b", "é", "a" * 129, "a\tb"])
def test_a_key_that_makes_no_sense_is_named(alice: dict[str, str], key: str):
    error = refused(write(alice, key), 400)
    assert [at["field"] for at in error["details"]] == ["Idempotency-Key"]
    assert made() == 0


@pytest.mark.parametrize("key", ["a", "x" * 128, '"8e03978e-40d5-43e8-bc93-6894a57f9324"', "a:b/c~!"])
def test_keys_are_any_visible_word(alice: dict[str, str], key: str):
    assert same(write(alice, key), write(alice, key))


def test_some_writes_need_a_key(alice: dict[str, str]):
    client = Client()
    error = refused(client.put("/api/v1/makes", {}, content_type=JSON, headers=alice), 400)
    assert [at["field"] for at in error["details"]] == ["Idempotency-Key"]
    headers = {**alice, "Idempotency-Key": "k"}
    replies = [client.put("/api/v1/makes", {}, content_type=JSON, headers=headers) for _ in range(2)]
    assert same(*replies)
    assert made() == 1


@pytest.mark.parametrize("wish", ["conflict", "bad-input", "bug", "database", "a refusal that is returned"])
def test_a_refused_write_leaves_nothing_and_its_key_is_free(alice: dict[str, str], wish: str):
    reply = write(alice, body={"wish": wish})
    assert reply.status_code >= 400
    assert (made(), IdempotentReply.objects.count()) == (0, 0)
    assert write(alice).status_code == 201


def test_while_the_first_is_running_a_repeat_is_told_when_to_ask(alice: dict[str, str]):
    seen: list[Any] = []
    Makes.meanwhile.append(lambda: None if seen else seen.append(write(alice)))
    assert write(alice).status_code == 201
    refused(seen[0], 409)
    assert seen[0]["Retry-After"] == str(ASK_AGAIN_SECONDS)
    assert made() == 1


def test_a_killed_write_is_run_anew_within_half_a_minute(alice: dict[str, str]):
    with time_machine.travel(NOON, tick=False) as clock:
        who = bearer(a_user("bob"))
        killed(who)
        refused(write(who), 409)
        clock.shift(LEASE + timedelta(seconds=ASK_AGAIN_SECONDS))
        assert timedelta(seconds=30) > LEASE + timedelta(seconds=ASK_AGAIN_SECONDS)
        first, again = write(who), write(who)
    assert (first.status_code, made()) == (201, 1)
    assert same(first, again)


def killed(who: dict[str, str]) -> None:
    """A process that died with a claim and left no word."""

    class Killed(BaseException):
        pass

    def dies() -> None:
        raise Killed

    Makes.meanwhile.append(dies)
    with pytest.raises(Killed):
        write(who)
    Makes.meanwhile.clear()


def test_a_write_slower_than_its_lease_cannot_keep_its_reply_once_a_repeat_took_over(db: None):
    """So its transaction is undone, and the one whose claim it is by then stands."""
    asked = (uuid.uuid4(), "k", "digest")
    slow, repeat = claim(*asked, NOON), claim(*asked, NOON + LEASE)
    assert isinstance(slow, Claim)
    assert isinstance(repeat, Claim)
    with pytest.raises(StillRunning):
        keep(slow, Kept(201, {}, b"{}"))
    release(slow)
    keep(repeat, Kept(201, {}, b"{}"))
    assert claim(*asked, NOON + LEASE) == Kept(201, {}, b"{}")


def test_a_reply_is_kept_for_a_day(alice: dict[str, str]):
    user = a_user("bob")
    with time_machine.travel(NOON, tick=False) as clock:
        first = write(bearer(user))
        clock.shift(KEPT_FOR - timedelta(seconds=1))
        assert forget_expired(wall_now()) == 0
        assert same(first, write(bearer(user)))
        clock.shift(timedelta(seconds=1))
        later = write(bearer(user), body={"a": 1})
    assert (later.status_code, made()) == (201, 2), "an expired key is free before it is cleaned away"
    assert forget_expired(NOON + 3 * KEPT_FOR) == 1


def test_what_is_kept_is_sealed_and_opens_for_its_owner_alone(alice: dict[str, str]):
    write(alice)
    assert "success" not in IdempotentReply.objects.get().sealed_body
    bob = a_user("bob")
    IdempotentReply.objects.update(owner=bob.pk)
    assert "no longer be shown" in refused(write(bearer(bob)), 409)["message"]
    assert made() == 1


@pytest.mark.django_db(transaction=True)
def test_what_fails_after_the_commit_does_not_make_the_write_look_undone():
    who = bearer(a_user("alice"))
    first, again = (write(who, body={"wish": "a hook that fails"}) for _ in range(2))
    assert (first.status_code, made()) == (201, 1)
    assert same(first, again)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_done_and_all_others_wait_or_repeat():
    who, together = bearer(a_user("alice")), Barrier(AT_ONCE)

    def one(_: int) -> Any:
        together.wait(timeout=60)
        try:
            return write(who)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        replies = list(threads.map(one, range(AT_ONCE)))
    assert made() == 1
    done = [reply for reply in replies if reply.status_code == 201]
    assert {reply.content for reply in done} == {done[0].content}
    others = [reply for reply in replies if reply.status_code != 201]
    assert {reply.status_code for reply in others} <= {409}
    assert all(reply["Retry-After"] for reply in others)


def test_a_file_that_is_not_json_counts_by_its_bytes(rf: Any):
    """The digest is of what was sent, whatever it means."""
    asked = [rf.post("/x", body, content_type="text/csv") for body in (b"a\n1", b"a\n1", b"a\n2")]
    first, again, other = (_digest(type("Asked", (), {"_request": one})) for one in asked)
    assert first == again != other
