"""`/predictions/{symbol}` and `/predictions/summary` as the contract says, bad input included."""

from datetime import timedelta

import pytest
from django.test import Client

from predictions.services.publishing import publish_summaries
from tests.make.markets import NOON, a_quote, a_token
from tests.make.predictions import a_forecast, a_version, an_abstention, an_outcome

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SOL = "/api/v1/predictions/SOL"
SUMMARY = "/api/v1/predictions/summary"
PARTS = """
id symbol timeframe probability_up probability_down probability_sideways confidence_level baseline
sideways_band
reference_price price_target price_range support_resistance risk_level methodology models_used timestamp
observed_at expires_at outcome
"""
FORECAST_KEYS = set(PARTS.split())


def get(client, path, status=200, **query):
    reply = client.get(path, query)
    assert reply.status_code == status, reply.content
    return reply.json()["data"] if status == 200 else reply.json()["error"]


def test_the_newest_forecast_of_a_token(client: Client):
    token = a_token()
    a_forecast(token, as_of=NOON - timedelta(minutes=15))
    newest = a_forecast(token, up=4100, down=3400)
    data = get(client, SOL, timeframe="1h")
    assert data["symbol"] == "SOL"
    assert data["timeframe"] == "1h"
    (forecast,) = data["predictions"]
    assert set(forecast) >= FORECAST_KEYS
    assert forecast["id"] == newest.pk
    assert (forecast["probability_up"], forecast["probability_down"], forecast["probability_sideways"]) == (
        0.41,
        0.34,
        0.25,
    )
    assert forecast["confidence_level"] == 0.41
    assert forecast["price_target"] == {"current": 100.0, "upside": newest.p90, "downside": newest.p10}
    assert forecast["observed_at"] == "2026-11-20T12:00:00Z"
    assert forecast["freshness"] == "live"
    assert forecast["source"] == "simulated"
    assert forecast["outcome"] is None
    assert data["meta"] == {
        "model_version": "climatology 1",
        "data_freshness": "live",
        "total_predictions": 1,
        "average_confidence": 0.41,
    }


def test_the_latest_few_with_what_became_of_them(client: Client):
    token = a_token()
    an_outcome(a_forecast(token, as_of=NOON - timedelta(hours=2)), 1)
    a_forecast(token)
    newest, older = get(client, SOL, limit="2")["predictions"]
    assert newest["outcome"] is None
    assert older["outcome"]["class"] == "down"
    assert older["outcome"]["resolved_at"] == "2026-11-20T11:00:00Z"


def test_an_ensemble_tells_its_parts_and_what_the_baseline_weighs(client: Client):
    token = a_token()
    for timeframe in ("1h", "7d"):
        a_forecast(token, timeframe, version=a_version(timeframe, "ensemble"))
    (soon,) = get(client, SOL, timeframe="1h")["predictions"]
    (later,) = get(client, SOL, timeframe="7d")["predictions"]
    assert soon["methodology"]["weighting"] == {"linear": 0.25, "boosting": 0.5, "volatility": 0.25}
    assert later["models_used"] == ["linear", "boosting", "volatility", "climatology"]
    assert later["methodology"]["weighting"]["climatology"] == 0.5


def test_a_void_outcome_says_why(client: Client):
    an_outcome(a_forecast(a_token(), as_of=NOON - timedelta(hours=3)), None)
    outcome = get(client, SOL)["predictions"][0]["outcome"]
    assert outcome["void"]
    assert outcome["class"] is None
    assert outcome["void_reason"] == "gap"


def test_an_old_forecast_is_shown_as_stale(client: Client):
    a_forecast(a_token(), as_of=NOON - timedelta(hours=3))
    assert get(client, SOL)["freshness"] == "stale"


def test_other_engines_are_not_shown(client: Client):
    a_forecast(a_token(), published=False)
    get(client, SOL, 422)


def test_a_shared_ticker_means_the_best_rank_and_id_picks_another(client: Client):
    a_forecast(a_token("SOL", "solana", rank=5), up=4000)
    a_forecast(a_token("SOL", "imposter", rank=900), up=3500)
    assert get(client, SOL)["predictions"][0]["coingecko_id"] == "solana"
    assert get(client, SOL, id="imposter")["predictions"][0]["coingecko_id"] == "imposter"


def test_case_and_a_last_slash_do_not_matter(client: Client):
    a_forecast(a_token())
    assert get(client, "/api/v1/predictions/sol/")["symbol"] == "SOL"


def test_without_any_forecast_the_reason_of_the_last_run_is_told(client: Client):
    an_abstention(a_token(), "1d", reason="less than 30 days of hourly candles")
    error = get(client, SOL, 422, timeframe="1d")
    assert error["code"] == "INSUFFICIENT_DATA"
    assert error["message"] == "There is no 1d forecast of SOL: less than 30 days of hourly candles."
    assert "yet" in get(client, SOL, 422, timeframe="4h")["message"]


