"""Whatever the stream does: no bad row, and good prices again soon."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from markets.models import LatestQuote, Quote, RefusedReply, StreamState, Token
from markets.sandbox.faults import OF_CONNECTIONS, OF_MESSAGES
from markets.sandbox.server import SandboxServer
from markets.services.streaming import desk
from tests.markets.streaming.conftest import HASTE, collect_until, latest, state

pytestmark = pytest.mark.django_db
SECONDS_HIT = 3
HARMLESS = {"duplicate"}
CUTS = {"hang_up", "half_frame", "close", "shutdown", "oversized"}


@pytest.fixture(autouse=True)
def _four_tokens(sol: Token) -> None:
    """Enough to mistake one for another."""
    Token.objects.exclude(symbol__in=["SOL", "ETH", "BTC", "BONK"]).update(active=False)


class Watch:
    """Every price that is ever shown must be the market's at the time that it names."""

    def __init__(self, upstream: SandboxServer, fault: str) -> None:
        self.upstream, self.fault = upstream, fault
        self.hit_at: datetime | None = None

    def is_over(self) -> bool:
        """The fault has hit as often as it was to, and a newer price is there."""
        self.check()
        if self.upstream.faults.listed():
            return False
        self.hit_at = self.hit_at or latest().observed_at
        return latest().streamed and latest().observed_at > self.hit_at

    def check(self) -> None:
        for quote in LatestQuote.objects.filter(streamed=True).select_related("token"):
            self._check(quote.token, quote.observed_at, quote.price_usd)
        for kept in Quote.objects.select_related("token"):
            self._check(kept.token, kept.observed_at, kept.price_usd)

    def _check(self, token: Token, at: datetime, price: float) -> None:
        true = self.upstream.market.last_price(token.coingecko_id, at.timestamp())
        assert true is not None
        assert price == pytest.approx(true[0], rel=1e-4), f"{token} after {self.fault}"


@pytest.mark.parametrize("fault", OF_MESSAGES)
def test_a_bad_message_is_dropped_and_counted(upstream: SandboxServer, fault: str) -> None:
    upstream.faults.add(fault, "stream", count=SECONDS_HIT)
    watch = Watch(upstream, fault)
    collect_until(watch.is_over)
    assert (state().refused > 0) == (fault not in HARMLESS | CUTS)
    assert RefusedReply.objects.filter(endpoint="stream").exists() == (fault not in HARMLESS | CUTS)
    assert state().connections == (1 + SECONDS_HIT if fault in CUTS else 1)


@pytest.mark.parametrize("fault", OF_CONNECTIONS)
def test_a_connection_that_ends_badly_is_followed_by_another(upstream: SandboxServer, fault: str) -> None:
    upstream.faults.add(fault, "stream", count=SECONDS_HIT)
    watch = Watch(upstream, fault)
    collect_until(watch.is_over)
    assert state().refused == 0
    assert state().connections == (1 + SECONDS_HIT if fault in CUTS else 1)


def test_a_connection_on_which_nothing_comes_counts_as_dead(upstream: SandboxServer) -> None:
    upstream.faults.add("silence", "stream")

    def look() -> bool:
        if StreamState.objects.filter(connections__gte=2).exists():
            upstream.faults.clear()
        return latest().streamed

    collect_until(look, replace(HASTE, silence=0.5))
    assert state().last_error == "silent for 0.5 s"


def test_a_replay_may_be_silent_for_long(upstream: SandboxServer, settings: Any) -> None:
    settings.MARKET = replace(settings.MARKET, replay=Path())
    upstream.faults.add("silence", "stream", count=20)
    collect_until(lambda: latest().streamed, replace(HASTE, silence=0.2))
    assert state().connections == 1


@pytest.mark.parametrize("status", ["429", "500", "503"])
def test_a_refused_handshake_is_tried_again(upstream: SandboxServer, status: str) -> None:
    upstream.faults.add(status, "stream", count=2, retry_after=0)
    collect_until(lambda: latest().streamed and StreamState.objects.filter(heard_at__isnull=False).exists())
    assert state().last_error == f"Binance's stream answered {status}."


def test_a_refusal_for_good_is_not_tried_again_soon(upstream: SandboxServer) -> None:
    upstream.faults.add("451", "stream")
    looks = iter(range(60))
    collect_until(lambda: next(looks) > 50)
    assert "not served from here" in state().last_error
    assert upstream.faults.taken["451"] == 1


def test_a_database_that_is_away_for_a_moment_costs_no_price(
    upstream: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores, failures = desk.store_ticks, iter(range(3))

    def failing(*arguments: Any, **options: Any) -> Any:
        if next(failures, None) is not None:
            raise OperationalError("the database system is shutting down")
        return stores(*arguments, **options)

    monkeypatch.setattr(desk, "store_ticks", failing)
    collect_until(lambda: latest().streamed)
    assert state().connections == 1


def test_garbage_without_end_fills_no_table(upstream: SandboxServer) -> None:
    upstream.faults.add("html", "stream")
    collect_until(
        lambda: StreamState.objects.filter(refused__gt=40).exists(), replace(HASTE, refusals=1000.0)
    )
    assert RefusedReply.objects.filter(endpoint="stream").count() == 1
