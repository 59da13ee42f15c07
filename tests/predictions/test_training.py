"""A trained engine enters as a challenger with its file, its digest and its walk-forward scores."""

import subprocess
import sys
from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from kombu.exceptions import OperationalError

from core.jobs.slots import report_progress
from core.lib.clock import wall_now
from core.lib.errors import ArtifactRefused
from core.models import JobRun
from markets.models import Token
from predictions.horizons import by_name
from predictions.models import EngineVersion, Forecast
from predictions.services.engines import load_engine
from predictions.services.forecasting import make_forecasts
from predictions.services.registry import keep_pool, register
from predictions.services.teaching import teach
from predictions.services.training import train
from predictions.services.training_jobs import ask_for_training, first_training_is_due, train_in_child
from tests.make.accounts import a_user, bearer
from tests.make.candle_files import a_folder
from tests.make.markets import NOON, a_token
from tests.make.pools import waves
from tests.make.predictions import a_version, with_history

SOON = timedelta(seconds=30)


@pytest.fixture(scope="module")
def taught():
    """What two tokens teach in 240 days, in which calm and wild weeks alternate."""
    return teach(waves(), by_name["4h"], NOON, "20261120-120000")


@pytest.fixture
def trained(db, taught):
    made = register(keep_pool(taught.pool, taught.scores, NOON))
    return next(version for version in made if version.engine == "ensemble")


@pytest.mark.slow
def test_it_enters_as_a_challenger_with_its_scores(trained):
    assert (trained.engine, trained.role, trained.timeframe) == ("ensemble", "challenger", "4h")
    assert trained.trained_at == NOON
    assert trained.span_to <= NOON - timedelta(hours=4 + 24)
    assert trained.scores["n"] > 1000
    assert trained.scores["log_score"] < 1.2
    engine = load_engine(trained)
    assert engine.version == trained.version


@pytest.mark.slow
def test_its_forecasts_are_stored_beside_the_published_ones(trained):
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["4h"])
    said = Forecast.objects.get(engine_version=trained)
    assert not said.published
    assert Forecast.objects.get(timeframe="4h", published=True).engine_version.engine == "climatology"


@pytest.mark.slow
def test_a_file_that_was_cut_is_refused(trained, settings):
    file = settings.ARTIFACTS / trained.artifact
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ArtifactRefused):
        load_engine(trained)


@pytest.mark.slow
def test_a_file_whose_figures_were_altered_is_refused(trained, settings):
    file = settings.ARTIFACTS / trained.artifact
    with np.load(file) as found:
        arrays = {name: found[name] for name in found.files}
    arrays["ensemble.figures"] = arrays["ensemble.figures"] * 1.01
    np.savez(file, **arrays)
    with pytest.raises(ArtifactRefused):
        load_engine(trained)


@pytest.mark.slow
def test_another_engines_file_is_refused(trained):
    trained.artifact_digest = "0" * 64
    with pytest.raises(ArtifactRefused):
        load_engine(trained)


@pytest.mark.django_db
def test_less_than_ninety_days_are_too_few():
    with_history(a_token(), days=60)
    heard = []
    assert train(["1h"], NOON, lambda progress, detail: heard.append(detail)) == []
    assert heard[-1] == "0 of 1 timeframes trained. 1h: 29 days can be learned from, 90 are needed."
    assert not EngineVersion.objects.exists()


def trained_files(folder, out, jobs):
    """What the command said, and the files that it wrote."""
    said = StringIO()
    wanted = ["--timeframe=4h", "--timeframe=14d"]
    call_command("train", *wanted, candles=[folder], out=out, jobs=jobs, stdout=said)
    return said.getvalue(), {path.name: path.read_bytes() for path in out.glob("*")}


@pytest.mark.slow
def test_two_processes_learn_the_same_files_as_one(tmp_path):
    folder = a_folder(tmp_path / "candles", days=150)
    one, two = (trained_files(folder, tmp_path / str(jobs), jobs) for jobs in (1, 2))
    assert one[1] == two[1]
    assert list(one[1]) == ["4h.npz"]
    for said in (one[0], two[0]):
        assert "1 of 2 timeframes trained. 14d: " in said


@pytest.mark.parametrize("jobs", [0, 2])
def test_own_history_is_learned_by_one_process(jobs):
    with pytest.raises(CommandError, match="--jobs is 1 or, with --candles DIR, more"):
        call_command("train", jobs=jobs)


def test_whoever_serves_never_imports_the_learning_library():
    code = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings';"
        "import django; django.setup();"
        "import predictions.tasks, predictions.api.urls, sys; assert 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.django_db
def test_a_second_wish_joins_the_training_that_runs():
    first, is_new = ask_for_training(["1h"])
    again, is_second_new = ask_for_training(None)
    assert is_new
    assert not is_second_new
    assert again == first


@pytest.mark.django_db
def test_a_wish_that_was_lost_on_its_way_stops_no_later_one():
    lost = JobRun.objects.create(job="train", started_at=wall_now() - timedelta(hours=2))
    run, is_new = ask_for_training(None)
    lost.refresh_from_db()
    assert is_new
    assert run != lost
    assert lost.state == "failed"


