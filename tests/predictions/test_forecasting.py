"""Forecasts are made once, before the fact, from fresh candles alone; the future changes nothing in them."""

from datetime import timedelta

import numpy as np
import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from core.lib.errors import BadInput
from markets.models import Candle
from predictions import horizons
from predictions.events import forecasts_published
from predictions.models import EngineVersion, Forecast, ForecastRun
from predictions.services import publishers
from predictions.services.abstaining import STALE
from predictions.services.forecasting import make_forecasts
from predictions.services.tallying import keep_tallies
from tests.make.markets import NOON, a_token, candles
from tests.make.predictions import a_version, with_history

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)
HOUR = timedelta(hours=1)
ALL = ("15m", "1h", "4h", "1d", "7d", "14d", "30d")


def the_forecast(timeframe="1h", **lookups):
    return Forecast.objects.get(timeframe=timeframe, published=True, **lookups)


def values(**lookups):
    return list(
        Forecast.objects.filter(**lookups).order_by("timeframe", "token_id", "engine_version_id").values()
    )


def test_every_timeframe_is_forecast_where_history_allows():
    with_history(a_token())
    runs = make_forecasts(NOON, NOON + SOON)
    assert [run.timeframe for run in runs] == list(ALL)
    assert all(run.forecasts == 1 and run.abstentions == {} for run in runs)


def test_at_a_quarter_hour_only_the_short_timeframes_are_due():
    quarter = NOON + timedelta(minutes=15)
    with_history(a_token(), end=quarter)
    assert [run.timeframe for run in make_forecasts(quarter, quarter + SOON)] == ["15m", "1h", "4h"]


def test_a_forecast_says_what_it_is_made_of():
    token = with_history(a_token())
    make_forecasts(NOON, NOON + SOON)
    forecast = the_forecast("4h")
    assert forecast.token == token
    assert forecast.up + forecast.down + forecast.sideways == 10_000
    assert forecast.p10 < forecast.p50 < forecast.p90
    assert forecast.reference_price == pytest.approx(100.0)
    assert forecast.reference_interval == 3600
    assert forecast.source == settings.MARKET.stamp("binance")
    assert forecast.as_of == NOON
    assert forecast.made_at == NOON + SOON
    assert forecast.matures_at == NOON + 4 * HOUR
    assert forecast.expires_at == NOON + timedelta(minutes=30)
    assert not forecast.late
    assert not forecast.fallback
    assert forecast.counts
    assert forecast.risk_level in {"low", "medium", "high"}
    assert all(level < 100 for level in forecast.support)
    assert all(level > 100 for level in forecast.resistance)


def test_without_a_champion_climatology_is_published_and_equals_its_baseline():
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON)
    forecast = the_forecast()
    assert forecast.engine_version.engine == "climatology"
    assert (forecast.up, forecast.down, forecast.sideways) == (
        forecast.baseline_up,
        forecast.baseline_down,
        forecast.baseline_sideways,
    )


def test_challengers_are_stored_at_instants_that_count_alone():
    quarter = NOON + timedelta(minutes=15)
    with_history(a_token(), end=quarter)
    make_forecasts(quarter, quarter + SOON, ["15m", "1h"])
    stored = set(Forecast.objects.filter(published=False).values_list("timeframe", "engine_version__engine"))
    assert stored == {("15m", "rules")}
    assert not the_forecast("1h").counts


def test_a_second_run_changes_nothing():
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON)
    forecasts, runs = values(), list(ForecastRun.objects.order_by("pk").values())
    make_forecasts(NOON, NOON + 2 * SOON)
    assert values() == forecasts
    assert list(ForecastRun.objects.order_by("pk").values()) == runs


def test_a_second_run_adds_the_tokens_whose_candles_came_late():
    first = with_history(a_token("SOL"))
    late = a_token("BONK")
    make_forecasts(NOON, NOON + SOON, ["1h"])
    with_history(late)
    (run,) = make_forecasts(NOON, NOON + 2 * SOON, ["1h"])
    assert run.forecasts == 2
    assert run.abstentions == {}
    assert the_forecast(token=first).made_at == NOON + SOON
    assert the_forecast(token=late).made_at == NOON + 2 * SOON


