"""The state of the ranges is stored: moved once by each outcome that tells something, and handed down."""

import threading
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, connections

from predictions.models import Forecast, Outcome, RangeScale
from predictions.services import scoring
from predictions.services.forecasting import make_forecasts
from predictions.services.range_scales import inherit_range_scales, read_range_factors
from predictions.services.scoring import score_matured
from tests.make.markets import NOON, a_token, candles
from tests.make.predictions import a_forecast, a_version, with_history

HOUR, SOON = timedelta(hours=1), timedelta(seconds=30)
MISS, HIT = 0.01 * 0.8, -0.01 * 0.2


def factor(version, token):
    return RangeScale.objects.get(engine_version=version, token=token).log_factor


def two_outcomes():
    """One token's price leaves its range, the other's stays."""
    wild, calm = a_token("WILD"), a_token("CALM")
    for token, price in ((wild, 105.0), (calm, 100.0)):
        a_forecast(token)
        candles(token, 900, [price], NOON + HOUR)
    return wild, calm


@pytest.mark.django_db
def test_outcomes_move_the_tokens_own_part_and_the_common_one():
    wild, calm = two_outcomes()
    score_matured(NOON + HOUR)
    version = a_version()
    assert factor(version, wild) == pytest.approx(MISS, abs=1e-9)
    assert factor(version, calm) == pytest.approx(HIT, abs=1e-9)
    assert factor(version, None) == pytest.approx((MISS + HIT) / 2, abs=1e-9)
    said = read_range_factors([version.pk]).of(version.pk, [calm.pk, wild.pk, 999])
    assert said == pytest.approx([HIT + 0.003, MISS + 0.003, 0.003], abs=1e-9)


@pytest.mark.django_db
def test_outcomes_that_come_one_by_one_move_it_as_far_as_together():
    two_outcomes()
    late = a_token("LATE")
    a_forecast(late)
    score_matured(NOON + HOUR)
    candles(late, 900, [105.0], NOON + HOUR)
    score_matured(NOON + 2 * HOUR)
    version = a_version()
    assert factor(version, None) == pytest.approx((2 * MISS + HIT) / 3, abs=1e-9)
    assert RangeScale.objects.get(engine_version=version, token=None).outcomes == 3


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"counts": False}, {"late": True}])
def test_what_does_not_count_or_came_late_moves_nothing(fields):
    token = a_token()
    a_forecast(token, **fields)
    candles(token, 900, [105.0], NOON + HOUR)
    assert score_matured(NOON + HOUR) == 1
    assert not RangeScale.objects.exists()


@pytest.mark.django_db
def test_a_void_forecast_moves_nothing():
    a_forecast(a_token())
    assert score_matured(NOON + timedelta(days=3)) == 1
    assert not RangeScale.objects.exists()


@pytest.mark.django_db
def test_each_timeframe_and_version_has_its_own():
    token, other = a_token(), a_version(engine="rules")
    a_forecast(token)
    a_forecast(token, version=other, published=False, p10=50.0, p90=200.0)
    candles(token, 900, [105.0], NOON + HOUR)
    score_matured(NOON + HOUR)
    assert factor(a_version(), token) == pytest.approx(MISS, abs=1e-9)
    assert factor(other, token) == pytest.approx(HIT, abs=1e-9)


@pytest.mark.django_db
def test_a_new_version_starts_where_its_elder_stands():
    token = a_token()
    first = a_version(engine="ensemble", trained_at=NOON - timedelta(days=9))
    a_forecast(token, version=first)
    candles(token, 900, [105.0], NOON + HOUR)
    score_matured(NOON + HOUR)
    second = a_version(engine="ensemble", version="2", trained_at=NOON + 2 * HOUR)
    inherit_range_scales(second)
    scales = read_range_factors([first.pk, second.pk])
    assert scales.of(second.pk, [token.pk]) == scales.of(first.pk, [token.pk]) > 0
    other = a_version("4h", engine="ensemble", version="2")
    inherit_range_scales(other)
    assert not RangeScale.objects.filter(engine_version=other).exists()


