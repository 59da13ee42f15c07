"""Staff read the record and never change it; runs and promotions are theirs."""

from datetime import timedelta

import pytest
from django.test import Client

from predictions.models import EngineVersion
from predictions.services.forecasting import make_forecasts
from tests.make.accounts import a_user
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_outcome, with_history

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


def act(client, action, version):
    return client.post(
        url("predictions/engineversion"), {"action": action, "_selected_action": [version.pk]}, follow=True
    )


def test_an_engine_is_promoted_with_a_reason_and_steps_down(ada):
    rules = a_version("1h", "rules")
    act(ada, "promote_earned", rules)
    assert EngineVersion.objects.get(pk=rules.pk).role == "challenger"
    act(ada, "promote_anyway", rules)
    promoted = EngineVersion.objects.get(pk=rules.pk)
    assert promoted.role == "champion"
    assert "Staff decided so" in promoted.scores["promoted_because"]
    act(ada, "let_step_down", rules)
    assert EngineVersion.objects.get(pk=rules.pk).role == "challenger"


def test_the_baseline_cannot_be_promoted(ada):
    baseline = a_version("1h")
    reply = act(ada, "promote_anyway", baseline)
    assert "Climatology is the baseline" in reply.content.decode()


def test_judging_changes_nothing(ada):
    rules = a_version("1h", "rules")
    assert "Too early to say" in act(ada, "judge_them", rules).content.decode()
