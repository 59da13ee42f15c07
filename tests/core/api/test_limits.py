"""A limit is a limit: exact under pressure, on Redis and in memory, whatever headers are forged."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from core.api.client_address import address_of
from core.api.limiter import Count, Limiter, MemoryLimiter, RedisLimiter
from core.net.redis_link import RedisLink
from tests.core.api.test_envelope import refused

WINDOW = 900


def redis_limiter() -> Limiter:
    if not settings.REDIS_URL:
        pytest.skip("REDIS_URL is not set: the limit on Redis is not tested")
    return RedisLimiter(RedisLink(settings.REDIS_URL), settings.KEY_PREFIX)


@pytest.fixture(params=[MemoryLimiter, redis_limiter], ids=["memory", "redis"])
def limiter(request: pytest.FixtureRequest) -> Limiter:
    make: Callable[[], Limiter] = request.param
    return make()


def test_exactly_the_limit_passes_64_threads(limiter: Limiter, request: pytest.FixtureRequest):
    with ThreadPoolExecutor(64) as pool:
        verdicts = list(pool.map(lambda _: limiter.hit(f"{request.node.name}", 100, WINDOW, 0.0), range(400)))
    assert Counter(verdict.allowed for verdict in verdicts) == {True: 100, False: 300}
    assert sorted(verdict.remaining for verdict in verdicts if verdict.allowed) == list(range(100))


def test_a_verdict_says_what_is_left_and_until_when(limiter: Limiter, request: pytest.FixtureRequest):
    first = limiter.hit(request.node.name, 2, WINDOW, 0.0)
    assert (first.allowed, first.limit, first.remaining) == (True, 2, 1)
    assert WINDOW - 2 <= first.reset <= WINDOW


def test_keys_are_counted_apart(limiter: Limiter, request: pytest.FixtureRequest):
    limiter.hit(f"{request.node.name}-a", 1, WINDOW, 0.0)
    assert limiter.hit(f"{request.node.name}-b", 1, WINDOW, 0.0).allowed


def test_a_window_ends():
    limiter = MemoryLimiter()
    assert [limiter.hit("a", 1, 10, now).allowed for now in (0.0, 9.9, 10.0, 10.1)] == [
        True,
        False,
        True,
        False,
    ]


def test_memory_is_bounded_and_drops_the_oldest_window():
    limiter = MemoryLimiter(most_keys=3)
    for key in "abcd":
        limiter.hit(key, 1, WINDOW, 0.0)
    assert limiter.hit("a", 1, WINDOW, 1.0).allowed
    assert not limiter.hit("d", 1, WINDOW, 1.0).allowed


def test_without_redis_each_process_counts_for_itself():
    limiter = RedisLimiter(RedisLink("redis://127.0.0.1:1/0"), "nobody")
    assert [limiter.hit("a", 2, WINDOW, 0.0).allowed for _ in range(3)] == [True, True, False]


FORGED = "1.1.1.1, 2.2.2.2"


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "counted"),
    [
        ("9.9.9.9", "", (), "9.9.9.9"),
        ("9.9.9.9", FORGED, (), "9.9.9.9"),
        ("9.9.9.9", FORGED, ("10.0.0.0/8",), "9.9.9.9"),
        ("10.0.0.1", "", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", f"{FORGED}, 9.9.9.9", ("10.0.0.0/8",), "9.9.9.9"),
        ("10.0.0.1", f"{FORGED},9.9.9.9, 10.0.0.2", ("10.0.0.0/8",), "9.9.9.9"),
        ("10.0.0.1", f"{FORGED}, nonsense", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", ("10.0.0.0/8",), "10.0.0.3"),
        ("10.0.0.1", "9.9.9.9:4711", ("10.0.0.0/8",), "9.9.9.9"),
        ("10.0.0.1", "[2001:db8:1:2:3::4]:443", ("10.0.0.1/32",), "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "9.9.9.9", ("10.0.0.1",), "9.9.9.9"),
        ("::1", FORGED, (), "::1"),
        ("", FORGED, ("10.0.0.0/8",), "unknown"),
        ("\x00", "", (), "unknown"),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer: str, forwarded: str, trusted: tuple[str, ...], counted: str):
    assert address_of(peer, forwarded, trusted) == counted


def test_neighbours_in_one_ipv6_network_are_counted_together():
    assert address_of("2001:db8::1", "", ()) == address_of("2001:db8::ffff", "", ())


@pytest.fixture
def api(settings: Any) -> Client:
    settings.RATE_LIMIT_MAX = 3
    settings.ROOT_URLCONF = "tests.core.api.urlconf"
    settings.API_CALLER = ""
    return Client()


def test_replies_say_how_much_is_left(api: Client):
    response = api.get("/api/v1/asks")
    assert (response["X-RateLimit-Limit"], response["X-RateLimit-Remaining"]) == ("3", "2")
    assert 0 < int(response["X-RateLimit-Reset"]) <= 900


def test_too_many_are_refused_and_told_when(api: Client):
    for _ in range(3):
        assert api.get("/api/v1/asks").status_code == 200
    response = api.get("/api/v1/asks")
    error = refused(response, 429)
    assert error["retry_after"] == int(response["Retry-After"]) == int(response["X-RateLimit-Reset"])
    assert response["X-RateLimit-Remaining"] == "0"


def test_unknown_paths_and_bad_requests_count_too(api: Client):
    statuses = [
        api.get(path).status_code
        for path in ("/api/v1/nowhere", "/api/v1/asks?limit=x", "/api/v1/raises/bug")
    ]
    assert statuses == [404, 400, 500]
    refused(api.get("/api/v1/asks"), 429)


def test_a_forged_header_changes_nothing(api: Client):
    for number in range(3):
        api.get("/api/v1/asks", headers={"X-Forwarded-For": f"1.1.1.{number}"})
    refused(api.get("/api/v1/asks", headers={"X-Forwarded-For": "8.8.8.8", "X-Real-IP": "8.8.8.8"}), 429)


def test_behind_a_trusted_proxy_each_client_has_its_own_limit(api: Client, settings: Any):
    settings.TRUSTED_PROXIES = ("127.0.0.1",)
    statuses = [
        api.get("/api/v1/asks", headers={"X-Forwarded-For": f"1.1.1.{number}"}).status_code
        for number in range(5)
    ]
    assert statuses == [200] * 5


def test_health_pages_and_zero_are_not_limited(api: Client, settings: Any):
    for path in ("/api/v1/health", "/api/v1/health/live", "/page"):
        assert {api.get(path).status_code for _ in range(5)} <= {200, 404}
    settings.RATE_LIMIT_MAX = 0
    response = api.get("/api/v1/asks")
    assert response.status_code == 200 and "X-RateLimit-Limit" not in response


def alice(request: Any) -> tuple[str, int] | None:
    return ("user:alice", 5) if "Authorization" in request.headers else None


def broken(request: Any) -> tuple[str, int] | None:
    from django.db import OperationalError

    raise OperationalError("away")


def test_somebody_who_is_known_has_a_limit_of_their_own(api: Client, settings: Any):
    settings.API_CALLER = "tests.core.api.test_limits.alice"
    signed_in = api.get("/api/v1/asks", headers={"Authorization": "Bearer x"})
    assert (signed_in["X-RateLimit-Limit"], api.get("/api/v1/asks")["X-RateLimit-Limit"]) == ("5", "3")


def test_while_nobody_can_say_who_asks_the_address_counts(api: Client, settings: Any):
    settings.API_CALLER = "tests.core.api.test_limits.broken"
    assert api.get("/api/v1/asks")["X-RateLimit-Limit"] == "3"


def test_of_several_counts_a_full_one_leaves_the_others_alone(
    limiter: Limiter, request: pytest.FixtureRequest
):
    mine, all_ = Count(f"{request.node.name}:mine", 2, WINDOW), Count(f"{request.node.name}:all", 5, WINDOW)
    passed = [[verdict.allowed for verdict in limiter.hit_all((mine, all_), 0.0)] for _ in range(4)]
    assert passed == [[True, True]] * 2 + [[False, True]] * 2
    assert limiter.hit(all_.key, 5, WINDOW, 0.0).remaining == 2


def test_of_several_counts_the_smallest_is_exact_under_64_threads(
    limiter: Limiter, request: pytest.FixtureRequest
):
    counts = [Count(f"{request.node.name}:{limit}", limit, WINDOW) for limit in (100, 150)]
    with ThreadPoolExecutor(64) as pool:
        verdicts = list(pool.map(lambda _: limiter.hit_all(counts, 0.0), range(400)))
    assert sum(all(one.allowed for one in each) for each in verdicts) == 100
    assert limiter.hit(counts[1].key, 150, WINDOW, 0.0).remaining == 49
