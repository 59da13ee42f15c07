"""One small simulated sandbox that stands still, shared by the tests of its API; faults end with a test."""

from datetime import UTC, datetime

import pytest
import requests

from markets.sandbox.server import SandboxConfig, start

NOON = datetime(2025, 11, 21, 12, 7, 10, tzinfo=UTC)


@pytest.fixture(scope="session")
def _standing_still():
    config = SandboxConfig(market_at=NOON, speed=0, seed=3, epoch=NOON, tokens=24)
    with start(config) as server:
        yield server


@pytest.fixture
def sandbox(_standing_still):
    yield _standing_still
    _standing_still.faults.clear()
    _standing_still.clock.move(market_at=NOON.timestamp(), speed=0)


@pytest.fixture
def http():
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def gecko(sandbox, http):
    def get(path, **params):
        return http.get(sandbox.coingecko_url + path, params=params, timeout=60)

    return get


@pytest.fixture
def exchange(sandbox, http):
    def get(path, **params):
        return http.get(f"{sandbox.binance_url}/api/v3{path}", params=params, timeout=60)

    return get
