"""Fixtures that every test may use."""

from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from core.api.hot.store import store as hot_store
from core.api.throttling import limiter
from core.lib.clock import forget_market_clock
from tests.make.record import emptying_lifts_the_triggers


@pytest.fixture(autouse=True, scope="session")
def _static_folder():
    """whitenoise warns of a folder that isn't there, and a warning is an error."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


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


def _forget_cached() -> None:
    """On Redis only this process's keys: emptying the database would take those of a suite beside this one."""
    if not settings.REDIS_URL:
        cache.clear()
        return
    with redis.Redis.from_url(settings.REDIS_URL) as link:
        own = list(link.scan_iter(match=f"{settings.KEY_PREFIX}*", count=1000))
        if own:
            link.delete(*own)


@pytest.fixture(autouse=True)
def _as_in_a_fresh_process():
    """No test sees what another left in this process: cached values, ready bytes, counts, a market clock."""
    _forget_cached()
    forget_market_clock()
    hot_store.cache_clear()
    limiter.cache_clear()
    yield
