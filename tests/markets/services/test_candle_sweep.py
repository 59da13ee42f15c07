"""Candles that nobody fetched, since the worker that should have was killed, are found and fetched."""

from datetime import timedelta
from typing import Any

import pytest

from core.jobs.slots import claim
from core.lib.errors import SourceFailure
from khalsi.schedule.table import job_named
from markets import tasks
from markets.events import candles_stored
from markets.models import Candle, Token
from markets.sandbox.server import SandboxServer
from markets.services.backfill import backfill_essential
from markets.services.candle_sweep import fetch_missed_candles
from markets.services.candles import fetch_closed_candles
from tests.markets.conftest import MARKET_NOW

pytestmark = pytest.mark.django_db
HOUR, QUARTER = 3600, 900


@pytest.fixture
def traded(registered: list[Token]) -> list[Token]:
    """Two tokens of the exchange whose candles reach to the last full quarter."""
    tokens = [token for token in registered if token.binance_symbol][:2]
    Token.objects.exclude(pk__in=[token.pk for token in tokens]).update(active=False)
    backfill_essential(MARKET_NOW, tokens=tokens)
    return tokens


def at(sandbox: SandboxServer, **passed: float) -> Any:
    moment = MARKET_NOW + timedelta(**passed)
    sandbox.clock.move(market_at=moment.timestamp())
    return moment


def newest(interval: int) -> Any:
    return Candle.objects.filter(interval=interval).latest("open_time").open_time + timedelta(
        seconds=interval
    )


def test_what_nobody_fetched_is_fetched_and_announced(
    sandbox: SandboxServer, traded: list[Token], django_capture_on_commit_callbacks: Any
) -> None:
    now = at(sandbox, hours=1, minutes=4)
    heard: list[tuple[int, Any]] = []

    def hear(interval: int, closed_at: Any, **_: Any) -> None:
        heard.append((interval, closed_at))

    candles_stored.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            found = fetch_missed_candles(now)
    finally:
        candles_stored.disconnect(hear)
    expected = now.replace(minute=0, second=0, microsecond=0)
    assert sorted(found[HOUR]) == sorted(found[QUARTER]) == sorted(token.pk for token in traded)
    assert heard == [(QUARTER, expected), (HOUR, expected)]
    assert newest(HOUR) == newest(QUARTER) == expected


def test_hours_that_were_lost_alone_are_found(sandbox: SandboxServer, traded: list[Token]) -> None:
    now = at(sandbox, hours=1, minutes=4)
    fetch_closed_candles(now)
    Candle.objects.filter(interval=HOUR, open_time__gte=MARKET_NOW - timedelta(minutes=30)).delete()
    expected = now.replace(minute=0, second=0, microsecond=0)
    assert newest(HOUR) < expected
    fetch_missed_candles(now)
    assert newest(HOUR) == expected


def test_the_second_time_nothing_is_asked(sandbox: SandboxServer, traded: list[Token]) -> None:
    now = at(sandbox, hours=1, minutes=4)
    fetch_missed_candles(now)
    sandbox.requests.clear()
    assert fetch_missed_candles(now) == {QUARTER: [], HOUR: []}
    assert not sandbox.requests


def test_before_three_minutes_have_passed_nobody_is_hurried(
    sandbox: SandboxServer, traded: list[Token]
) -> None:
    now = at(sandbox, hours=1)
    now = now.replace(minute=2, second=0)
    sandbox.requests.clear()
    assert fetch_missed_candles(now) == {QUARTER: [], HOUR: []}
    assert not sandbox.requests


def test_without_any_history_the_back_fill_comes_first(
    sandbox: SandboxServer, registered: list[Token]
) -> None:
    sandbox.requests.clear()
    fetch_missed_candles(at(sandbox, hours=1, minutes=4))
    assert not sandbox.requests


def test_a_slot_that_a_killed_worker_still_holds_does_not_keep_it_out(
    sandbox: SandboxServer, traded: list[Token], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = at(sandbox, hours=1, minutes=4)
    expected = now.replace(minute=0, second=0, microsecond=0)
    assert claim("candles", expected) is not None
    monkeypatch.setattr(tasks, "market_now", lambda: now)
    tasks.sweep_candles(slot="")
    assert newest(QUARTER) == expected


def test_a_source_that_is_away_is_no_failed_job(
    sandbox: SandboxServer, traded: list[Token], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = at(sandbox, hours=1, minutes=4)
    sandbox.faults.add("500", "binance", retry_after=0)
    monkeypatch.setattr(tasks, "market_now", lambda: now)
    tasks.sweep_candles(slot="")
    with pytest.raises(SourceFailure):
        fetch_missed_candles(now)


def test_it_runs_after_the_ordinary_tries_of_every_quarter() -> None:
    job = job_named("candle-sweep")
    assert job is not None
    assert (job.task, job.queue) == (tasks.sweep_candles.name, "fetch")
    assert QUARTER % job.every == 0
    assert 180 <= job.offset < job.every
