"""A known credential costs no query, and whatever changes its rights counts from the next request."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services.administration import By, note_changes
from accounts.services.api_keys import make_api_key, revoke_api_key
from accounts.services.audit import NOWHERE
from accounts.services.passwords import change_password
from accounts.services.sessions import end_sessions_of
from core.api import hot, standing
from core.api.limiter import MemoryLimiter
from core.api.standing import MemoryStandings, RedisStandings, Standing, standings
from core.api.tally import RedisTally
from core.lib.clock import wall_now
from core.net.redis_link import Away, RedisLink
from tests.make.accounts import PASSWORD, a_user, bearer

PUBLIC = "/api/v1/market/sources"
ME = "/api/v1/auth/me"
NOW = wall_now()


@pytest.fixture(params=[0, 100])
def limit(request, settings):
    """The same with limits and without them."""
    settings.RATE_LIMIT_MAX = request.param
    return request.param


def key_of(user: User, *scopes: str) -> dict[str, str]:
    _, key = make_api_key(user_id=user.id, name="a", scopes=scopes or ["read"], now=wall_now())
    return {"Authorization": f"Api-Key {key}"}


def status(headers: dict[str, str], path: str = ME) -> int:
    return Client().get(path, headers=headers).status_code


@pytest.fixture(params=[bearer, key_of], ids=["session", "key"])
def headers(request, db):
    return request.param(a_user())


def queries_of(queries: Any) -> list[str]:
    return [one["sql"] for one in queries.captured_queries if "accounts_" in one["sql"]]


@pytest.mark.django_db
def test_a_credential_is_looked_up_once_and_known_then(headers, limit, django_assert_max_num_queries):
    for most in (1, 0, 0):
        with django_assert_max_num_queries(50) as queries:
            assert status(headers, PUBLIC) == 200
        own = [sql for sql in queries_of(queries) if not sql.startswith("UPDATE")]
        assert len(own) == most, own


@pytest.mark.django_db
def test_the_rest_of_the_user_comes_in_one_query(limit, django_assert_num_queries):
    headers = bearer(a_user(preferences={"theme": "dark"}))
    fresh = Client().get(ME, headers=headers).json()
    with django_assert_num_queries(1):
        assert Client().get(ME, headers=headers).json() == fresh


@pytest.mark.django_db
def test_a_known_user_is_counted_by_plan_in_the_same_breath(headers, settings):
    settings.RATE_LIMIT_MAX = 100
    left = [Client().get(PUBLIC, headers=headers)["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["999", "998", "997"]


@pytest.mark.django_db
def test_over_the_limit_the_known_are_refused_as_the_unknown_are(headers, settings, monkeypatch):
    settings.RATE_LIMIT_MAX = 100
    monkeypatch.setitem(_plan_limits(), User.Plan.FREE, 2)
    replies = [Client().get(PUBLIC, headers=headers) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [200, 200, 429, 429]
    assert [reply["X-RateLimit-Remaining"] for reply in replies] == ["1", "0", "0", "0"]
    assert replies[3]["Retry-After"] == replies[3]["X-RateLimit-Reset"]


def _plan_limits():
    from accounts.api import authentication

    return authentication.PLAN_LIMITS


@pytest.mark.django_db
def test_an_ended_session_counts_no_more(limit):
    alice = a_user()
    here = bearer(alice)
    assert [status(here), status(here)] == [200, 200]
    end_sessions_of(user_id=alice.id, because="test", now=wall_now())
    assert status(here) == 401


@pytest.mark.django_db
def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(limit):
    alice = a_user()
    here, there = bearer(alice), bearer(alice)
    assert [status(here), status(there)] == [200, 200]
    own = alice.sessions.order_by("created_at").first()
    change_password(
        user_id=alice.id,
        current_password=PASSWORD,
        password="quiet rivers bend twice",
        now=wall_now(),
        keep=own.id,
    )
    assert [status(here), status(there)] == [200, 401]


@pytest.mark.django_db
def test_a_disabled_account_counts_no_more(headers, limit):
    assert [status(headers, PUBLIC), status(headers, PUBLIC)] == [200, 200]
    alice = User.objects.get()
    alice.is_active = False
    alice.save()
    assert status(headers, PUBLIC) == 401


@pytest.mark.django_db
def test_a_deleted_account_counts_no_more(headers, limit):
    assert [status(headers, PUBLIC), status(headers, PUBLIC)] == [200, 200]
    User.objects.get().delete()
    assert status(headers, PUBLIC) == 401


@pytest.mark.django_db
def test_a_lowered_role_counts_from_the_next_request(limit):
    before = a_user("ann", role=User.Role.ANALYST)
    here = bearer(before)
    assert [status(here), status(here)] == [200, 200]
    after = User.objects.get()
    after.role = User.Role.USER
    after.save()
    note_changes(before, after, By(a_user("ada").id, wall_now(), NOWHERE))
    assert status(here) == 401


@pytest.mark.django_db
def test_a_new_plan_counts_from_the_next_request(headers, settings):
    settings.RATE_LIMIT_MAX = 100
    assert Client().get(PUBLIC, headers=headers)["X-RateLimit-Limit"] == "1000"
    alice = User.objects.get()
    alice.plan = User.Plan.PRO
    alice.save()
    assert Client().get(PUBLIC, headers=headers)["X-RateLimit-Limit"] == "10000"


@pytest.mark.django_db
def test_a_revoked_key_counts_no_more(limit):
    alice = a_user()
    headers = key_of(alice)
    assert [status(headers, PUBLIC), status(headers, PUBLIC)] == [200, 200]
    revoke_api_key(user_id=alice.id, key_id=ApiKey.objects.get().id, now=wall_now())
    assert status(headers, PUBLIC) == 401


@pytest.mark.django_db
def test_a_known_key_keeps_to_its_scopes(limit):
    headers = key_of(a_user("ann", role=User.Role.ANALYST), "train")
    assert [status(headers, PUBLIC) for _ in range(3)] == [403] * 3


@pytest.mark.django_db
def test_a_session_of_one_does_not_open_what_is_anothers(limit):
    alice, bob = a_user("alice"), a_user("bob")
    ours = {name: bearer(user) for name, user in (("alice", alice), ("bob", bob))}
    for _ in range(2):
        for name, headers in ours.items():
            assert Client().get(ME, headers=headers).json()["data"]["user"]["username"] == name


@pytest.mark.django_db
def test_a_token_that_expires_is_refused_though_its_session_is_known(limit, monkeypatch):
    here = bearer(a_user())
    assert status(here) == 200
    later = timezone.now().timestamp() + 601
    monkeypatch.setattr("accounts.services.tokens.time.time", lambda: later)
    assert status(here) == 401


@pytest.mark.django_db
def test_logging_in_changes_no_rights_and_forgets_nothing(monkeypatch):
    alice = a_user()
    forgotten = []
    monkeypatch.setattr("accounts.receivers.forget", forgotten.append)
    Client().force_login(alice)
    assert forgotten == []


# The store


ALICE = Standing("alice", 5, True, '{"line": "a\\nb"}')


def memory_standings() -> MemoryStandings:
    counts = MemoryLimiter()
    return MemoryStandings(lambda: counts)


def redis_standings() -> RedisStandings:
    link, prefix = standing.redis_link(), standing.settings.KEY_PREFIX
    if link is None:
        pytest.skip("REDIS_URL is not set: standings in Redis are not tested")
    return RedisStandings(link, prefix, RedisTally(link, prefix, MemoryLimiter().tally))


@pytest.fixture(params=[memory_standings, redis_standings], ids=["memory", "redis"])
def store(request):
    return request.param()


def test_what_was_put_is_known_and_counted(store):
    since = store.ask("session:1", 900).since
    store.put("session:1", ALICE, 60, since)
    found = store.ask("session:1", 900)
    assert found.standing == ALICE
    assert (found.verdict.allowed, found.verdict.remaining) == (True, 4)
    assert store.ask("session:1", 0).verdict is None
    assert store.ask("session:2", 900).standing is None


def test_what_is_put_after_a_change_is_not_kept(store):
    since = store.ask("session:1", 900).since
    store.forget("bob")
    store.put("session:1", ALICE, 60, since)
    assert store.ask("session:1", 900).standing is None


def test_a_change_forgets_every_credential_of_that_user_alone(store):
    for name, whose in (("session:1", "alice"), ("key:1", "alice"), ("session:2", "bob")):
        store.put(name, ALICE._replace(user=whose), 60, store.ask(name, 0).since)
    store.forget("alice")
    known = [store.ask(name, 0).standing is not None for name in ("session:1", "key:1", "session:2")]
    assert known == [False, False, True]


def test_where_only_readers_will_do_others_are_not_counted(store):
    store.put("key:1", ALICE._replace(reads=False), 60, store.ask("key:1", 0).since)
    assert store.ask("key:1", 900, to_read=True).verdict is None
    assert store.ask("key:1", 900).verdict.remaining == 4


def test_it_is_known_for_seconds_alone():
    now = [0.0]
    store = MemoryStandings(MemoryLimiter, clock=lambda: now[0])
    store.put("session:1", ALICE, 60, "0")
    now[0] = 4.9
    assert store.ask("session:1", 0).standing
    now[0] = 5.1
    assert store.ask("session:1", 0).standing is None


def test_one_that_ends_sooner_is_known_no_longer_than_that():
    now = [0.0]
    store = MemoryStandings(MemoryLimiter, clock=lambda: now[0])
    store.put("session:1", ALICE, timedelta(seconds=2).total_seconds(), "0")
    now[0] = 2.1
    assert store.ask("session:1", 0).standing is None


def test_without_redis_nothing_is_known():
    link = RedisLink("redis://127.0.0.1:1/0")
    store = RedisStandings(link, "nobody", RedisTally(link, "nobody", MemoryLimiter().tally))
    store.put("session:1", ALICE, 60, store.ask("session:1", 900).since)
    store.forget("alice")
    assert store.ask("session:1", 900) == standing.Answer()


@pytest.mark.django_db
def test_without_redis_the_database_is_asked_each_time(limit, monkeypatch, settings):
    if not standing.redis_link():
        pytest.skip("REDIS_URL is not set: there is no Redis that could vanish")
    alice = a_user()
    here = bearer(alice)
    assert status(here) == 200

    def gone(command):
        raise Away

    monkeypatch.setattr(standing.redis_link(), "_send", gone)
    assert status(here) == 200
    end_sessions_of(user_id=alice.id, because="test", now=wall_now())
    assert status(here) == 401


@pytest.mark.django_db(transaction=True)
def test_a_change_counts_after_its_commit_too():
    """Whoever asks between the change and its commit sees the old row: that must not be kept."""
    from django.db import transaction

    store = standings()
    with transaction.atomic():
        standing.forget("alice")
        store.put("session:1", ALICE, 60, store.ask("session:1", 0).since)
        assert store.ask("session:1", 0).standing == ALICE
    assert store.ask("session:1", 0).standing is None


@pytest.mark.django_db
def test_ready_bytes_are_served_to_who_is_known_as_to_anybody(headers, limit):
    hot.put(hot.key("/api/v1/predictions/record"), b'{"ready": true}', wall_now() + timedelta(minutes=1), 5)
    for _ in range(2):
        assert Client().get("/api/v1/predictions/record", headers=headers).content == b'{"ready": true}'


@pytest.mark.django_db
def test_ready_bytes_are_no_way_around_a_scope_or_a_bad_credential(limit):
    hot.put(hot.key("/api/v1/predictions/record"), b'{"ready": true}', wall_now() + timedelta(minutes=1), 5)
    trains = key_of(a_user("ann", role=User.Role.ANALYST), "train")
    for _ in range(2):
        assert status(trains, "/api/v1/predictions/record") == 403
        assert status({"Authorization": "Bearer x"}, "/api/v1/predictions/record") == 401
