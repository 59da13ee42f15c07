"""The market's jobs: slots once, sources that are away, commands."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from core.lib.clock import iso
from core.models import DeadLetter, JobRun
from markets import tasks
from markets.health import market_source_check
from markets.models import Candle, LatestQuote, SourceState, Token, TrendingToken
from markets.sandbox.server import SandboxServer
from markets.services import first_history
from predictions.horizons import TIMEFRAMES
from predictions.models import ForecastRun
from predictions.tasks import forecast
from tests.make.markets import NOON, a_quote, a_token
from tests.markets.conftest import MARKET_NOW

pytestmark = pytest.mark.django_db
SLOT = iso(NOON)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Tasks that were sent on, instead of a broker that would keep them."""
    heard: list[tuple[str, dict[str, Any]]] = []
    for task in (tasks.fetch_quotes, tasks.fetch_candles, tasks.fetch_details, tasks.backfill):

        def send(kwargs: dict[str, Any], countdown: float, name: str = task.name) -> None:
            heard.append((name, kwargs))

        monkeypatch.setattr(task, "apply_async", send)
    return heard


def test_a_slot_runs_once(sandbox: SandboxServer, registered: list[Token]) -> None:
    tasks.fetch_quotes(slot=SLOT)
    tasks.fetch_quotes(slot=SLOT)
    assert sandbox.requests["coingecko /coins/markets"] == 1
    run = JobRun.objects.get()
    assert (run.job, run.slot, run.state) == ("quotes", NOON, "done")
    assert f"{len(registered)} new" in run.detail


def test_a_source_that_is_away_is_tried_again_and_is_no_dead_letter(
    sandbox: SandboxServer, registered: list[Token], sent: list[tuple[str, dict[str, Any]]]
) -> None:
    sandbox.faults.add("500", "coingecko", count=1, retry_after=0)
    tasks.fetch_quotes(slot=SLOT)
    assert (JobRun.objects.get().state, DeadLetter.objects.count()) == ("failed", 0)
    assert sent == [("markets.fetch_quotes", {"slot": SLOT, "tries": 2})]
    SourceState.objects.update(retry_at=None)
    tasks.fetch_quotes(**sent[0][1])
    assert (JobRun.objects.get().state, LatestQuote.objects.count()) == ("done", len(registered))


def test_trying_again_ends(sandbox: SandboxServer, registered: list[Token], sent: list[Any]) -> None:
    sandbox.faults.add("500", "*")
    tasks.fetch_quotes(slot=SLOT, tries=tasks.TRIES_A_SLOT)
    assert sent == []


def test_the_other_jobs_close_their_runs(sandbox: SandboxServer, registered: list[Token]) -> None:
    Token.objects.filter(rank__gt=2).update(active=False)
    for task in (
        tasks.fetch_candles,
        tasks.fetch_trending,
        tasks.fetch_details,
        tasks.fill_gaps,
        tasks.clean_up,
    ):
        task(slot=SLOT)
    assert sorted(JobRun.objects.values_list("job", "state")) == [
        (job, "done") for job in ("candles", "clean-up", "details", "gaps", "trending")
    ]