def test_an_unknown_symbol_is_not_found(client: Client):
    assert get(client, "/api/v1/predictions/NOPE", 404)["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"timeframe": "2h"}, "timeframe"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "NaN"}, "limit"),
        ({"limit": "1.0"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"timeframe": ["1h", "4h"]}, "timeframe"),
    ],
)
def test_a_bad_parameter_is_named(client: Client, query, field):
    a_forecast(a_token())
    error = get(client, SOL, 400, **query)
    assert error["code"] == "VALIDATION_ERROR"
    assert [detail["field"] for detail in error["details"]] == [field]


def test_an_unknown_timeframe_is_told_those_there_are(client: Client):
    a_token()
    message = get(client, SOL, 400, timeframe="2h")["details"][0]["message"]
    assert all(name in message for name in ("15m", "1h", "4h", "1d", "7d", "14d", "30d"))


def test_an_etag_is_answered_with_304(client: Client):
    a_forecast(a_token())
    first = client.get(SOL)
    assert first["Cache-Control"].startswith("public")
    again = client.get(SOL, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_the_summary_counts_by_trend(client: Client):
    for symbol, up, down in (
        ("SOL", 4000, 3000),
        ("BONK", 3000, 4000),
        ("WIF", 3300, 3400),
        ("RAY", 5100, 2000),
    ):
        a_forecast(a_token(symbol), up=up, down=down)
    data = get(client, SUMMARY, timeframe="1h")
    assert data["summary"] == {
        "total_tokens": 4,
        "bullish_predictions": 2,
        "bearish_predictions": 1,
        "sideways_predictions": 1,
        "high_confidence_predictions": 1,
        "average_confidence": pytest.approx((0.4 + 0.4 + 0.34 + 0.51) / 4),
    }


def test_a_summary_row_says_it_all(client: Client):
    token = a_token()
    a_quote(token, 101.5, NOON)
    a_forecast(token, "4h")
    (row,) = get(client, SUMMARY, timeframe="4h")["predictions"]
    assert row["symbol"] == "SOL"
    assert row["current_price"] == 101.5
    assert row["prediction_4h"] == {
        "probability_up": 0.4,
        "probability_down": 0.3,
        "probability_sideways": 0.3,
        "confidence": 0.4,
        "trend": "bullish",
    }
    assert row["baseline"]["probability_up"] == 0.33
    assert row["freshness"] == "live"
    assert row["last_updated"] == "2026-11-20T12:00:00Z"


def test_a_summary_row_says_of_its_price_how_old_it_is(client: Client):
    """Prices and candles have other sources: one may be away while the other is not."""
    token = a_token()
    a_quote(token, 101.5, NOON - timedelta(hours=1))
    a_forecast(token)
    (row,) = get(client, SUMMARY)["predictions"]
    assert row["freshness"] == "live"
    assert row["quote"] == {
        "observed_at": "2026-11-20T11:00:00Z",
        "source": "simulated",
        "freshness": "stale",
    }


def test_the_summary_is_made_anew_when_a_price_grows_stale(client: Client, noon):
    token = a_token()
    a_quote(token, 101.5, NOON)
    a_forecast(token)
    publish_summaries(NOON + timedelta(seconds=30))
    noon.move_to(NOON + timedelta(minutes=10, seconds=1))
    (row,) = get(client, SUMMARY)["predictions"]
    assert (row["freshness"], row["quote"]["freshness"]) == ("live", "stale")


def test_from_seven_days_on_no_trend_is_named_or_counted(client: Client):
    a_forecast(a_token(), "7d", up=5000, down=2000)
    data = get(client, SUMMARY, timeframe="7d")
    assert data["predictions"][0]["prediction_7d"]["trend"] is None
    assert data["summary"]["bullish_predictions"] == 0
    assert data["summary"]["total_tokens"] == 1


def test_an_empty_summary_averages_to_null(client: Client):
    assert get(client, SUMMARY)["summary"]["average_confidence"] is None


def test_the_summary_of_a_category(client: Client):
    a_forecast(a_token("SOL"))
    a_forecast(a_token("BONK", category="meme"))
    assert [row["symbol"] for row in get(client, SUMMARY, category="meme")["predictions"]] == ["BONK"]
    assert get(client, SUMMARY, 400, category="nonsense")["code"] == "VALIDATION_ERROR"


def test_the_summary_needs_few_queries_whatever_the_tokens(client: Client, django_assert_max_num_queries):
    for number in range(20):
        token = a_token(f"T{number}")
        a_quote(token)
        a_forecast(token)
    with django_assert_max_num_queries(3):
        get(client, SUMMARY)
