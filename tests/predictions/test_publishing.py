"""Bytes that were rendered ahead are Django's own reply, headers included, until the forecast expires."""

from datetime import timedelta

import pytest
from django.test import Client

from core.api import hot
from markets.services.registration import set_active
from predictions.services.publishing import publish_forecasts, publish_summaries
from tests.make.markets import NOON, a_quote, a_token
from tests.make.predictions import a_forecast

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(seconds=30)
APART = {"X-Request-ID", "Date"}


def of(reply):
    return reply.status_code, reply.content, {k: v for k, v in reply.headers.items() if k not in APART}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/predictions/SOL?timeframe=4h",
        "/api/v1/predictions/SOL?timeframe=4h&limit=1",
        "/api/v1/predictions/summary?timeframe=4h",
    ],
)
def test_ready_bytes_equal_djangos_reply(client: Client, noon, path):
    token = a_token()
    a_quote(token)
    a_forecast(token, "4h")
    rendered_by_view = of(client.get(path))
    hot.drop("/api/v1/")
    assert publish_forecasts("4h", NOW) == 1
    ready = hot.get(hot.key(*path.split("?")))
    assert ready.body == rendered_by_view[1]
    assert of(client.get(path)) == rendered_by_view


def test_ready_bytes_need_no_database(client: Client, noon, django_assert_num_queries):
    a_forecast(a_token())
    publish_forecasts("1h", NOW)
    with django_assert_num_queries(0):
        assert client.get("/api/v1/predictions/SOL?timeframe=1h").status_code == 200
        assert client.get("/api/v1/predictions/SOL").status_code == 200
        assert client.get("/api/v1/predictions/summary").status_code == 200


def test_when_the_forecast_expires_the_reply_says_stale_with_another_tag(client: Client, noon):
    forecast = a_forecast(a_token())
    noon.move_to(forecast.expires_at - timedelta(seconds=5))
    publish_forecasts("1h", forecast.expires_at - timedelta(seconds=5))
    path = "/api/v1/predictions/SOL?timeframe=1h"
    live = client.get(path)
    noon.move_to(forecast.expires_at + timedelta(seconds=1))
    stale = client.get(path)
    assert live.json()["data"]["freshness"] == "live"
    assert stale.json()["data"]["freshness"] == "stale"
    assert live["ETag"] != stale["ETag"]


def test_a_new_forecast_takes_the_old_ones_place(client: Client, noon):
    token = a_token()
    a_forecast(token, as_of=NOON - timedelta(minutes=15))
    publish_forecasts("1h", NOW)
    newest = a_forecast(token)
    publish_forecasts("1h", NOW)
    assert client.get("/api/v1/predictions/SOL").json()["data"]["predictions"][0]["id"] == newest.pk


def test_a_shared_ticker_is_the_best_ranks(client: Client, noon):
    a_forecast(a_token("SOL", "imposter"))
    a_forecast(a_token("SOL", "solana", rank=5))
    assert publish_forecasts("1h", NOW) == 1
    path = "/api/v1/predictions/SOL?timeframe=1h"
    assert client.get(path).json()["data"]["predictions"][0]["coingecko_id"] == "solana"


def test_no_namesake_stands_in_for_the_token_that_a_ticker_means(client: Client, noon):
    a_token("SOL", "solana", rank=5)
    a_forecast(a_token("SOL", "imposter", rank=500))
    publish_forecasts("1h", NOW)
    assert client.get("/api/v1/predictions/SOL").status_code == 422


def test_a_token_that_is_not_followed_any_more_is_gone_at_once(
    client: Client, noon, django_capture_on_commit_callbacks
):
    token = a_token()
    a_forecast(token, "1h")
    publish_forecasts("1h", NOW)
    with django_capture_on_commit_callbacks(execute=True):
        set_active([token.pk], active=False)
    assert client.get("/api/v1/predictions/SOL").status_code == 404


def test_new_prices_renew_the_summary(client: Client, noon):
    token = a_token()
    a_forecast(token)
    publish_forecasts("1h", NOW)
    a_quote(token, 123.0)
    publish_summaries(NOW)
    rows = client.get("/api/v1/predictions/summary?timeframe=1h").json()["data"]["predictions"]
    assert rows[0]["current_price"] == 123.0
