"""What people are told of the live stream."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from core.lib.clock import market_now, wall_now
from markets.health import market_source_check
from markets.models import StreamState
from markets.selectors.sources import missed_stream, source_reports
from tests.make.markets import a_quote, a_token

pytestmark = pytest.mark.django_db


def a_stream(**fields: Any) -> StreamState:
    wall = wall_now()
    usual = {"opened_at": wall - timedelta(hours=1), "leased_until": wall + timedelta(seconds=9)}
    usual |= {"heard_at": wall, "connections": 3, "holder": "one"}
    return StreamState.objects.create(name="binance", **{**usual, **fields})


def closed_for(seconds: float) -> StreamState:
    return a_stream(opened_at=None, closed_at=wall_now() - timedelta(seconds=seconds))


def report() -> Any:
    reports = {one.name: one for one in source_reports(market_now(), wall_now())}
    return reports["binance"].stream


def test_an_open_stream_says_since_when_and_how_often_it_was_lost() -> None:
    row = a_stream()
    assert (report().state, report().since, report().reconnects) == ("open", row.opened_at, 2)
    assert missed_stream(wall_now()) is None


def test_a_collector_that_was_killed_closed_its_stream_when_its_lease_ran_out() -> None:
    row = a_stream(leased_until=wall_now() - timedelta(minutes=5))
    assert (report().state, report().since) == ("closed", row.leased_until)
    assert missed_stream(wall_now()) is not None


@pytest.mark.parametrize(("seconds", "is_missed"), [(30, False), (70, True)])
def test_a_reconnect_is_no_news_but_an_absence_is(seconds: float, is_missed: bool) -> None:
    closed_for(seconds)
    assert report().state == "closed"
    assert (missed_stream(wall_now()) is not None) == is_missed


def test_where_nobody_collects_there_is_no_stream_to_miss() -> None:
    assert report() is None


def test_a_stream_that_was_switched_off_is_not_missed(settings: SimpleNamespace) -> None:
    closed_for(3600)
    settings.MARKET = replace(settings.MARKET, stream_url="")
    assert (report(), missed_stream(wall_now())) == (None, None)


def test_health_is_degraded_while_the_stream_is_missed() -> None:
    a_quote(a_token(), 100.0, market_now())
    assert market_source_check(market_now())["status"] == "healthy"
    closed_for(3600)
    check = market_source_check(market_now())
    assert check["status"] == "degraded"
    assert "live stream is away since" in check["detail"]


def test_the_pages_say_that_live_prices_are_away(client: Client) -> None:
    a_quote(a_token(), 100.0, market_now())
    closed_for(3600)
    assert "Live prices are away since" in client.get("/").content.decode()
    status = client.get("/status").content.decode()
    assert "No live prices from binance; polling goes on." in status
    assert "live stream <strong>closed</strong>" in status


def test_the_newest_poll_is_what_coingecko_delivered() -> None:
    now = market_now()
    a_quote(a_token(), 100.0, now, streamed=True, market_observed_at=now - timedelta(minutes=11))
    [coingecko] = [one for one in source_reports(now, wall_now()) if one.name == "coingecko"]
    assert coingecko.freshness == "stale"


def test_the_api_tells_it_too(client: Client) -> None:
    a_stream()
    rows = {row["name"]: row for row in client.get("/api/v1/market/sources").json()["data"]}
    assert rows["coingecko"]["stream"] is None
    assert rows["binance"]["stream"]["state"] == "open"
