"""Staff read the record and never change it; runs and promotions are theirs."""

from datetime import timedelta

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from core.jobs.slots import finish
from core.models import JobRun
from predictions.models import Abstention, EngineVersion, Judgement, RoleChange
from predictions.services.forecasting import make_forecasts
from predictions.services.promotion import promote_those_who_earned
from predictions.services.roles import appoint
from predictions.services.training_jobs import ask_for_training
from tests.make.accounts import a_user
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_abstention, an_outcome, with_history

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client):
    client.force_login(a_user("ada"))
    return client


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr("predictions.tasks.forecast.delay", lambda **told: messages.append(told))
    return messages


def url(model, page="changelist"):
    tail = "" if page == "changelist" else f"{page}/"
    return f"/admin/{model}/{tail}"


@pytest.mark.parametrize("model", ["forecast", "outcome", "forecastrun", "engineversion"])
def test_the_lists_open(ada, model):
    with_history(a_token())
    make_forecasts(NOON, NOON + timedelta(seconds=30), ["1h"])
    an_outcome(a_forecast(a_token("BONK"), as_of=NOON - timedelta(hours=2)), None)
    assert ada.get(url(f"predictions/{model}")).status_code == 200


@pytest.mark.parametrize("model", ["forecast", "outcome"])
def test_nobody_can_add_change_or_delete_the_record(ada, model):
    forecast = a_forecast(a_token())
    an_outcome(forecast)
    base = f"predictions/{model}"
    assert ada.get(url(base, "add")).status_code == 403
    assert ada.get(url(base, f"{forecast.pk}/delete")).status_code == 403
    page = f"{forecast.pk}/change"
    assert ada.post(url(base, page), {"up": 1}).status_code == 403
    forecast.refresh_from_db()
    assert forecast.up == 4000


def test_a_run_by_hand_is_queued(ada, sent):
    assert ada.get(url("predictions/forecastrun", "run-now")).status_code == 302
    assert [told["every_timeframe"] for told in sent] == [True]


def test_the_list_of_tokens_can_be_forecast_again(ada, sent):
    token = a_token()
    reply = ada.post(url("markets/token"), {"action": "forecast_again", "_selected_action": [token.pk]})
    assert reply.status_code == 302
    assert len(sent) == 1


def act(client, action, *versions, **more):
    return client.post(
        url("predictions/engineversion"),
        {"action": action, "_selected_action": [version.pk for version in versions], **more},
        follow=True,
    )


def role(version):
    return EngineVersion.objects.get(pk=version.pk).role


def test_a_promotion_first_asks_why(ada):
    rules = a_version("1h", "rules")
    page = act(ada, "promote", rules).content.decode()
    assert "Why?" in page
    assert 'name="reason"' in page
    assert role(rules) == "challenger"


@pytest.mark.parametrize("reason", ["", "   "])
@pytest.mark.parametrize(
    ("action", "before", "other"),
    [
        ("promote", "challenger", "champion"),
        ("let_step_down", "champion", "challenger"),
        ("roll_back", "champion", "challenger"),
    ],
)
def test_without_a_reason_nothing_is_decided(ada, action, before, other, reason):
    rules = a_version("1h", "rules", role=before)
    a_version("1h", "boosting", role=other)
    page = act(ada, action, rules, decided="yes", reason=reason).content.decode()
    assert "Say why" in page
    assert role(rules) == before
    assert not RoleChange.objects.exists()


def test_with_a_reason_an_engine_is_promoted_and_steps_down(ada):
    rules = a_version("1h", "rules")
    act(ada, "promote", rules, decided="yes", reason="It was trained on more.")
    assert role(rules) == "champion"
    kept = RoleChange.objects.get()
    assert (kept.reason, kept.basis, kept.user.username) == ("It was trained on more.", "staff", "ada")
    act(ada, "let_step_down", rules, decided="yes", reason="Its ranges are too narrow.")
    assert role(rules) == "challenger"


def test_the_champion_before_returns(ada):
    first, second = a_version("1h", "rules"), a_version("1h", "boosting")
    for version in (first, second):
        act(ada, "promote", version, decided="yes", reason="It was trained on more.")
    page = act(ada, "roll_back", second, decided="yes", reason="It fails in calm weeks.").content.decode()
    assert "is the champion of 1h again" in page
    assert (role(first), role(second)) == ("champion", "challenger")


def test_several_engines_at_once_are_not_decided_on(ada):
    both = [a_version("1h", "rules"), a_version("4h", "rules")]
    page = act(ada, "promote", *both, decided="yes", reason="All of them.").content.decode()
    assert "Choose one engine" in page
    assert {role(version) for version in both} == {"challenger"}


def test_the_baseline_cannot_be_promoted(ada):
    reply = act(ada, "promote", a_version("1h"), decided="yes", reason="because")
    assert "Climatology is the baseline" in reply.content.decode()


@pytest.mark.django_db(transaction=True)
def test_training_is_started_and_its_progress_shown(ada, monkeypatch):
    asked = []
    monkeypatch.setattr("predictions.tasks.train.delay", lambda **told: asked.append(told))
    page = ada.get(url("predictions/engineversion", "train-now"), follow=True).content.decode()
    run = JobRun.objects.get(job="train")
    assert asked == [{"timeframes": None, "run_id": run.pk}]
    assert "waiting to train all timeframes" in page
    assert 'http-equiv="refresh"' in page
    finish(run, JobRun.State.DONE, "7 of 7 timeframes trained")
    assert 'http-equiv="refresh"' not in ada.get(f"/admin/core/jobrun/{run.pk}/change/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_second_wish_to_train_shows_the_training_that_runs(ada, monkeypatch):
    asked = []
    monkeypatch.setattr("predictions.tasks.train.delay", lambda **told: asked.append(told))
    for _ in range(2):
        page = ada.get(url("predictions/engineversion", "train-now"), follow=True).content.decode()
    assert len(asked) == 1
    assert "running already" in page


@pytest.mark.django_db(transaction=True)
def test_where_the_queue_is_away_nothing_is_said_to_run(ada, monkeypatch):
    def away(**told):
        raise OperationalError

    monkeypatch.setattr("predictions.tasks.train.delay", away)
    page = ada.get(url("predictions/engineversion", "train-now"), follow=True).content.decode()
    assert "could not be reached" in page
    assert JobRun.objects.get().state == JobRun.State.FAILED
    assert ask_for_training(None)[1]


def test_history_is_read_and_never_changed(ada):
    version = a_version("1h", "rules")
    appoint(version, basis="staff", reason="It was trained on more.")
    promote_those_who_earned(NOON)
    a_version("4h", "rules")
    promote_those_who_earned(NOON)
    an_abstention(a_token())
    for name, row in (("rolechange", RoleChange), ("judgement", Judgement), ("abstention", Abstention)):
        pk = row.objects.get().pk
        assert ada.get(url(f"predictions/{name}")).status_code == 200
        assert ada.get(url(f"predictions/{name}", "add")).status_code == 403
        assert ada.post(url(f"predictions/{name}", f"{pk}/delete")).status_code == 403
        assert ada.post(url(f"predictions/{name}", f"{pk}/change"), {"reason": "no"}).status_code == 403