def test_backfill_goes_on_in_steps_until_all_is_there(
    sandbox: SandboxServer, registered: list[Token], sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.delete("markets:backfill-chain")
    Token.objects.filter(rank__gt=1).update(active=False)
    monkeypatch.setattr(tasks, "BACKFILL_STEP_SECONDS", 0.0)
    tasks.backfill(slot=SLOT)
    assert sent == [("markets.backfill", {"chained": True})]
    tasks.backfill(slot=iso(NOON + timedelta(minutes=10)))
    assert len(sent) == 1
    monkeypatch.setattr(tasks, "BACKFILL_STEP_SECONDS", 60.0)
    tasks.backfill(chained=True)
    assert len(sent) == 1
    assert Token.objects.get(active=True).candles_complete
    assert JobRun.objects.filter(job="backfill").count() == 1


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch, sent: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    """What is handed to the queue once the first history is there."""
    heard: list[tuple[str, dict[str, Any]]] = []
    for task in (tasks.fetch_trending, forecast):

        def send(name: str = task.name, **told: Any) -> None:
            heard.append((name, told))

        monkeypatch.setattr(task, "delay", send)
    return heard


def test_the_first_history_brings_forecasts_and_trends_at_once(
    sandbox: SandboxServer,
    registered: list[Token],
    waiting: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    cache.delete("markets:backfill-chain")
    Token.objects.filter(rank__gt=1).update(active=False)
    monkeypatch.setattr(tasks, "market_now", lambda: MARKET_NOW)
    for number in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.backfill(slot=iso(NOON + timedelta(minutes=10 * number)))
    as_of = MARKET_NOW.replace(minute=MARKET_NOW.minute // 15 * 15, second=0, microsecond=0)
    assert sorted(waiting) == [
        ("markets.fetch_trending", {}),
        ("predictions.forecast", {"as_of": iso(as_of), "every_timeframe": True}),
    ]


def test_while_history_is_cut_short_nothing_is_told(
    sandbox: SandboxServer, registered: list[Token], waiting: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.delete("markets:backfill-chain")
    monkeypatch.setattr(tasks, "BACKFILL_STEP_SECONDS", 0.0)
    tasks.backfill(slot=SLOT)
    assert waiting == []
    assert not JobRun.objects.filter(job="first-history").exists()


def test_where_there_are_forecasts_and_trends_already_nobody_is_hurried(
    waiting: list[Any], django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_history, "fetch_closed_candles", lambda now: {})
    TrendingToken.objects.create(observed_at=NOON, rank=1, coingecko_id="x", symbol="X", name="X")
    for timeframe in TIMEFRAMES:
        ForecastRun.objects.create(
            timeframe=timeframe.name, as_of=NOON, made_at=NOON, seconds=0, tokens=0, forecasts=0
        )
    with django_capture_on_commit_callbacks(execute=True):
        tasks._tell_of_first_history()
    assert waiting == []


def test_commands_fetch_and_backfill(sandbox: SandboxServer, registered: list[Token]) -> None:
    said = StringIO()
    call_command("fetch", "quotes", stdout=said)
    assert f"{len(registered)} new quotes" in said.getvalue()
    call_command("backfill", "--symbol", registered[0].symbol, stdout=said)
    assert Candle.objects.filter(token=registered[0]).exists()
    with pytest.raises(CommandError, match="NOPE"):
        call_command("backfill", "--symbol", "NOPE")


def test_a_command_says_why_a_source_gave_nothing(sandbox: SandboxServer, registered: list[Token]) -> None:
    sandbox.faults.add("html", "coingecko", count=1)
    with pytest.raises(CommandError, match="web page"):
        call_command("fetch", "quotes")


def test_health_follows_the_newest_price_and_the_sources() -> None:
    assert market_source_check(NOON)["status"] == "degraded"
    a_quote(a_token())
    assert market_source_check(NOON) == {
        "status": "healthy",
        "detail": "The newest price is of 2026-11-20T12:00:00Z.",
    }
    assert "newest price" in market_source_check(NOON + timedelta(minutes=11))["detail"]
    SourceState.objects.create(name="binance", state="open", failures=5)
    assert market_source_check(NOON) == {
        "status": "degraded",
        "detail": "binance cannot be reached; prices are fresh.",
    }


def test_details_wait_for_the_calls_of_the_next_minute(
    sandbox: SandboxServer, registered: list[Token], sent: list[tuple[str, dict[str, Any]]], settings: Any
) -> None:
    settings.MARKET = replace(settings.MARKET, coingecko_plan="keyless")
    tasks.fetch_details(slot=SLOT)
    looked_up = Token.objects.exclude(details_at=None).count()
    assert 0 < looked_up < len(registered)
    assert sent == [("markets.fetch_details", {"chained": True})]


def test_points_that_wait_for_calls_keep_the_backfill_going(
    sandbox: SandboxServer, registered: list[Token], sent: list[tuple[str, dict[str, Any]]], settings: Any
) -> None:
    settings.MARKET = replace(settings.MARKET, coingecko_plan="keyless")
    Token.objects.filter(rank__gt=3).update(active=False)
    Token.objects.update(binance_symbol="")
    tasks.backfill(slot=SLOT)
    assert Token.objects.filter(candles_complete=True).count() == 1
    assert sent == [("markets.backfill", {"chained": True})]
