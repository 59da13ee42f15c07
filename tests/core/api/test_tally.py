"""What passed and what was refused, minute by minute, in memory and in Redis alike."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from core.api import throttling
from core.api.limiter import Count, Limiter, RedisLimiter
from core.api.tally import MemoryTally, Minute
from core.net.redis_link import RedisLink
from tests.core.api.test_limits import limiter as either_limiter

limiter = either_limiter
NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
HOUR = 3600.0


@pytest.fixture
def at(limiter: Limiter) -> Callable[[float], None]:
    """Sets the tally's clock to so many seconds after noon."""

    def set_to(seconds: float) -> None:
        limiter.tally._clock = lambda: NOON.timestamp() + seconds  # type: ignore[attr-defined]

    return set_to


def test_minutes_and_scopes_are_told_apart(limiter: Limiter, at: Callable[[float], None]):
    at(1)
    for _ in range(3):
        limiter.hit("address:a", 2, 900, 0.0)
    limiter.hit("user:b", 2, 900, 0.0)
    at(61)
    limiter.hit("address:c", 2, 900, 0.0)
    assert limiter.tally.read(1) == [
        Minute(NOON, "address", 2, 1),
        Minute(NOON, "user", 1, 0),
        Minute(NOON.replace(minute=1), "address", 1, 0),
    ]


def test_older_hours_are_left_out(limiter: Limiter, at: Callable[[float], None]):
    for hours in (0.0, 2.5, 3.0):
        at(hours * HOUR)
        limiter.hit("login:a", 9, 900, 0.0)
    assert [minute.at.hour for minute in limiter.tally.read(1)] == [14, 15]
    assert [minute.at.hour for minute in limiter.tally.read(3)] == [12, 14, 15]


def test_several_counts_are_one_request_under_the_first_scope(limiter: Limiter, at: Callable[[float], None]):
    at(0)
    for _ in range(2):
        limiter.hit_all((Count("login:a", 5, 900), Count("login-all:", 1, 900)), 0.0)
    assert limiter.tally.read(1) == [Minute(NOON, "login", 1, 1)]


def test_memory_forgets_after_a_day():
    now = [NOON.timestamp()]
    tally = MemoryTally(clock=lambda: now[0])
    tally.add("address", True)
    now[0] += 25 * HOUR
    tally.add("address", True)
    assert len(tally._counts) == 1


def test_without_redis_the_process_tells_what_it_counted():
    limiter = RedisLimiter(RedisLink("redis://127.0.0.1:1/0"), "nobody")
    limiter.hit("address:a", 2, 900, 0.0)
    assert [minute.passed for minute in limiter.tally.read(1)] == [1]


def test_requests_are_tallied_as_they_are_judged(settings: Any):
    settings.RATE_LIMIT_MAX, settings.API_CALLER = 2, ""
    settings.ROOT_URLCONF = "tests.core.api.urlconf"
    for _ in range(3):
        Client().get("/api/v1/asks")
    told = throttling.tallies()
    assert {minute.scope for minute in told} == {"address"}
    assert (sum(minute.passed for minute in told), sum(minute.refused for minute in told)) == (2, 1)
