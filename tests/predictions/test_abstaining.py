"""Where nobody publishes a forecast, a row says for which token and why; it goes once a later try succeeds."""

from datetime import timedelta

import numpy as np
import pytest

from predictions.engines.base import NOVEL, answer
from predictions.models import Abstention, Forecast, ForecastRun
from predictions.selectors.abstentions import why_silent
from predictions.services import publishers
from predictions.services.engines import load_engine
from predictions.services.forecasting import make_forecasts
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_version, an_abstention, with_history

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)
HOUR = timedelta(hours=1)


def told():
    return sorted(Abstention.objects.values_list("token__coingecko_id", "timeframe", "code", "counts"))


class Shy:
    """An engine that has seen nothing like the tokens it is told of."""

    name, version = "boosting", "1"

    def __init__(self, *tokens):
        self.tokens = {token.pk for token in tokens}

    def forecast(self, batch):
        reasons = [f"{NOVEL}: volume" if token in self.tokens else "" for token in batch.tokens]
        even = np.full((len(reasons), 3), 1 / 3)
        return answer(even, batch.baseline_quantiles, reasons)


@pytest.fixture
def champion(monkeypatch):
    """Puts an engine in the champion's place."""

    def put(engine, role="champion"):
        version = a_version("1h", engine.name, role=role)
        other = lambda asked: engine if asked == version else load_engine(asked)  # noqa: E731
        monkeypatch.setattr(publishers, "load_engine", other)
        return version

    return put


def test_each_token_without_a_forecast_is_a_row_with_its_reason():
    with_history(a_token("SOL"))
    with_history(a_token("NEW", "newcomer"), days=20)
    with_history(a_token("OLD", "sleeper"), end=NOON - HOUR)
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert told() == [
        ("newcomer", "1h", "INSUFFICIENT_DATA", True),
        ("sleeper", "1h", "NO_CANDLE", True),
    ]


def test_stale_candles_leave_a_row_for_every_token():
    with_history(a_token("SOL", "solana"))
    with_history(a_token("BONK", "bonk"))
    make_forecasts(NOON, NOON + timedelta(minutes=66), ["1h"])
    assert told() == [("bonk", "1h", "STALE_DATA", True), ("solana", "1h", "STALE_DATA", True)]


def test_between_the_instants_that_count_it_does_not_count():
    quarter = NOON + timedelta(minutes=15)
    with_history(a_token("SOL", "solana"), days=20, end=quarter)
    make_forecasts(quarter, quarter + SOON, ["15m", "1h"])
    assert told() == [
        ("solana", "15m", "INSUFFICIENT_DATA", True),
        ("solana", "1h", "INSUFFICIENT_DATA", False),
    ]


def test_a_later_try_that_succeeds_removes_the_row():
    with_history(a_token("SOL"))
    late = a_token("BONK", "bonk")
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert len(told()) == 1
    with_history(late)
    (run,) = make_forecasts(NOON, NOON + 2 * SOON, ["1h"])
    assert told() == []
    assert run.abstentions == {}
    assert Forecast.objects.filter(published=True).count() == 2


def test_a_later_try_that_fails_too_keeps_one_row():
    with_history(a_token("SOL"))
    missing, late = a_token("WIF", "wif"), a_token("BONK", "bonk")
    make_forecasts(NOON, NOON + SOON, ["1h"])
    with_history(late)
    make_forecasts(NOON, NOON + 2 * SOON, ["1h"])
    assert [row.token for row in Abstention.objects.all()] == [missing]


def test_a_run_that_cannot_be_stored_leaves_no_row(monkeypatch):
    with_history(a_token(), days=20)
    monkeypatch.setattr("predictions.services.forecasting._account", lambda *told: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_forecasts(NOON, NOON + SOON, ["1h"])
    assert not Abstention.objects.exists()
    assert not ForecastRun.objects.exists()


def test_nobody_speaks_where_the_champion_has_seen_nothing_alike(champion):
    known, strange = with_history(a_token("SOL", "solana")), with_history(a_token("ODD", "oddity"))
    version = champion(Shy(strange))
    (run,) = make_forecasts(NOON, NOON + SOON, ["1h"])
    assert told() == [("oddity", "1h", "UNLIKE_TRAINING", True)]
    said = Forecast.objects.get(published=True)
    assert (said.token, said.engine_version, said.fallback) == (known, version, False)
    assert run.fallback == ""
    assert why_silent(strange) == {"1h": f"{NOVEL}: volume"}


def test_a_challenger_that_has_seen_nothing_alike_silences_nobody(champion):
    strange = with_history(a_token("ODD", "oddity"))
    champion(Shy(strange), role="challenger")
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert told() == []
    assert Forecast.objects.get(published=True).engine_version.engine == "climatology"


def test_a_champion_that_fails_is_replaced_for_every_token(champion):
    class Broken(Shy):
        def forecast(self, batch):
            raise ValueError("its arrays have the wrong shape")

    with_history(a_token("SOL", "solana"))
    with_history(a_token("ODD", "oddity"))
    champion(Broken())
    (run,) = make_forecasts(NOON, NOON + SOON, ["1h"])
    published = Forecast.objects.filter(published=True)
    assert {(one.engine_version.engine, one.fallback) for one in published} == {("climatology", True)}
    assert "wrong shape" in run.fallback
    assert told() == []


def test_tokens_that_share_a_ticker_are_told_apart():
    known, imposter = a_token("SOL", "solana", rank=5), a_token("SOL", "imposter", rank=900)
    an_abstention(imposter, "1h", reason="less than 30 days of hourly candles")
    assert why_silent(known) == {}
    assert why_silent(imposter) == {"1h": "less than 30 days of hourly candles"}


def test_an_old_reason_is_not_told_once_a_later_run_spoke():
    token = a_token()
    an_abstention(token, "1h", NOON - HOUR)
    ForecastRun.objects.create(timeframe="1h", as_of=NOON, made_at=NOON, seconds=1, tokens=1, forecasts=1)
    assert why_silent(token) == {}


def test_a_forecast_names_the_regime_of_its_moment():
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert Forecast.objects.get(published=True).regime in {"calm", "usual", "wild"}
