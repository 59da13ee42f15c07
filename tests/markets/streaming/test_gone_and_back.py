"""The exchange goes for a while and comes back at the same address."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from core.lib.clock import market_now
from markets.models import StreamState, Token
from markets.sandbox.server import SandboxConfig, SandboxServer, start
from markets.services.streaming import desk
from tests.make.markets import NOON
from tests.markets.streaming.conftest import SPEED, collect_until, latest, state

pytestmark = pytest.mark.django_db


class Exchange:
    """Another sandbox with the same market, which can go."""

    def __init__(self) -> None:
        self.server: SandboxServer | None = self._started(0)
        self.port = self.server.port

    def _started(self, port: int) -> SandboxServer:
        server = start(
            SandboxConfig(port=port, epoch=NOON - timedelta(days=5), market_at=market_now(), tokens=12)
        )
        server.clock.move(market_at=market_now().timestamp(), speed=SPEED)
        return server

    def go(self) -> None:
        if self.server:
            self.server.stop()
        self.server = None

    def come_back(self) -> None:
        self.server = self._started(self.port)


def test_prices_come_again_once_the_exchange_is_back(sol: Token, settings: SimpleNamespace) -> None:
    exchange = Exchange()
    settings.MARKET = replace(settings.MARKET, stream_url=f"ws://127.0.0.1:{exchange.port}")
    last_before: list[datetime] = []

    def look() -> bool:
        if exchange.server and not last_before and latest().streamed:
            exchange.go()
        if exchange.server is None and StreamState.objects.filter(last_error__contains="reached").exists():
            last_before.append(latest().observed_at)
            exchange.come_back()
        # A price asked for by REST may come before the stream is there again.
        is_newer = bool(last_before) and latest().observed_at > last_before[0]
        return is_newer and state().connections == 2 and latest().streamed

    try:
        collect_until(look)
    finally:
        exchange.go()
    assert state().connections == 2
    assert latest().streamed


def test_what_was_missed_is_asked_for_as_soon_as_it_is_back(
    sol: Token, upstream: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "NO_GAP", timedelta())
    seen: set[datetime] = set()

    def look() -> bool:
        seen.add(latest().observed_at)
        if len(seen) == 4:
            upstream.faults.add("hang_up", "stream", count=1)
        return upstream.requests["binance /ticker/24hr"] >= 2

    collect_until(look)
    assert state().connections == 2
