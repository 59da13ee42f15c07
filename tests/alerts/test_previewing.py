"""What an alert would have done: by the very condition and rhythm that live alerts have."""

from datetime import timedelta

import pytest

from accounts.models import User
from alerts.models import Event
from alerts.services.alerts import new_alert
from alerts.services.evaluating import evaluate
from alerts.services.previewing import Preview, preview
from markets.models import Token
from tests.make.accounts import a_user
from tests.make.alerts import a_made_alert, wanted
from tests.make.markets import NOON, a_quote, a_token, candles
from tests.make.predictions import a_forecast

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def played(token: Token, kind: str = "price_above", days: int = 90, **fields) -> Preview:
    alert = new_alert(User(email="carol@example.com"), wanted(token, kind, **fields), now=NOON, wall=NOON)
    return preview(alert, days=days, now=NOON)


def test_it_finds_each_time_that_the_price_came_over_the_level():
    token = a_token()
    candles(token, 3600, [99.0, 101.0, 102.0, 98.0, 103.0])
    found = played(token, repeat="recurring")
    assert [one.at for one in found.fired] == [NOON - 3 * HOUR, NOON]
    assert (found.count, found.step_seconds, found.is_whole) == (2, 3600, False)
    assert "Would have fired twice since 20 Nov 2026" in found.words
    assert "Read from hourly closes;" in found.words


def test_quarter_hours_are_read_where_they_reach_back():
    token = a_token()
    candles(token, 900, [99.0, 101.0] * (96 * 2))
    candles(token, 3600, [99.0] * 24 * 4)
    found = played(token, days=3, repeat="recurring", cooldown_seconds=86_400)
    assert (found.step_seconds, found.is_whole, found.count) == (900, True, 3)
    assert "3 times in the last 3 days" in found.words


def test_one_that_tells_once_says_that_the_first_would_have_ended_it():
    token = a_token()
    candles(token, 3600, [101.0, 99.0, 101.0])
    assert "It tells once, so the first of them would have ended it." in played(token).words


def test_without_history_it_says_so():
    found = played(a_token("NEW"))
    assert (found.count, found.since) == (0, None)
    assert found.words == "Too few candles of NEW are stored to try this on the past."


def test_what_is_not_kept_cannot_be_tried():
    assert "cannot be tried on the past" in played(a_token(), "source_stale", params={}).words


def test_a_change_is_measured_against_the_close_a_window_before():
    token = a_token()
    candles(token, 3600, [100.0, 100.0, 106.0, None, 112.0])
    found = played(token, "price_change", params={"percent": 5.0, "window": "1h", "direction": "up"})
    assert [round(one.value, 6) for one in found.fired] == [6.0]  # of 112 nobody knows the hour before


def test_indicators_and_volumes_are_read_of_candles_in_a_row():
    token = a_token()
    rows = candles(token, 3600, [100.0 + step % 3 for step in range(60)])
    rows[-1].volume = 9000.0
    rows[-1].save(update_fields=["volume"])
    assert [one.at for one in played(token, "volume_spike", params={"factor": 5.0}).fired] == [NOON]
    assert played(token, "rsi", params={"level": 60.0, "period": 2}, repeat="recurring").count > 10
    assert played(token, "moving_average", params={"fast": 1, "slow": 4}, repeat="recurring").count > 10


def test_forecasts_are_read_as_they_were_published():
    token = a_token()
    for place, up in enumerate([4000, 4600, 4700, 4000, 4600]):
        a_forecast(token, "1h", NOON - (4 - place) * HOUR, up=up, down=3000)
    params = {"class": "up", "probability": 0.45}
    found = played(token, "forecast_probability", params=params, repeat="recurring")
    assert [one.at for one in found.fired] == [NOON - 3 * HOUR, NOON]
    assert found.step_seconds is None
    assert played(token, "forecast_new", params={}, repeat="recurring").count == 5


def test_the_preview_and_the_live_alert_find_the_same():
    """On the same readings: closes that were also quoted."""
    token = a_token()
    closes = [99.0, 100.5, 99.5, 101.0, 97.0, 104.0, 103.0, 99.9, 100.0]
    start = NOON - timedelta(seconds=900 * (len(closes) - 1))
    rhythm = {"repeat": "recurring", "hysteresis": 1.0, "cooldown_seconds": 1800}
    a_made_alert(a_user(), token, now=start, **rhythm)
    for place, close in enumerate(closes):
        at = start + timedelta(seconds=900 * place)
        a_quote(token, close, at)
        evaluate("quotes", now=at, wall=at)
    candles(token, 900, closes)
    fired = [event.fired_at for event in Event.objects.order_by("fired_at")]
    assert fired and fired == [one.at for one in played(token, **rhythm).fired]
