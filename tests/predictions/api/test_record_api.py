"""The record over HTTP: scores, rows and engines."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_abstention, an_outcome

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
RECORD = "/api/v1/predictions/track-record"
RECORD_KEYS = {"n", "log_score", "brier", "skill", "hit_rate", "calibration", "coverage_80", "baseline"}


def rows_of(client, **query):
    reply = client.get(f"{RECORD}.csv", query)
    assert reply.status_code == 200
    text = b"".join(reply.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_each_engine_and_timeframe_has_its_record(client: Client):
    token = a_token()
    an_outcome(a_forecast(token, "1h", NOON - timedelta(hours=3)))
    an_outcome(a_forecast(token, "4h", NOON - timedelta(hours=5)))
    data = client.get(RECORD).json()["data"]
    assert [one["timeframe"] for one in data["models"]] == ["1h", "4h"]
    assert set(data["models"][0]) >= RECORD_KEYS
    assert data["models"][0]["skill"]["value"] is None
    assert data["observed_at"] == "2026-11-20T11:00:00Z"


def test_the_record_can_be_narrowed(client: Client):
    sol, bonk = a_token("SOL"), a_token("BONK")
    for token in (sol, bonk):
        an_outcome(a_forecast(token, as_of=NOON - timedelta(hours=3)))
    an_outcome(a_forecast(sol, as_of=NOON - timedelta(days=3)))

    def n(**query):
        return sum(one["n"] for one in client.get(RECORD, query).json()["data"]["models"])

    assert n() == 3
    assert n(symbol="SOL") == 2
    assert n(symbol="SOL", **{"from": "2026-11-20"}) == 1
    assert n(to="2026-11-19T00:00:00Z") == 1
    assert n(model="climatology") == 3
    assert n(model="rules") == 0
    assert n(timeframe="1d") == 0


@pytest.mark.parametrize(
    "query", [{"timeframe": "x"}, {"from": "yesterday"}, {"to": "2026-13-01"}, {"symbol": "<"}]
)
def test_a_bad_filter_is_refused(client: Client, query):
    for path in (RECORD, f"{RECORD}.csv"):
        reply = client.get(path, query)
        assert reply.status_code == 400
        assert reply.json()["error"]["code"] == "VALIDATION_ERROR"


def test_an_unknown_symbol_is_not_found(client: Client):
    assert client.get(RECORD, {"symbol": "NOPE"}).status_code == 404


def test_every_scored_forecast_is_a_row_late_and_void_ones_too(client: Client):
    token = a_token()
    an_outcome(a_forecast(token, as_of=NOON - timedelta(hours=3)), 1)
    an_outcome(a_forecast(token, as_of=NOON - timedelta(hours=4), late=True, counts=False))
    an_outcome(a_forecast(token, as_of=NOON - timedelta(hours=5)), None)
    a_forecast(token)
    first, late, void = rows_of(client)
    assert (first["symbol"], first["p_up"], first["ref_price"], first["outcome"]) == (
        "SOL",
        "0.4",
        "100.0",
        "down",
    )
    assert first["as_of"] == "2026-11-20T09:00:00Z"
    assert late["late"] == "true"
    assert (void["void"], void["outcome"], void["log_score"]) == ("true", "", "")


def test_a_name_that_a_spreadsheet_would_run_is_disarmed(client: Client):
    an_outcome(a_forecast(a_token("SOL", "=cmd|calc"), as_of=NOON - timedelta(hours=3)))
    assert rows_of(client)[0]["coingecko_id"] == "'=cmd|calc"


def test_the_registry_of_engines(client: Client):
    a_version("1h", "climatology")
    a_version("1h", "rules")
    body = client.get("/api/v1/predictions/models").json()
    assert body["meta"]["count"] == 2
    first, second = body["data"]
    assert (first["name"], first["role"], first["published"]) == ("climatology", "baseline", True)
    assert (second["name"], second["role"], second["published"]) == ("rules", "challenger", False)
    assert set(first) >= {"name", "version", "timeframe", "role", "trained_at", "data_span", "scores"}
    assert first["data_span"] == {"from": None, "to": None}


def test_a_timeframe_is_taken_apart(client: Client):
    token = a_token()
    an_outcome(a_forecast(token, "1h", NOON - timedelta(hours=3), regime="calm"), 0)
    assert client.get(RECORD).json()["data"]["detail"] is None
    detail = client.get(RECORD, {"timeframe": "1h"}).json()["data"]["detail"]
    assert (detail["model"], detail["timeframe"]) == ("published", "1h")
    assert [one["model"] for one in detail["against"]] == ["climatology", "uniform"]
    assert [one["name"] for one in detail["regimes"]] == ["calm"]


def test_a_regime_narrows_the_record_and_its_file(client: Client):
    token = a_token()
    for hours, regime in ((3, "calm"), (4, "wild")):
        an_outcome(a_forecast(token, as_of=NOON - timedelta(hours=hours), regime=regime))
    assert client.get(RECORD, {"regime": "wild"}).json()["data"]["models"][0]["n"] == 1
    assert [row["regime"] for row in rows_of(client, regime="wild")] == ["wild"]
    assert client.get(RECORD, {"regime": "stormy"}).status_code == 400


def test_a_row_tells_its_range_and_how_it_was_scored(client: Client):
    made = a_forecast(a_token(), as_of=NOON - timedelta(hours=3), range_log_factor=0.1)
    an_outcome(made, pinball=0.001, baseline_pinball=0.002)
    (row,) = rows_of(client)
    names = ("baseline_q10", "baseline_q90", "range_log_factor", "pinball", "baseline_pinball", "definitions")
    assert [row[name] for name in names] == ["98.0", "102.0", "0.1", "0.001", "0.002", "1"]


def test_abstentions_come_as_a_file(client: Client):
    token = a_token()
    an_abstention(token, "1h", NOON, code="UNLIKE_TRAINING", reason="=unlike")
    an_abstention(token, "4h", NOON)
    reply = client.get("/api/v1/predictions/abstentions.csv", {"timeframe": "1h", "model": "boosting"})
    (row,) = csv.DictReader(io.StringIO(b"".join(reply.streaming_content).decode()))
    assert (row["symbol"], row["code"], row["reason"], row["counts"]) == (
        "SOL",
        "UNLIKE_TRAINING",
        "'=unlike",
        "true",
    )
