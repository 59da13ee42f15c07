"""Candles, forecasts, windows and silence: what is no plain price, from stored rows to events."""

from datetime import timedelta

import pytest

from accounts.models import User
from alerts.models import Alert, Event, Gauge
from alerts.services.evaluating import evaluate
from alerts.services.expiring import end_expired
from alerts.services.gauges import KEPT_UNUSED, drop_unused
from markets.models import Token
from tests.make.accounts import a_user
from tests.make.alerts import a_made_alert
from tests.make.markets import NOON, a_quote, a_token, candles
from tests.make.predictions import a_forecast

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def alice() -> User:
    return a_user()


@pytest.fixture
def sol() -> Token:
    return a_token("SOL")


def look(feed: str, now=NOON) -> list[Event]:
    return evaluate(feed, now=now, wall=now)


def test_a_change_is_measured_against_the_quote_a_window_before(alice: User, sol: Token):
    params = {"percent": 5.0, "window": "1h", "direction": "up"}
    a_made_alert(alice, sol, "price_change", params=params, now=NOON - 2 * HOUR)
    a_quote(sol, 100.0, NOON - HOUR - MINUTE)
    a_quote(sol, 106.0)
    (event,) = look("quotes")
    assert event.sentence == "SOL rose by 6 % within 1 hour to 106 USD."
    assert event.values["before"] == 100.0


def test_a_fall_counts_for_either_direction(alice: User, sol: Token):
    a_made_alert(alice, sol, "price_change", params={"percent": 5.0}, now=NOON - 2 * HOUR)
    candles(sol, 900, [100.0] * 8, NOON - HOUR)  # no quote of then: the candle's close stands in
    a_quote(sol, 94.0)
    assert [event.sentence for event in look("quotes")] == ["SOL fell by 6 % within 1 hour to 94 USD."]


def test_without_a_price_of_then_nobody_knows_the_change(alice: User, sol: Token):
    a_made_alert(alice, sol, "price_change", params={"percent": 5.0})
    a_quote(sol, 100.0, NOON - 2 * HOUR)
    a_quote(sol, 106.0)
    assert look("quotes") == []


def test_a_volume_spike_and_an_rsi_come_with_the_candle(alice: User, sol: Token):
    a_made_alert(alice, sol, "volume_spike", params={"factor": 3.0})
    a_made_alert(alice, sol, "rsi", params={"level": 90.0})
    rows = candles(sol, 3600, [100.0 + step for step in range(40)])
    rows[-1].volume = 5000.0
    rows[-1].save(update_fields=["volume"])
    events = look("candles", NOON + MINUTE)
    assert {event.kind for event in events} == {"volume_spike", "rsi"}
    assert look("candles", NOON + 2 * MINUTE) == []


def test_averages_that_cross(alice: User, sol: Token):
    a_made_alert(alice, sol, "moving_average", params={"fast": 1, "slow": 5}, now=NOON - HOUR)
    candles(sol, 3600, [100.0] * 8 + [99.5, 99.0], NOON - HOUR)
    assert look("candles", NOON - HOUR + MINUTE) == []  # below, and nobody knows what was before
    candles(sol, 3600, [110.0])
    (event,) = look("candles", NOON + MINUTE)
    assert event.sentence == "The hourly close of SOL rose above the average of 5 hourly closes."


def test_a_candle_that_is_stale_fires_nothing(alice: User, sol: Token):
    a_made_alert(alice, sol, "rsi", params={"level": 90.0})
    candles(sol, 3600, [100.0 + step for step in range(40)])
    assert look("candles", NOON + HOUR + 6 * MINUTE) == []


def test_forecasts_fire_what_waits_for_them(alice: User, sol: Token):
    a_forecast(sol, "1h", NOON - HOUR, up=4000, down=3000)
    before = NOON - 50 * MINUTE
    a_made_alert(alice, sol, "forecast_probability", params={"class": "up", "probability": 0.45}, now=before)
    a_made_alert(alice, sol, "forecast_confidence", params={"confidence": 0.45}, now=before)
    a_made_alert(alice, sol, "forecast_flip", params={}, now=before)
    a_made_alert(alice, sol, "forecast_new", params={}, now=before)
    assert look("forecasts", before) == []
    a_forecast(sol, "1h", NOON, up=2500, down=4600)
    sentences = {event.kind: event.sentence for event in look("forecasts", NOON + MINUTE)}
    assert sentences == {
        "forecast_confidence": "The confidence of the 1h forecast for SOL is 46 %, not below 45 %.",
        "forecast_flip": "The 1h forecast for SOL now favours “down”.",
        "forecast_new": "There is a new 1h forecast for SOL: up 25 %, down 46 %, sideways 29 %.",
    }


def test_a_forecast_that_is_over_fires_nothing(alice: User, sol: Token):
    a_made_alert(alice, sol, "forecast_new", params={})
    a_forecast(sol, "1h", NOON)
    assert look("forecasts", NOON + 31 * MINUTE) == []


def test_prices_that_stop_are_told_once_until_they_come_again(alice: User, sol: Token):
    a_made_alert(alice, sol, "source_stale", params={"minutes": 15.0}, repeat="recurring")
    a_quote(sol)
    fired = [bool(look("clock", NOON + minutes * MINUTE)) for minutes in (1, 14, 15, 16, 40)]
    assert fired == [False, False, True, False, False]
    a_quote(sol, at=NOON + 41 * MINUTE)
    assert look("clock", NOON + 42 * MINUTE) == []
    assert len(look("clock", NOON + 57 * MINUTE)) == 1


def test_the_sweep_ends_alerts_that_nobody_woke(alice: User, sol: Token):
    alert = a_made_alert(alice, sol, expires_at=NOON + MINUTE)
    assert (end_expired(NOON, NOON), end_expired(NOON + MINUTE, NOON)) == (0, 1)
    alert.refresh_from_db()
    assert alert.state == Alert.State.EXPIRED


def test_a_gauge_goes_an_hour_after_its_last_alert_and_comes_back(alice: User, sol: Token):
    alert = a_made_alert(alice, sol)
    assert drop_unused(NOON) == 0 and Gauge.objects.get().unused_since is None
    alert.delete()
    assert drop_unused(NOON) == 0
    a_quote(sol, 99.0)
    assert look("quotes") == [] and Gauge.objects.get().observed_at is None  # nobody looks at it any more
    a_made_alert(alice, sol)
    assert Gauge.objects.get().unused_since is None
    Alert.objects.all().delete()
    drop_unused(NOON)
    assert drop_unused(NOON + KEPT_UNUSED + MINUTE) == 1
