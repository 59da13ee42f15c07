"""Fixtures that every test may use."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as of_properties

from core.api.hot.store import store as hot_store
from core.api.meter import meter
from core.api.standing import standings
from core.api.throttling import limiter, redis_link
from core.lib.clock import forget_market_clock
from portfolios.services.pacing import pace
from predictions.selectors.tallies import _sums as baseline_sums
from tests.make.cached import forget_cached
from tests.make.record import emptying_lifts_the_triggers

# A property holds or it does not: how fast a busy machine makes up examples is no part of it.
of_properties.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
of_properties.load_profile("steady")


@pytest.fixture(autouse=True, scope="session")
def _static_folder():
    """whitenoise warns of a folder that isn't there, and a warning is an error."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True, scope="session")
def _cheap_hashes():
    """As cheap as Argon2 goes, and everywhere alike: users' hashes are kept by the process, and one made at another
    cost would be made anew at its first use.
    """
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
            patched.setattr(Argon2PasswordHasher, name, value)
        yield


@pytest.fixture(autouse=True, scope="session")
def _redis_may_take_its_time():
    """Where a busy machine keeps Redis from answering within a quarter of a second, counts go on in the process, as
    they should; tests of exact counts want the one in Redis.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("core.net.redis_link.TIMEOUT_SECONDS", 5.0)
        yield


@pytest.fixture(autouse=True, scope="session")
def _append_only_tables_can_be_emptied():
    """Only between tests: inside one the database refuses, as it does for everybody."""
    with emptying_lifts_the_triggers():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Threads of servers that tests ran may still hold a connection, which PostgreSQL's DROP DATABASE minds."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True, scope="session")
def _nobody_empties_redis():
    """Django's `clear` takes the keys of every suite, worker and server on the same Redis: counts would begin anew in
    the middle of another worker's test.
    """

    def refused(*_):
        raise AssertionError("cache.clear() empties all of Redis; use tests.make.cached.forget_cached()")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(RedisCache, "clear", refused)
        yield


@pytest.fixture(autouse=True)
def _as_in_a_fresh_process():
    """No test sees what another left in this process: cached values, tasks, ready bytes, counts, a market clock, or a
    Redis that is left alone for a second since it was away.
    """
    forget_cached()
    forget_market_clock()
    for kept in (hot_store, limiter, standings, meter, pace, baseline_sums):
        kept.cache_clear()
    if link := redis_link():
        link._away_until = 0.0
    yield
