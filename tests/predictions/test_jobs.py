"""What wakes the forecasters, what they claim, and what a lost message leaves to the sweep."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.lib.clock import iso
from core.models import JobRun
from markets.events import candles_stored, quotes_stored
from markets.models import Candle, Token
from predictions import receivers, tasks
from predictions.events import forecasts_published
from predictions.health import models_check
from predictions.models import EngineVersion, Forecast, ForecastRun, Outcome
from predictions.services.forecasting import make_forecasts
from predictions.services.sweeping import missed_run
from tests.make.cached import forget_cached
from tests.make.markets import NOON, a_quote, a_token, candles
from tests.make.predictions import a_forecast, a_version, an_outcome, with_history

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)


@pytest.fixture
def sent(monkeypatch):
    """What was handed to the queue, in place of a broker."""
    messages = []
    for name in ("forecast", "publish", "publish_summaries", "train"):
        task = getattr(tasks, name)
        monkeypatch.setattr(task, "delay", lambda _name=name, **told: messages.append((_name, told)))
    return messages


def test_new_candles_wake_the_forecasters(sent):
    candles_stored.send(sender=Candle, interval=900, closed_at=NOON, token_ids=[1])
    assert sent == [("forecast", {"as_of": "2026-11-20T12:00:00Z"})]


def test_new_forecasts_and_new_prices_renew_the_ready_bytes(sent):
    forecasts_published.send(sender=Forecast, timeframe="1h", as_of=NOON, forecast_ids=[])
    quotes_stored.send(sender=Token, token_ids=[1])
    assert sent == [("publish", {"timeframe": "1h"}), ("publish_summaries", {})]


def test_receivers_are_subscribed():
    assert receivers.forecast_from_new_candles in [call() for _, call, *_ in candles_stored.receivers]


def test_a_run_claims_its_slot_and_counts_yesterday_first(sent, noon):
    with_history(a_token())
    tasks.forecast(as_of=iso(NOON))
    run = JobRun.objects.get(job="forecast", slot=NOON)
    assert run.state == "done"
    assert "1h 1" in run.detail
    assert Forecast.objects.get(timeframe="1h", published=True).baseline_sideways != 3334


def test_the_same_message_twice_makes_nothing_twice(sent, noon):
    with_history(a_token())
    tasks.forecast(as_of=iso(NOON))
    before = Forecast.objects.count()
    tasks.forecast(as_of=iso(NOON))
    assert Forecast.objects.count() == before
    assert JobRun.objects.filter(job="forecast").count() == 1


def test_staff_get_every_timeframe(sent):
    quarter = NOON + timedelta(minutes=15)
    with_history(a_token(), end=quarter)
    with time_machine.travel(quarter + SOON, tick=False):
        tasks.forecast(as_of=iso(quarter), every_timeframe=True)
    made = {run.timeframe: run.forecasts for run in ForecastRun.objects.all()}
    assert made == dict.fromkeys(("15m", "1h", "4h", "1d", "7d", "14d", "30d"), 1)
    assert not Forecast.objects.filter(timeframe__in=("1d", "7d"), counts=True).exists()


def test_a_missed_run_is_found_and_made(noon):
    with_history(a_token())
    assert missed_run(NOON + SOON) == NOON
    tasks.sweep(slot=iso(NOON))
    assert Forecast.objects.filter(published=True).count() == 7
    assert missed_run(NOON + SOON) is None


def test_the_sweep_counts_before_it_makes_a_run(noon):
    """On a new database it comes first; nothing must be published beside a baseline that was never counted."""
    with_history(a_token())
    tasks.sweep(slot=iso(NOON))
    assert Forecast.objects.get(timeframe="1h", published=True).baseline_sideways != 3334


def test_a_run_that_the_sweep_makes_late_is_marked():
    with_history(a_token())
    with time_machine.travel(NOON + timedelta(minutes=6), tick=False):
        tasks.sweep()
    assert set(Forecast.objects.values_list("late", flat=True)) == {True}


def test_without_candles_nothing_was_missed():
    a_token()
    assert missed_run(NOON + SOON) is None


def test_scoring_runs_by_slot(noon):
    token = a_token()
    a_forecast(token, as_of=NOON - timedelta(hours=1))
    candles(token, 900, [101.0], NOON)
    tasks.score(slot=iso(NOON))
    tasks.score(slot=iso(NOON))
    assert Outcome.objects.count() == 1
    assert JobRun.objects.get(job="score").detail == "1 scored"


def test_tallying_runs_by_slot(noon):
    with_history(a_token())
    tasks.tally(slot=iso(NOON))
    assert JobRun.objects.get(job="tally").detail == "1 tokens counted"


def test_once_a_day_whoever_has_earned_it_becomes_champion(noon):
    challenger, token = a_version("1h", "boosting", version="7"), a_token()
    for week in range(31):
        as_of = NOON - week * timedelta(days=7)
        an_outcome(a_forecast(token, as_of=as_of, version=challenger, up=4500, published=False))
    tasks.tally(slot=iso(NOON))
    assert not EngineVersion.objects.filter(role="champion").exists()
    tasks.tally(slot=iso(NOON - timedelta(hours=12)))
    assert EngineVersion.objects.get(role="champion") == challenger


def test_publishing_works_on_an_empty_market(noon):
    tasks.publish(timeframe="1h")
    a_quote(a_token())
    tasks.publish_summaries()


def test_health_before_the_first_run_is_degraded():
    assert models_check(NOON)["status"] == "degraded"


def test_health_follows_the_runs():
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON)
    assert models_check(NOON + SOON)["status"] == "healthy"
    assert models_check(NOON + timedelta(minutes=36)) == {
        "status": "degraded",
        "detail": "The last forecast run was at 2026-11-20 12:00 UTC.",
    }


def test_a_champion_that_cannot_be_loaded_shows_in_health():
    ForecastRun.objects.create(
        timeframe="1h", as_of=NOON, made_at=NOON, seconds=1, tokens=1, forecasts=1, fallback="gone"
    )
    assert models_check(NOON)["detail"] == "Climatology stands in for 1h."


def sums_asked_for(client, path):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in asked if "SUM(" in query["sql"]]


@pytest.mark.parametrize(
    ("job", "path"), [(tasks.score, "/track-record"), (tasks.tally, "/track-record?timeframe=1h")]
)
def test_whoever_looks_at_the_record_after_its_job_waits_for_no_sum(sent, noon, client, job, path):
    """One forecast was scored before, one is about to be."""
    token = with_history(a_token())
    version = a_version()
    an_outcome(a_forecast(token, as_of=NOON - timedelta(days=3), version=version), 0)
    assert sums_asked_for(client, path)
    a_forecast(token, as_of=NOON - timedelta(hours=1), version=version)
    tasks.score()
    if job is tasks.tally:  # which warms what has gone cold; scoring warms where it scored
        forget_cached()
        job()
    assert not sums_asked_for(client, path)
