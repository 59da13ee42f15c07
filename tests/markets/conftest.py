"""The sandbox on loopback, standing still at one moment of market time, and clients that don't wait."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from core.net.client import HttpClient
from core.net.retry import RetryPolicy
from markets.models import Token
from markets.providers.binance.fetch import Binance
from markets.providers.coingecko.fetch import CoinGecko
from markets.sandbox.server import SandboxConfig, SandboxServer, start
from markets.services import clients
from markets.services.ledger import spend
from tests.make.markets import NOON

ONE_ATTEMPT = RetryPolicy(attempts=1)
MARKET_NOW = NOON + timedelta(seconds=20)


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[SandboxServer]:
    config = SandboxConfig(market_at=MARKET_NOW, speed=0, epoch=NOON - timedelta(days=5), tokens=12)
    with start(config) as server:
        yield server


@pytest.fixture
def patience() -> float:
    """Seconds that a reply may take; tests of a source that never answers have less."""
    return 15.0


@pytest.fixture
def sandbox(
    running_sandbox: SandboxServer,
    settings: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    patience: float,
) -> Iterator[SandboxServer]:
    """The sandbox without faults, at 12:00:20, as this test's market source; no call is tried twice."""
    settings.MARKET = replace(
        settings.MARKET,
        coingecko_url=running_sandbox.coingecko_url,
        binance_url=running_sandbox.binance_url,
        stream_url=running_sandbox.stream_url,
    )
    coingecko = CoinGecko(
        _http(running_sandbox.coingecko_url, patience), lambda kind: spend("coingecko", kind), ONE_ATTEMPT
    )
    binance = Binance(_http(running_sandbox.binance_url, patience), ONE_ATTEMPT)
    monkeypatch.setattr(clients, "coingecko", lambda: coingecko)
    monkeypatch.setattr(clients, "binance", lambda: binance)
    monkeypatch.setattr(clients, "hurried_binance", lambda: binance)
    running_sandbox.requests.clear()
    running_sandbox.clock.move(market_at=MARKET_NOW.timestamp(), speed=0)
    yield running_sandbox
    running_sandbox.faults.clear()


def _http(url: str, patience: float) -> HttpClient:
    return HttpClient(url, read_timeout=patience, total_timeout=2 * patience)


@pytest.fixture
def registered(sandbox: SandboxServer, db: None) -> list[Token]:
    """The tokens that the sandbox knows, best rank first."""
    board = sandbox.market.board(MARKET_NOW.timestamp())
    pairs = {pair.coingecko_id: pair.symbol for pair in sandbox.market.pairs(MARKET_NOW.timestamp())}
    return [
        Token.objects.create(
            coingecko_id=one.listing.coingecko_id,
            symbol=one.listing.symbol,
            name=one.listing.name,
            binance_symbol=pairs.get(one.listing.coingecko_id, ""),
            rank=place,
        )
        for place, one in enumerate(board, start=1)
    ]
