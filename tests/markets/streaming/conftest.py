"""A stream in a hurry: twenty market seconds a second, and a collector that runs in the test's own thread."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from core.jobs.market_time import stamp_market
from core.lib.clock import market_now
from core.net.retry import RetryPolicy
from markets.models import LatestQuote, StreamState, Token
from markets.sandbox import stream
from markets.sandbox.server import SandboxServer
from markets.services.streaming.collector import Collector
from markets.services.streaming.rhythm import Rhythm
from tests.make.markets import a_quote

SPEED = 20.0
HASTE = Rhythm(
    fold=0.05,
    gather=0.0,
    heartbeat=0.2,
    pairs=0.2,
    refusals=0.0,
    silence=20.0,
    steady=0.5,
    replies=1000.0,
    ping=60.0,
    turn=0.02,
    backoff=RetryPolicy(base=0.02, cap=0.1),
)


class Until(threading.Event):
    """Set as soon as something is the case, or once it took far too long."""

    def __init__(self, condition: Callable[[], bool], within: float = 60.0) -> None:
        super().__init__()
        self._condition, self._ends = condition, time.monotonic() + within
        self.is_late = False

    def is_set(self) -> bool:
        self.is_late = time.monotonic() > self._ends
        return self.is_late or self._condition()

    def wait(self, timeout: float | None = None) -> bool:
        time.sleep(min(timeout or 0.0, 0.02))
        return self.is_set()


def collect_until(condition: Callable[[], bool], rhythm: Rhythm = HASTE) -> None:
    """Collects until it is the case, in this thread and its transaction."""
    stopped = Until(condition)
    Collector(stopped, rhythm, drawn=lambda: 0.5).run()
    assert not stopped.is_late


def state() -> StreamState:
    return StreamState.objects.get()


def latest(symbol: str = "SOL") -> LatestQuote:
    return LatestQuote.objects.get(token__symbol=symbol)


@pytest.fixture
def upstream(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[SandboxServer]:
    """The sandbox's market runs with this database's clock."""
    monkeypatch.setattr(stream, "TICK", 1 / SPEED)
    stamp_market(kind="simulated", identity="seed-1", speed=SPEED)
    sandbox.clock.move(market_at=market_now().timestamp(), speed=SPEED)
    yield sandbox
    sandbox.clock.move(speed=0)


@pytest.fixture
def sol(upstream: SandboxServer, registered: list[Token]) -> Token:
    """Solana, which a poll has priced a moment ago, among the sandbox's other tokens."""
    token = Token.objects.get(symbol="SOL")
    now = market_now()
    price = upstream.market.last_price("solana", now.timestamp())
    assert price is not None
    a_quote(token, price[0], now, market_cap=5e9)
    return token