@pytest.mark.django_db
def test_the_elders_last_outcomes_move_the_younger_version_too():
    token = a_token()
    first = a_version(engine="ensemble", trained_at=NOON - timedelta(days=9))
    a_forecast(token, version=first)
    second = a_version(engine="ensemble", version="2", trained_at=NOON + HOUR / 2)
    inherit_range_scales(second)
    candles(token, 900, [105.0], NOON + HOUR)
    score_matured(NOON + HOUR)
    assert factor(second, token) == factor(first, token) == pytest.approx(MISS, abs=1e-9)


@pytest.mark.django_db
def test_where_both_spoke_each_moves_by_its_own():
    token = a_token()
    first = a_version(engine="ensemble", trained_at=NOON - timedelta(days=9))
    second = a_version(engine="ensemble", version="2", trained_at=NOON - timedelta(days=1))
    a_forecast(token, version=first)
    a_forecast(token, version=second, published=False, p10=50.0, p90=200.0)
    candles(token, 900, [105.0], NOON + HOUR)
    score_matured(NOON + HOUR)
    assert factor(first, token) == pytest.approx(MISS, abs=1e-9)
    assert factor(second, token) == pytest.approx(HIT, abs=1e-9)


@pytest.mark.django_db
def test_a_second_scorer_with_the_same_forecasts_in_hand_moves_nothing():
    two_outcomes()
    outcomes = scoring._resolve(list(Forecast.objects.all()), NOON + HOUR)
    again = scoring._resolve(list(Forecast.objects.all()), NOON + HOUR)
    assert scoring._store(outcomes) == 2
    before = list(RangeScale.objects.values())
    assert scoring._store(again) == 0
    assert list(RangeScale.objects.values()) == before
    assert Outcome.objects.count() == 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_scorers_at_once_move_it_once():
    wild, _ = two_outcomes()
    together, errors = threading.Barrier(2), []

    def score():
        try:
            outcomes = scoring._resolve(list(Forecast.objects.all()), NOON + HOUR)
            together.wait()
            scoring._store(outcomes)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    scorers = [threading.Thread(target=score) for _ in range(2)]
    for scorer in scorers:
        scorer.start()
    for scorer in scorers:
        scorer.join()
    assert errors == []
    assert factor(a_version(), wild) == pytest.approx(MISS, abs=1e-9)
    assert Outcome.objects.count() == 2


@pytest.mark.django_db
def test_a_whole_batch_is_stored_or_none_of_it():
    """A row that breaks a constraint is an error, on SQLite too, and leaves no state moved."""
    two_outcomes()
    outcomes = scoring._resolve(list(Forecast.objects.all()), NOON + HOUR)
    outcomes[1].outcome_class = 7
    with pytest.raises(Exception, match="outcome_void_or_scored"):
        scoring._store(outcomes)
    if connection.in_atomic_block:
        connection.needs_rollback = False
    assert not RangeScale.objects.exists() and not Outcome.objects.exists()


@pytest.mark.django_db
def test_pinball_losses_are_those_by_hand():
    token = a_token()
    forecast = a_forecast(token)
    candles(token, 900, [102.0], NOON + HOUR)
    score_matured(NOON + HOUR)
    outcome = Outcome.objects.get(forecast=forecast)
    moved = np.log(1.02)
    own = (0.1 * (moved - np.log(0.99)) + 0.5 * moved + 0.9 * (moved - np.log(1.01))) / 3
    usual = (0.1 * (moved - np.log(0.98)) + 0.5 * moved) / 3
    assert outcome.pinball == pytest.approx(own)
    assert outcome.baseline_pinball == pytest.approx(usual)


@pytest.mark.django_db
def test_a_run_widens_ranges_by_what_is_stored_and_keeps_the_factor():
    token = with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["1h"])
    plain = Forecast.objects.get(timeframe="1h", published=True)
    later = NOON + HOUR
    RangeScale.objects.create(engine_version=plain.engine_version, token=token, log_factor=0.3)
    RangeScale.objects.create(engine_version=plain.engine_version, token=None, log_factor=0.2)
    candles(token, 3600, [100.0], later)
    candles(token, 900, [100.0] * 4, later)
    make_forecasts(later, later + SOON, ["1h"])
    wide = Forecast.objects.get(timeframe="1h", published=True, as_of=later)
    assert (plain.range_log_factor, wide.range_log_factor) == (0.0, 0.5)
    own, usual = np.log(wide.p90 / wide.p50), np.log(wide.baseline_p90 / wide.p50)
    assert own == pytest.approx(usual * np.exp(0.5)), "the baseline's columns keep the raw range"