def test_a_forecast_that_breaks_a_constraint_is_an_error_and_no_silence(monkeypatch):
    """It can only come from an engine or from arithmetic that is wrong; on both databases that must be seen."""
    with_history(a_token())
    monkeypatch.setattr(horizons, "to_ten_thousandths", lambda rows: np.full((len(rows), 3), 3000))
    with pytest.raises(IntegrityError), transaction.atomic():
        make_forecasts(NOON, NOON + SOON, ["1h"])


def test_later_than_two_minutes_is_late_and_said_so():
    with_history(a_token())
    (run,) = make_forecasts(NOON, NOON + timedelta(seconds=121), ["1h"])
    assert run.late == 1
    assert the_forecast().late
    assert make_forecasts(NOON, NOON + timedelta(seconds=120), ["4h"])[0].late == 0


def test_nothing_is_forecast_once_its_horizon_is_over():
    """A quarter hour's candle is fresh for twenty minutes: five longer than its forecast has to be right."""
    with_history(a_token())
    (run,) = make_forecasts(NOON, NOON + timedelta(minutes=15), ["15m"])
    assert not Forecast.objects.exists()
    assert run.abstentions == {str(STALE): ["SOL"]}


def test_stale_candles_give_no_forecast():
    with_history(a_token())
    (run,) = make_forecasts(NOON, NOON + timedelta(minutes=66), ["1h"])
    assert run.forecasts == 0
    assert run.abstentions == {str(STALE): ["SOL"]}
    (quarter,) = make_forecasts(NOON, NOON + timedelta(minutes=21), ["15m"])
    assert quarter.abstentions == {str(STALE): ["SOL"]}


def test_a_token_without_the_newest_candle_is_left_out():
    with_history(a_token(), end=NOON - HOUR)
    (run,) = make_forecasts(NOON, NOON + SOON, ["1h"])
    assert run.forecasts == 0
    assert list(run.abstentions.values()) == [["SOL"]]


def test_too_little_history_is_a_reason():
    with_history(a_token(), days=29, quarters_days=5)
    runs = make_forecasts(NOON, NOON + SOON)
    reason = "INSUFFICIENT_DATA: less than 30 days of hourly candles"
    assert all(run.abstentions == {reason: ["SOL"]} for run in runs)
    assert not Forecast.objects.exists()


def test_points_without_quarters_serve_the_hours_alone():
    token = with_history(a_token(), quarters_days=0)
    runs = {run.timeframe: run for run in make_forecasts(NOON, NOON + SOON)}
    assert runs["15m"].abstentions == {"NO_CANDLE: no candle closed at that moment": ["SOL"]}
    assert runs["1h"].forecasts == 1
    assert the_forecast("1h", token=token).reference_interval == 3600


def test_inactive_tokens_get_none():
    with_history(a_token(active=False))
    assert [run.tokens for run in make_forecasts(NOON, NOON + SOON, ["1h"])] == [0]


def test_a_champion_that_cannot_be_loaded_is_replaced_by_climatology_and_that_is_marked():
    with_history(a_token())
    a_version("1h", "boosting", role="champion", artifact="1h/gone.npz", artifact_digest="0" * 64)
    (run,) = make_forecasts(NOON, NOON + SOON, ["1h"])
    forecast = the_forecast()
    assert forecast.fallback
    assert forecast.engine_version.engine == "climatology"
    assert "gone.npz" in run.fallback


def test_a_challenger_that_fails_in_whatever_way_harms_nobody(monkeypatch):
    class Broken:
        def forecast(self, batch):
            raise IndexError("no such leaf")

    with_history(a_token())
    broken = a_version("1h", "boosting", version="broken", role="challenger")
    loaded = publishers.load_engine
    monkeypatch.setattr(publishers, "load_engine", lambda one: Broken() if one == broken else loaded(one))
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert the_forecast().engine_version.engine == "climatology"
    assert set(Forecast.objects.filter(published=False).values_list("engine_version__engine", flat=True)) == {
        "rules"
    }


