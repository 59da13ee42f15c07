"""Stored candles that cannot be believed: nobody forecasts from them, and no outcome is made of them."""

import re
from datetime import timedelta

import numpy as np
import pytest
from django.db.models import F

from markets.models import Candle
from predictions.models import Abstention, ClassTally, Forecast, Outcome
from predictions.services.forecasting import make_forecasts
from predictions.services.scoring import score_matured
from predictions.services.tallying import keep_tallies
from tests.make.markets import NOON, a_token, candles
from tests.make.predictions import a_forecast, with_history

pytestmark = pytest.mark.django_db
HOUR, DAY, QUARTER = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)
SOON = timedelta(seconds=30)
PRICES = ("open", "high", "low", "close")


def closing(token, first, last=None):
    """The candles that close at `first` or later, and before `last`."""
    rows = Candle.objects.filter(token=token)
    for interval in (3600, 900):
        length = timedelta(seconds=interval)
        late = rows.filter(interval=interval, open_time__gte=first - length)
        yield late if last is None else late.filter(open_time__lt=last - length)


def times(token, factor, first, last=None):
    for rows in closing(token, first, last):
        rows.update(**{name: F(name) * factor for name in PRICES})


def freeze(token, first, **fields):
    price = Candle.objects.get(token=token, interval=3600, open_time=first - 2 * HOUR).close
    for rows in closing(token, first):
        rows.update(**dict.fromkeys(PRICES, price), **fields)


def speaks(token, as_of, name="1h"):
    make_forecasts(as_of, as_of + SOON, [name])
    return Forecast.objects.filter(token=token, as_of=as_of, timeframe=name).exists()


def why(token, as_of, name="1h"):
    assert not speaks(token, as_of, name)
    return Abstention.objects.values_list("code", "reason").get(token=token, as_of=as_of, timeframe=name)


def test_an_ordinary_crash_is_forecast_through():
    token = with_history(a_token())
    times(token, 0.3, NOON - 2 * HOUR)
    assert speaks(token, NOON)


@pytest.mark.parametrize("name", ["15m", "1h", "1d"])
def test_for_a_day_after_a_jump_nobody_forecasts(name):
    token, other = with_history(a_token("ODD")), with_history(a_token("SOL"))
    times(token, 100, NOON - 5 * HOUR)
    code, reason = why(token, NOON, name)
    assert code == "UNCONFIRMED_JUMP"
    assert reason.startswith("its price jumped ×")
    assert "2026-11-20 07:00 UTC" in reason
    assert Forecast.objects.filter(token=other, as_of=NOON).exists()


def test_a_spike_that_came_back_is_forgotten():
    token = with_history(a_token())
    clean = Forecast.objects.filter(token=token, published=True)
    times(token, 100, NOON - 9 * HOUR, NOON - 7 * HOUR)
    assert speaks(token, NOON)
    forecast = clean.get()
    assert forecast.p90 < forecast.reference_price * 1.1
    assert max(forecast.resistance, default=0) < forecast.reference_price * 2


def test_after_a_jump_that_stayed_there_is_too_little_history():
    token = with_history(a_token(), days=60)
    times(token, 0.001, NOON - 3 * DAY)
    code, reason = why(token, NOON)
    assert code == "INSUFFICIENT_DATA"
    assert re.search(r"÷(9\d\d|1,?0\d\d)", reason), reason
    assert reason.endswith("less than 30 days of history since")


def test_thirty_days_into_another_era_it_is_forecast_from_that_era_alone():
    token = with_history(a_token(), days=70)
    times(token, 0.001, NOON - 32 * DAY)
    assert speaks(token, NOON)
    moved = with_history(a_token("NEW"), days=70)
    times(moved, 0.001, NOON - 29 * DAY)
    assert not speaks(moved, NOON + HOUR)


def test_a_quarter_far_from_its_hours_is_not_forecast_from():
    token = with_history(a_token(), end=NOON + QUARTER)
    times(token, 40, NOON + QUARTER)
    assert why(token, NOON + QUARTER, "15m")[0] == "UNCONFIRMED_JUMP"


def test_a_price_that_does_not_move_is_not_forecast():
    token = with_history(a_token())
    freeze(token, NOON - 9 * HOUR)
    assert why(token, NOON) == ("FROZEN_PRICE", "its price has not moved for 11 hours")
    assert why(token, NOON, "15m")[0] == "FROZEN_PRICE"


def test_a_candle_that_was_filled_in_is_not_forecast_from():
    token = with_history(a_token())
    freeze(token, NOON, volume=0)
    assert why(token, NOON) == ("FROZEN_PRICE", "nothing was traded in its newest candle")