@pytest.mark.django_db
def test_the_command_closes_the_run_that_is_watched():
    run, _ = ask_for_training(["1h"])
    call_command("train", "--timeframe", "1h", "--run", str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.progress) == ("done", 1.0)
    assert run.detail.startswith("0 of 1 timeframes trained.")


@pytest.mark.django_db
def test_a_child_that_dies_leaves_a_failed_run(monkeypatch):
    run, _ = ask_for_training(None)
    monkeypatch.setattr("predictions.services.training_jobs.MANAGE", "/nowhere/manage.py")
    assert train_in_child(None, slot=None, run_id=run.pk)
    run.refresh_from_db()
    assert run.state == "failed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "stderr", "told"),
    [
        (1, b"Traceback\nMemoryError: no room for 3 GB\n", "code 1. MemoryError: no room for 3 GB"),
        (-9, b"", "signal 9 (killed; most likely there was too little memory). It left no word."),
    ],
)
def test_a_training_that_fails_says_why(monkeypatch, code, stderr, told):
    run, _ = ask_for_training(None)
    ended = subprocess.CompletedProcess([], code, b"", stderr)
    monkeypatch.setattr("predictions.services.training_jobs.subprocess.run", lambda *told, **more: ended)
    train_in_child(None, slot=None, run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.detail) == ("failed", f"Training ended with {told}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"), [("user", 404), ("analyst", 200), ("staff", 200), ("admin", 200)]
)
def test_the_state_of_a_training_is_for_those_who_may_start_one(client, role, status):
    run, _ = ask_for_training(["1h"])
    report_progress(run, 0.5, "training 1h")
    reply = client.get(f"/api/v1/jobs/{run.pk}", headers=bearer(a_user("alice", role=role)))
    assert reply.status_code == status
    if status == 200:
        shown = reply.json()["data"]
        assert (shown["state"], shown["progress"], shown["detail"]) == ("running", 0.5, "training 1h")
    else:
        nowhere = client.get("/api/v1/jobs/987654", headers=bearer(a_user("bob", role=role)))
        assert reply.json()["error"]["code"] == nowhere.json()["error"]["code"] == "NOT_FOUND"


@pytest.mark.django_db
def test_a_slot_trains_once():
    JobRun.objects.create(job="train", slot=NOON, started_at=NOON, state="done")
    assert not train_in_child(None, slot=NOON, run_id=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"), [("user", 403), ("analyst", 202), ("staff", 202), ("admin", 202)]
)
def test_training_is_for_analysts_and_staff(client, monkeypatch, role, status):
    monkeypatch.setattr("predictions.tasks.train.delay", lambda **told: None)
    a_token()
    headers = bearer(a_user("alice", role=role))
    reply = client.post(
        "/api/v1/predictions/SOL/train", {"timeframe": "1h"}, content_type="application/json", headers=headers
    )
    assert reply.status_code == status
    if status == 202:
        assert reply.json()["data"] == {"job_id": JobRun.objects.get(job="train").pk}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("SOL", {"timeframe": "2h"}, 400),
        ("SOL", {"timeframe": 1}, 400),
        ("SOL", [], 400),
        ("NOPE", {}, 404),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(client, path, body, status):
    a_token()
    headers = bearer(a_user("alice", role="analyst"))
    reply = client.post(
        f"/api/v1/predictions/{path}/train", body, content_type="application/json", headers=headers
    )
    assert reply.status_code == status
    assert not JobRun.objects.exists()


@pytest.mark.django_db(transaction=True)  # the queue is told on commit
def test_where_the_queue_is_away_the_wish_is_refused_and_forgotten(client, monkeypatch):
    def away(**told):
        raise OperationalError

    monkeypatch.setattr("predictions.tasks.train.delay", away)
    a_token()
    headers = bearer(a_user("alice", role="analyst"))
    path = "/api/v1/predictions/SOL/train"
    assert client.post(path, {}, content_type="application/json", headers=headers).status_code == 503
    assert JobRun.objects.get().state == JobRun.State.FAILED


@pytest.mark.django_db
def test_strangers_are_asked_to_sign_in(client):
    a_token()
    assert client.post("/api/v1/predictions/SOL/train").status_code == 401
    assert client.get("/api/v1/predictions/SOL/train").status_code == 405


@pytest.mark.django_db
def test_the_first_training_waits_for_the_history_and_then_is_due_once():
    now = wall_now()
    token = a_token(candles_complete=False)
    assert not first_training_is_due(now)
    Token.objects.filter(pk=token.pk).update(candles_complete=True)
    assert first_training_is_due(now)
    ask_for_training(None)
    assert not first_training_is_due(now)


@pytest.mark.django_db
def test_where_something_was_trained_only_the_schedule_trains_again():
    a_token(candles_complete=True)
    a_version(engine="boosting", artifact="1h/boosting-1.npz")
    assert not first_training_is_due(wall_now())