@pytest.mark.parametrize("role", ["champion", "challenger"])
def test_an_engine_that_learned_from_later_candles_says_nothing(role):
    """In a replay, candles of a folder may reach further than the replay has come."""
    with_history(a_token())
    a_version("1h", "rules", version="from-a-folder", role=role, trained_at=NOON + HOUR)
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert not Forecast.objects.filter(engine_version__version="from-a-folder").exists()
    assert the_forecast().engine_version.engine == "climatology"


def test_a_champion_of_other_definitions_is_not_used():
    with_history(a_token())
    a_version("1h", "boosting", role="champion", definitions=2)
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert the_forecast().fallback


def test_the_rules_as_champion_are_published_and_climatology_stays_inside():
    with_history(a_token())
    a_version("1h", "rules", role="champion")
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert the_forecast().engine_version.engine == "rules"
    assert not Forecast.objects.filter(engine_version__role="baseline").exists()


@pytest.mark.parametrize("poison", [{"close": 1e6, "high": 2e6}, {"volume": 1e12}, None])
def test_what_comes_after_the_cut_off_changes_no_bit(poison):
    token, other = with_history(a_token("SOL", "solana")), with_history(a_token("BTC", "bitcoin"))
    for one in (token, other):
        candles(one, 900, [100.0, 101.0, 99.0, 98.0], NOON + HOUR)
        candles(one, 3600, [98.0], NOON + HOUR)
    later = Candle.objects.filter(open_time__gte=NOON)
    made = said_after(lambda: None)
    assert {row["baseline_up"] for row in made} != {3333}  # it knows outcomes, and not later ones
    assert said_after(lambda: later.update(**poison) if poison else later.delete()) == made


def said_after(change):
    """What is forecast at noon once the world was changed; the record is undone, so that it can be asked
    again.
    """
    change()
    try:
        with transaction.atomic():
            keep_tallies(NOON)
            make_forecasts(NOON, NOON + SOON)
            raise Undone([{**row, **NUMBERED_ANEW} for row in values()])
    except Undone as undone:
        return undone.args[0]


NUMBERED_ANEW = dict.fromkeys(("id", "engine_version_id", "inputs_id", "link_id"))
"""Keys that PostgreSQL counts on although what had them was undone."""


class Undone(Exception):
    pass


def test_the_number_of_queries_does_not_grow_with_the_tokens(django_assert_max_num_queries):
    with_history(a_token(), days=31)
    make_forecasts(NOON - HOUR, NOON - HOUR + SOON)
    for number in range(8):
        with_history(a_token(f"T{number}"), days=31)
    with django_assert_max_num_queries(130):
        make_forecasts(NOON, NOON + SOON)


def test_publishing_is_announced_after_commit(django_capture_on_commit_callbacks):
    heard = []
    forecasts_published.connect(listener := lambda **told: heard.append(told))
    with_history(a_token())
    with django_capture_on_commit_callbacks() as callbacks:
        make_forecasts(NOON, NOON + SOON, ["1h"])
    assert heard == []
    for callback in callbacks:
        callback()
    forecasts_published.disconnect(listener)
    assert [(told["timeframe"], told["as_of"]) for told in heard] == [("1h", NOON)]
    assert heard[0]["forecast_ids"] == [the_forecast().pk]


def test_an_unknown_timeframe_is_refused():
    with pytest.raises(BadInput):
        make_forecasts(NOON, NOON + SOON, ["2h"])


def test_engines_that_need_no_training_are_registered_at_the_first_run():
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["1h"])
    roles = dict(EngineVersion.objects.filter(timeframe="1h").values_list("engine", "role"))
    assert roles == {"climatology": "baseline", "rules": "challenger"}
    assert np.isfinite(the_forecast().scale)


def test_lateness_is_judged_when_a_forecast_is_there_not_when_the_run_began(noon):
    """In a replay at sixty times the speed three seconds of work are three minutes of the market."""
    with_history(a_token())
    passed = iter(range(0, 10_000, 100))

    def clock():
        return NOON + timedelta(seconds=next(passed))

    make_forecasts(NOON, NOON, ["1h"], clock)
    assert [forecast.late for forecast in Forecast.objects.filter(published=True)] == [False]
    make_forecasts(NOON, NOON, ["4h"], clock)
    assert [forecast.late for forecast in Forecast.objects.filter(timeframe="4h", published=True)] == [True]