def test_after_a_standstill_its_returns_are_missing_and_not_zero():
    token, same = with_history(a_token("AAA"), seed=5), a_token("BBB")
    for interval in (3600, 900):
        rows = Candle.objects.filter(token=token, interval=interval).order_by("open_time")
        candles(same, interval, [row.close for row in rows], NOON)
    first, last = NOON - 60 * HOUR, NOON - 20 * HOUR
    price = Candle.objects.get(token=token, interval=3600, open_time=first - 2 * HOUR).close
    for rows in closing(token, first, last):
        rows.update(**dict.fromkeys(PRICES, price), volume=0)
    for rows in closing(same, first, last):
        rows.delete()
    make_forecasts(NOON, NOON + SOON, ["1h"])
    scales = Forecast.objects.filter(published=True).order_by("token__symbol").values_list("scale", flat=True)
    assert len(scales) == 2
    assert scales[0] == scales[1]


def matured(token, factor, first, last=None, timeframe="4h", interval=3600):
    """The outcome of a forecast of noon, where prices were `factor` times as high for a while."""
    forecast = a_forecast(token, timeframe, as_of=NOON, reference_interval=interval)
    times(token, factor, first, last)
    score_matured(forecast.matures_at)
    return Outcome.objects.get(forecast=forecast)


@pytest.mark.parametrize("interval", [900, 3600])
@pytest.mark.parametrize("hours", [0, 2])
def test_an_outcome_during_a_jump_is_void(interval, hours):
    token = with_history(a_token(), end=NOON + DAY)
    outcome = matured(token, 50, NOON + (4 - hours) * HOUR, NOON + 6 * HOUR, interval=interval)
    assert outcome.void
    assert "jump in price that is not believed" in outcome.void_reason
    assert len(outcome.void_reason) <= 120


def test_an_outcome_in_another_era_is_void():
    token = with_history(a_token(), end=NOON + 8 * DAY)
    outcome = matured(token, 50, NOON + 2 * DAY, timeframe="7d")
    assert outcome.void
    assert "another denomination or another coin" in outcome.void_reason
    assert len(outcome.void_reason) <= 120


def test_an_outcome_after_a_spike_has_gone_is_scored():
    token = with_history(a_token(), end=NOON + DAY)
    assert not matured(token, 50, NOON + HOUR, NOON + 3 * HOUR).void


def test_an_outcome_of_a_candle_without_trades_is_void():
    token = with_history(a_token(), end=NOON + 4 * HOUR)
    forecast = a_forecast(token, "4h", reference_interval=3600)
    freeze(token, NOON + 4 * HOUR, volume=0)
    score_matured(forecast.matures_at)
    outcome = Outcome.objects.get(forecast=forecast)
    assert outcome.void
    assert "nothing was traded" in outcome.void_reason
    assert len(outcome.void_reason) <= 120


def test_a_crash_is_an_outcome():
    token = with_history(a_token(), end=NOON + DAY)
    outcome = matured(token, 0.25, NOON + 2 * HOUR)
    assert not outcome.void
    assert outcome.outcome_class == 1


def test_outcomes_of_another_era_leave_the_baseline():
    token = with_history(a_token(), days=80)
    keep_tallies(NOON - 4 * DAY)
    assert ClassTally.objects.filter(token=token, timeframe="1h").count() > 20
    times(token, 0.001, NOON - 5 * DAY)
    keep_tallies(NOON - 2 * DAY)
    days = set(ClassTally.objects.filter(token=token).values_list("day", flat=True))
    assert days <= {(NOON - 4 * DAY).date(), (NOON - 3 * DAY).date()}


def test_what_is_undecided_leaves_the_baseline_as_it_is():
    token = with_history(a_token(), days=80)
    keep_tallies(NOON - 4 * DAY)
    before = ClassTally.objects.filter(token=token).count()
    times(token, 100, NOON - DAY - HOUR)
    keep_tallies(NOON)
    assert ClassTally.objects.filter(token=token).count() >= before


def test_many_tokens_cost_no_more_queries(django_assert_max_num_queries):
    for number in range(12):
        token = with_history(a_token(f"T{number}"), days=1, end=NOON + HOUR, quarters_days=1)
        a_forecast(token)
        a_forecast(token, "15m", as_of=NOON + 45 * timedelta(minutes=1))
    with django_assert_max_num_queries(40):
        assert score_matured(NOON + HOUR) == 24
    assert np.isfinite(Outcome.objects.values_list("log_return", flat=True)[0])
