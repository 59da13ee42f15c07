"""The same inputs give the same numbers, to the last bit: every engine, every timeframe, fallback rows too."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from core.lib.clock import from_seconds
from markets.models import Candle
from predictions.engines.batches import example_batch
from predictions.engines.learning import learn
from predictions.features.examples import examples
from predictions.horizons import DAY, by_name
from predictions.horizons import HOUR as HOUR_SECONDS
from predictions.models import EngineVersion, Forecast, MomentInputs, RangeScale
from predictions.record import packing
from predictions.services import inputs
from predictions.services.engines import _loaded, ensure_engine_versions
from predictions.services.forecasting import make_forecasts
from predictions.services.registry import keep_pool, register
from predictions.services.replaying import CannotReplay, compare, replay
from predictions.services.verifying import verify_record
from tests.make.accounts import a_user
from tests.make.markets import NOON, a_token
from tests.make.predictions import with_history
from tests.make.record import behind_the_back
from tests.predictions.arithmetic.panels import market

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)
HOUR = timedelta(hours=1)
MIDNIGHT = NOON - 12 * HOUR
ALL = ("15m", "1h", "4h", "1d", "7d", "14d", "30d")


@pytest.fixture(autouse=True)
def _read_anew():
    inputs._unpacked.cache_clear()


def everything():
    return list(Forecast.objects.select_related("inputs", "engine_version", "token").order_by("pk"))


def at_midnight():
    """Every timeframe is due, and counts, at midnight; one token has no history to speak from."""
    midnight = MIDNIGHT
    for name in ("SOL", "BONK", "WIF"):
        with_history(a_token(name, name.lower()), end=midnight)
    with_history(a_token("YOUNG"), days=12, end=midnight)
    return midnight


def assert_same(forecasts):
    wrong = [(str(one), c) for one in forecasts for c in compare(one) if not c.same]
    assert wrong == []


def test_untrained_engines_say_the_same_again_at_every_timeframe():
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON)
    forecasts = everything()
    assert {(one.timeframe, one.engine_version.engine) for one in forecasts} >= {
        (timeframe, engine) for timeframe in ALL for engine in ("climatology", "rules")
    }
    assert_same(forecasts)


@cache
def a_market():
    """Three tokens until midnight, as arrays."""
    return market(days=150, tokens=3, quarter_days=30, end=int(MIDNIGHT.timestamp()))


def stored(history):
    """The same as stored candles: all that an engine looks back at."""
    ends = {3600: (history.hours, history), 900: (history.quarters.times, history.quarters)}
    for column in range(len(history.tokens)):
        token = a_token(f"T{column}", ("bitcoin", "ethereum", "solana")[column], candle_source="binance")
        for interval, (times, bars) in ends.items():
            recent = range(max(0, len(times) - 24 * 91), len(times))
            Candle.objects.bulk_create(
                Candle(
                    token=token,
                    interval=interval,
                    open_time=from_seconds(int(times[row]) - interval),
                    open=float(bars.close[row, column]),
                    high=float(bars.high[row, column]),
                    low=float(bars.low[row, column]),
                    close=float(bars.close[row, column]),
                    volume=float(bars.volume[row, column]),
                    source=settings.MARKET.stamp("binance"),
                )
                for row in recent
            )


def a_pool_of(timeframe):
    """Few rows, which is enough to say something that climatology does not."""
    history, frame = a_market(), by_name[timeframe]
    end = int(MIDNIGHT.timestamp()) - 2 * DAY - frame.seconds
    step = frame.counts_every if frame.seconds < DAY else 6 * HOUR_SECONDS
    instants = np.arange(end - 400 * step, end, step)
    rows = examples(history, frame, instants // step * step)
    return learn(rows, example_batch(rows, history), "7")


@pytest.mark.slow
@pytest.mark.parametrize("timeframe", ALL)
def test_every_trained_engine_says_the_same_again(timeframe):
    stored(a_market())
    pool = a_pool_of(timeframe)
    versions = register(keep_pool(pool, {}, MIDNIGHT - 24 * HOUR))
    make_forecasts(MIDNIGHT, MIDNIGHT + SOON, [timeframe])
    forecasts = everything()
    said = {one.engine_version.engine for one in forecasts if one.engine_version.artifact}
    assert said == {version.engine for version in versions} == set(pool.engines)
    _loaded.cache_clear()
    assert_same(forecasts)


def test_a_replay_gives_every_number_that_an_engine_has_a_part_in():
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON, ["1h"])
    forecast = everything()[0]
    not_made_again = {"token", "engine_version", "timeframe", "as_of", "made_at", "published", "fallback"}
    not_made_again |= {
        "definitions",
        "reference_interval",
        "source",
        "support",
        "resistance",
        "inputs",
        "link",
        "id",
    }
    assert set(replay(forecast)) == {field.name for field in Forecast._meta.concrete_fields} - not_made_again


def test_a_scaled_range_comes_out_with_the_factor_of_then():
    midnight = at_midnight()
    ensure_engine_versions()
    climatology = EngineVersion.objects.get(engine="climatology", timeframe="1h")
    scale = RangeScale.objects.create(engine_version=climatology, token=None, log_factor=0.25)
    make_forecasts(midnight, midnight + SOON, ["1h"])
    RangeScale.objects.filter(pk=scale.pk).update(log_factor=-1.0)
    (forecast, *_) = (one for one in everything() if one.engine_version == climatology)
    assert forecast.range_log_factor == 0.25
    assert_same([forecast])


def test_climatology_that_stood_in_is_replayed_as_itself():
    midnight = at_midnight()
    ensure_engine_versions()
    EngineVersion.objects.create(
        engine="boosting", version="gone", timeframe="1h", role="champion", definitions=1
    )
    make_forecasts(midnight, midnight + SOON, ["1h"])
    stood_in = [one for one in everything() if one.fallback]
    assert len(stood_in) == 3
    assert_same(stood_in)


def test_what_came_later_does_not_change_a_replay():
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON, ["1h", "1d"])
    before = [replay(one) for one in everything()]
    with_history(a_token("LATER"), end=midnight + 5 * HOUR)
    make_forecasts(midnight + 5 * HOUR, midnight + 5 * HOUR + SOON, ["1h"])
    after = [replay(one) for one in everything()[: len(before)]]
    assert before == after


def test_inputs_are_stored_once_for_all_timeframes_of_a_moment():
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON)
    assert MomentInputs.objects.count() == 1
    assert Forecast.objects.filter(inputs=None).count() == 0


def test_candles_that_came_late_have_inputs_of_their_own():
    midnight = at_midnight()
    late = a_token("LATE")
    make_forecasts(midnight, midnight + SOON, ["1h"])
    with_history(late, end=midnight)
    make_forecasts(midnight, midnight + SOON, ["1h"])
    assert MomentInputs.objects.count() == 2
    assert_same(everything())


def test_where_nobody_speaks_nothing_is_kept():
    with_history(a_token(), days=12)
    make_forecasts(NOON, NOON + SOON)
    assert not MomentInputs.objects.exists()


def test_who_keeps_no_inputs_has_a_sealed_record_all_the_same(settings):
    settings.KEEP_INPUTS = False
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON, ["1h"])
    assert not MomentInputs.objects.exists()
    assert verify_record().intact


def given(**changed):
    numbers = np.random.default_rng(3).normal(0, 1, (4, 5))
    numbers[0, 1] = np.nan
    found = packing.Given(
        as_of=1_763_640_000,
        tokens=(7, 2, 30, 4),
        names=("solana", "bonk", "dogwifcoin", "jito"),
        features=tuple("abcde"),
        X=numbers,
        scale=np.array([0.1 + 0.2, np.nan, 5e-324, 1.0]),
        prices={3600: np.array([1e-9, 1.0, np.nan, 1e9])},
        baselines={"1h": numbers[:, :3]},
        quantiles={"1h": numbers[:, 2:]},
    )
    return replace(found, **changed)


def same(one, other):
    for name in ("X", "scale"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), strict=True)
    for name in ("prices", "baselines", "quantiles"):
        np.testing.assert_equal(dict(getattr(one, name)), dict(getattr(other, name)))
    assert all(
        getattr(one, name) == getattr(other, name) for name in ("as_of", "tokens", "names", "features")
    )


def test_what_is_packed_comes_out_to_the_last_bit():
    found = given()
    same(packing.unpack(packing.pack(found)), found)
    even = given(quantiles={"1h": np.array([[-0.1, 0.0, 0.1], [-2.0, 0.0, 2.0]])})
    same(packing.unpack(packing.pack(even)), even)
    narrow = given(X=found.X.astype(np.float32).astype(np.float64))
    same(packing.unpack(packing.pack(narrow)), narrow)
    assert len(packing.pack(narrow)) < len(packing.pack(found))
    assert packing.pack(found) == packing.pack(given())


def test_bytes_that_hold_objects_are_refused_unread(tmp_path):
    """An array of objects is a pickle, and a pickle runs what it says."""
    with (tmp_path / "evil.npz").open("wb") as file:
        np.savez(file, header=np.array([{"format": 1}], dtype=object))
    with pytest.raises(ValueError, match="No inputs can be read"):
        packing.unpack((tmp_path / "evil.npz").read_bytes())
    with pytest.raises(ValueError, match="No inputs can be read"):
        packing.unpack(b"PK\x03\x04 nothing of the kind")


def test_inputs_that_were_changed_are_refused_by_their_digest():
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON, ["1h"])
    forecast = everything()[0]
    found = packing.unpack(bytes(forecast.inputs.data))
    forged = packing.pack(replace(found, scale=found.scale * 2))
    with behind_the_back():
        MomentInputs.objects.filter(pk=forecast.inputs_id).update(data=forged)
        with pytest.raises(CannotReplay, match="were changed"):
            replay(everything()[0])
        with pytest.raises(CommandError, match="were changed"):
            call_command("replay_forecast", str(forecast.pk))


def test_the_command_shows_both_and_says_that_they_are_the_same(capsys):
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON, ["1h"])
    forecast = everything()[0]
    call_command("replay_forecast", str(forecast.pk))
    told = capsys.readouterr().out
    assert "to the last bit" in told
    (line,) = (line.split() for line in told.splitlines() if line.startswith("  p90 "))
    assert line[1:] == [str(forecast.p90)] * 2


def test_a_number_that_differs_is_shown_and_fails(capsys):
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON, ["1h"])
    forecast = everything()[0]
    with behind_the_back():
        Forecast.objects.filter(pk=forecast.pk).update(p90=float(np.nextafter(forecast.p90, 1e9)))
        with pytest.raises(CommandError, match="Not the same numbers: p90"):
            call_command("replay_forecast", str(forecast.pk))
        assert "≠ p90" in capsys.readouterr().out
        assert any("comes out otherwise" in one for one in verify_record(replays=60).faults)


def test_staff_make_a_forecast_again_from_its_page(client):
    client.force_login(a_user("ada"))
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON, ["1h"])
    forecast = everything()[0]
    page, deed = (f"/admin/predictions/forecast/{forecast.pk}/{name}" for name in ("change/", "make-again/"))
    assert "make-again" in client.get(page).text
    assert "to the last bit" in client.get(deed, follow=True).text
    with behind_the_back():
        Forecast.objects.filter(pk=forecast.pk).update(p90=forecast.p90 * 2)
        assert "p90: stored" in client.get(deed, follow=True).text


def test_a_stranger_makes_nothing_again(client):
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON, ["1h"])
    forecast = everything()[0]
    reply = client.get(f"/admin/predictions/forecast/{forecast.pk}/make-again/")
    assert (reply.status_code, "login" in reply["Location"]) == (302, True)


def test_a_forecast_without_inputs_says_so():
    with pytest.raises(CommandError, match="no forecast 99"):
        call_command("replay_forecast", "99")
    midnight = at_midnight()
    make_forecasts(midnight, midnight + SOON, ["1h"])
    forecast = everything()[0]
    forecast.inputs = None
    with pytest.raises(CannotReplay, match="older"):
        replay(forecast)
