"""Engines that come with the project speak from the first start on, where their walk-forward test lets them."""

import shutil
import threading
from datetime import timedelta

import pytest
from django.conf import settings as real
from django.db import connection

from khalsi.settings import INITIAL_ARTIFACTS
from predictions.engines import artifacts
from predictions.horizons import TIMEFRAMES
from predictions.models import EngineVersion, Forecast, RoleChange
from predictions.services.engines import ensure_engine_versions, load_engine
from predictions.services.forecasting import make_forecasts
from predictions.services.roles import step_down
from tests.make.markets import NOON, a_token
from tests.make.pools import TRAINED_AT, a_shipped_file
from tests.make.predictions import a_version, with_history

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)


@pytest.fixture
def folder(settings, tmp_path):
    settings.INITIAL_ARTIFACTS = tmp_path / "initial"
    return settings.INITIAL_ARTIFACTS


def role(engine="ensemble"):
    return EngineVersion.objects.get(engine=engine, timeframe="4h", version="initial-1").role


def test_without_files_climatology_and_rules_are_there():
    ensure_engine_versions()
    assert set(EngineVersion.objects.values_list("engine", "role")) == {
        ("climatology", "baseline"),
        ("rules", "challenger"),
    }


def test_an_ensemble_whose_interval_lies_above_zero_becomes_champion_and_says_why(folder):
    a_shipped_file(folder, low=0.01)
    ensure_engine_versions()
    assert role() == "champion"
    change = RoleChange.objects.get(role_after="champion")
    assert (change.basis, change.user) == ("walk_forward", None)
    assert "+2.00% [+1.00%, +4.00%] over 60 blocks of time" in change.reason
    assert "No live outcome has confirmed it yet." in change.reason


@pytest.mark.parametrize("low", [0.0, -0.01])
def test_one_whose_interval_reaches_zero_is_a_challenger(folder, low):
    a_shipped_file(folder, low=low)
    ensure_engine_versions()
    assert role() == "challenger"


def test_the_other_engines_of_the_file_are_challengers(folder):
    a_shipped_file(folder)
    ensure_engine_versions()
    assert {role(engine) for engine in ("boosting", "volatility", "linear", "persistence")} == {"challenger"}


def test_they_count_as_trained_when_their_candles_ended(folder):
    a_shipped_file(folder)
    ensure_engine_versions()
    assert EngineVersion.objects.get(role="champion").trained_at == TRAINED_AT


def test_it_publishes_from_the_first_run_on(folder):
    a_shipped_file(folder)
    with_history(a_token(), seed=5)
    make_forecasts(NOON, NOON + SOON, ["4h"])
    said = Forecast.objects.filter(published=True).first()
    assert said is None or said.engine_version.engine == "ensemble"


def test_before_their_candles_ended_they_say_nothing(folder):
    """In a replay they would know what comes."""
    early = TRAINED_AT - timedelta(hours=18)
    a_shipped_file(folder)
    with_history(a_token(), end=early)
    make_forecasts(early, early + SOON, ["4h"])
    engines = set(Forecast.objects.values_list("engine_version__engine", "engine_version__version"))
    assert not {version for _, version in engines} & {"initial-1"}
    assert Forecast.objects.get(published=True).engine_version.engine == "climatology"


def test_a_second_start_changes_nothing_and_reads_no_file(folder, monkeypatch):
    a_shipped_file(folder)
    ensure_engine_versions()
    before = list(EngineVersion.objects.order_by("pk").values())
    monkeypatch.setattr(artifacts, "load", lambda *told: 1 / 0)
    ensure_engine_versions()
    assert list(EngineVersion.objects.order_by("pk").values()) == before
    assert RoleChange.objects.filter(role_after="champion").count() == 1


def test_a_later_release_enters_as_a_challenger(folder):
    a_shipped_file(folder, version="initial-1")
    ensure_engine_versions()
    a_shipped_file(folder, low=0.03, version="initial-2")
    ensure_engine_versions()
    assert role() == "champion"
    assert EngineVersion.objects.get(version="initial-2", engine="ensemble").role == "challenger"


def test_whoever_let_the_champion_step_down_is_not_overruled(folder):
    a_shipped_file(folder)
    ensure_engine_versions()
    step_down(EngineVersion.objects.get(role="champion"), reason="Its ranges are too narrow.")
    a_shipped_file(folder, version="initial-2")
    ensure_engine_versions()
    assert not EngineVersion.objects.filter(role="champion").exists()


def test_a_champion_that_is_there_stays(folder):
    mine = a_version("4h", "boosting", role="champion")
    a_shipped_file(folder)
    ensure_engine_versions()
    assert EngineVersion.objects.get(role="champion") == mine


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign", "elsewhere"])
def test_a_damaged_file_is_left_out_and_the_others_work(folder, damage):
    a_shipped_file(folder, "1h")
    path = a_shipped_file(folder, "4h")
    body = bytearray(path.read_bytes())
    if damage == "cut":
        body = body[: len(body) // 2]
    elif damage == "flipped":
        body[100:-100:997] = bytes(255 - byte for byte in body[100:-100:997])
    elif damage == "foreign":
        body = b"no artifact at all"
    path.write_bytes(body)
    if damage == "elsewhere":
        shutil.copyfile(folder / "1h.npz", path)
    ensure_engine_versions()
    assert not EngineVersion.objects.filter(timeframe="4h", version="initial-1").exists()
    assert EngineVersion.objects.get(role="champion").timeframe == "1h"
    assert EngineVersion.objects.filter(role="baseline").count() == len(TIMEFRAMES)


def test_a_registered_version_outlives_its_shipped_file(folder):
    a_shipped_file(folder)
    ensure_engine_versions()
    shutil.rmtree(folder)
    assert load_engine(EngineVersion.objects.get(role="champion")).name == "ensemble"


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_at_once_register_them_once(folder):
    a_shipped_file(folder)
    ready, failed = threading.Barrier(3), []

    def start():
        try:
            ready.wait(60)
            ensure_engine_versions()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert EngineVersion.objects.filter(version="initial-1").count() == 6
    assert RoleChange.objects.filter(role_after="champion").count() == 1


@pytest.mark.skipif(not any(INITIAL_ARTIFACTS.glob("*.npz")), reason="no engines are shipped")
def test_the_files_of_this_release_are_sound_and_small(settings):
    settings.INITIAL_ARTIFACTS = INITIAL_ARTIFACTS
    assert real.ARTIFACTS != INITIAL_ARTIFACTS
    files = sorted(INITIAL_ARTIFACTS.glob("*.npz"))
    assert {path.stem for path in files} <= {timeframe.name for timeframe in TIMEFRAMES}
    assert sum(path.stat().st_size for path in files) < 20_000_000
    ensure_engine_versions()
    shipped = {version.timeframe for version in EngineVersion.objects.filter(engine="ensemble")}
    assert shipped == {path.stem for path in files}
