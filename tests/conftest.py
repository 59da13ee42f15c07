"""Fixtures that every test may use."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

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


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """No test sees what another left in this process: cached values, ready bytes, counts, a market clock."""
    cache.clear()
    forget_market_clock()
    hot_store.cache_clear()
    limiter.cache_clear()
    yield
