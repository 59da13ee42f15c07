"""Matured forecasts are scored once, from the candle that closes exactly then; without it they are void,
never guessed.
"""

import math
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from markets.models import Candle
from predictions.events import forecasts_scored
from predictions.models import Forecast, Outcome
from predictions.services.scoring import score_matured
from tests.make.markets import NOON, a_token, candles
from tests.make.predictions import a_forecast

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_matured_forecast_is_scored_as_by_hand():
    token = a_token()
    forecast = a_forecast(token, up=5000, down=2000, baseline_up=4000, baseline_down=3000)
    candles(token, 900, [101.0], NOON + HOUR)
    assert score_matured(NOON + HOUR) == 1
    outcome = Outcome.objects.get(forecast=forecast)
    assert outcome.outcome_class == 0
    assert outcome.price == 101.0
    assert outcome.log_return == pytest.approx(math.log(1.01))
    assert outcome.log_score == pytest.approx(-math.log(0.5))
    assert outcome.brier == pytest.approx(0.5**2 + 0.2**2 + 0.3**2)
    assert outcome.baseline_log_score == pytest.approx(-math.log(0.4))
    assert outcome.baseline_brier == pytest.approx(0.6**2 + 0.3**2 + 0.3**2)
    assert outcome.inside_range is True
    assert outcome.resolved_at == NOON + HOUR


def test_a_price_outside_the_range_is_said_to_be_outside():
    token = a_token()
    forecast = a_forecast(token)
    candles(token, 900, [103.0], NOON + HOUR)
    score_matured(NOON + HOUR)
    assert Outcome.objects.get(forecast=forecast).inside_range is False


def test_a_move_within_the_band_is_sideways():
    token = a_token()
    forecast = a_forecast(token, sideways_band=0.02)
    candles(token, 900, [101.0], NOON + HOUR)
    score_matured(NOON + HOUR)
    assert Outcome.objects.get(forecast=forecast).outcome_class == 2


def test_nothing_is_scored_before_it_matures():
    token = a_token()
    a_forecast(token)
    candles(token, 900, [101.0] * 8, NOON + 2 * HOUR)
    assert score_matured(NOON + HOUR - timedelta(seconds=1)) == 0


def test_the_candle_before_or_after_maturity_is_no_answer():
    token = a_token()
    a_forecast(token)
    candles(token, 900, [101.0, None, 102.0], NOON + HOUR + timedelta(minutes=15))
    assert score_matured(NOON + HOUR) == 0


def test_a_candle_of_another_source_is_no_answer():
    token = a_token()
    a_forecast(token, source="elsewhere")
    candles(token, 900, [101.0], NOON + HOUR)
    assert score_matured(NOON + HOUR) == 0


def test_a_missing_candle_is_waited_for_and_then_the_forecast_is_void():
    token = a_token()
    forecast = a_forecast(token)
    deadline = forecast.matures_at + timedelta(days=1, minutes=15)
    assert score_matured(deadline) == 0
    assert score_matured(deadline + timedelta(seconds=1)) == 1
    outcome = Outcome.objects.get(forecast=forecast)
    assert outcome.void
    assert outcome.log_score is None
    assert outcome.void_reason == "No 15-minute candle of simulated closed at 2026-11-20 13:00 UTC."


def test_a_gap_that_is_filled_in_time_is_scored():
    token = a_token()
    a_forecast(token)
    assert score_matured(NOON + HOUR) == 0
    candles(token, 900, [101.0], NOON + HOUR)
    assert score_matured(NOON + 3 * HOUR) == 1


def test_scoring_twice_changes_nothing():
    token = a_token()
    a_forecast(token)
    candles(token, 900, [101.0], NOON + HOUR)
    score_matured(NOON + HOUR)
    before = Outcome.objects.values().get()
    assert score_matured(NOON + 2 * HOUR) == 0
    assert Outcome.objects.values().get() == before


def test_one_that_waited_is_found_after_others_were_scored():
    token = a_token()
    waiting = a_forecast(token)
    a_forecast(token, as_of=NOON + 12 * HOUR)
    candles(token, 900, [101.0], NOON + 13 * HOUR)
    assert score_matured(NOON + 13 * HOUR) == 1
    candles(token, 900, [102.0], NOON + HOUR)
    assert score_matured(NOON + 14 * HOUR) == 1
    assert Outcome.objects.get(forecast=waiting).price == 102.0


def test_the_number_of_queries_does_not_grow_with_the_tokens(django_assert_max_num_queries):
    for number in range(30):
        token = a_token(f"T{number}")
        a_forecast(token)
        candles(token, 900, [101.0], NOON + HOUR)
    with django_assert_max_num_queries(30):
        assert score_matured(NOON + HOUR) == 30


def test_scoring_is_announced_after_commit(django_capture_on_commit_callbacks):
    heard = []
    forecasts_scored.connect(listener := lambda count, **_: heard.append(count))
    token = a_token()
    a_forecast(token)
    candles(token, 900, [101.0], NOON + HOUR)
    with django_capture_on_commit_callbacks(execute=True):
        score_matured(NOON + HOUR)
    forecasts_scored.disconnect(listener)
    assert heard == [1]


@pytest.mark.parametrize(
    "change", [lambda rows: rows.update(log_score=0.1), lambda rows: rows._raw_delete("default")]
)
def test_the_database_refuses_to_change_an_outcome(change):
    token = a_token()
    a_forecast(token)
    candles(token, 900, [101.0], NOON + HOUR)
    score_matured(NOON + HOUR)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(Outcome.objects.all())
    assert Outcome.objects.count() == 1


@pytest.mark.parametrize("change", [lambda rows: rows.update(up=1), lambda rows: rows._raw_delete("default")])
def test_the_database_refuses_to_change_a_forecast(change):
    a_forecast(a_token())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(Forecast.objects.all())
    assert Forecast.objects.count() == 1
    assert Candle.objects.count() == 0
