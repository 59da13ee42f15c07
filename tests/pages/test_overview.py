"""The overview, as an analyst opens it in a market that is empty, normal or stale."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.make.markets import NOON, a_quote, a_token, candles
from tests.make.predictions import a_forecast, a_version
from tests.pages.conftest import Visit

pytestmark = pytest.mark.django_db


def _a_market(symbols: str = "SOL BONK") -> None:
    engine = a_version("1h", "boosting", role="champion")
    for rank, symbol in enumerate(symbols.split(), start=1):
        token = a_token(symbol, rank=rank)
        candles(token, 3600, [100.0 + step for step in range(24)])
        a_quote(token, 142.31, change_percentage_24h=-2.5, volume_24h=3.2e9, market_cap=6.7e10)
        a_forecast(token, version=engine, up=4100, down=2900, baseline_up=3400, baseline_down=3300)


def test_a_market_without_tokens_says_so(visit: Visit) -> None:
    assert "No tokens are followed yet" in visit("/").text


def test_a_token_without_a_price_or_forecast_shows_that_they_are_unknown(visit: Visit) -> None:
    a_token("SOL")
    row = visit("/").one("tr", data_symbol="SOL")
    assert "no forecast yet" in row.text
    assert "no data" in row.text
    assert "$0" not in row.text


def test_a_row_says_price_change_forecast_and_baseline(visit: Visit) -> None:
    _a_market("SOL")
    row = visit("/").one("tr", data_symbol="SOL").text
    for words in ("$142.31", "▼ down −2.50 %", "$3.20 bn", "$67.0 bn", "▲ up 41 %", "baseline 34 %", "live"):
        assert words in row


def test_the_bar_is_told_in_words(visit: Visit) -> None:
    _a_market("SOL")
    bar = visit("/").one("svg", css="chances")
    assert bar.one("desc").text.startswith("Forecast: down 29%, sideways 30%, up 41%. Baseline: down 33%")


def test_the_summary_sets_confidence_against_the_baseline(visit: Visit) -> None:
    _a_market()
    summary = visit("/").one("section", aria_label="Summary of the next 1 hour").text
    assert "▲ 2 up" in summary
    assert "41.0 %" in summary
    assert "The baseline gives the same classes 34.0 %" in summary


def test_where_the_baseline_stands_in_the_overview_says_so(visit: Visit) -> None:
    a_forecast(a_token("SOL"))
    assert "no engine has earned its place at 1h yet" in visit("/").text


def test_a_stale_price_is_marked_with_its_age(visit: Visit) -> None:
    a_quote(a_token("SOL"), 142.0, at=NOON - timedelta(minutes=25))
    row = visit("/").one("tr", data_symbol="SOL")
    assert "stale" in row.text
    assert "25 min ago" in row.text


def test_an_expired_forecast_is_marked_stale(visit: Visit) -> None:
    a_forecast(a_token("SOL"), as_of=NOON - timedelta(hours=2))
    assert "stale" in visit("/").one("td", data_cell="said").text


def test_another_timeframe_shows_its_own_forecasts(visit: Visit) -> None:
    token = a_token("SOL")
    a_forecast(token, "1h", up=5000, down=2000)
    a_forecast(token, "4h", up=2000, down=5000)
    assert "▼ down 50 %" in visit("/?timeframe=4h").one("tr", data_symbol="SOL").text


def test_a_direction_is_not_named_a_week_ahead(visit: Visit) -> None:
    a_forecast(a_token("SOL"), "7d")
    assert "Not named" in visit("/?timeframe=7d").one("section", aria_label="Summary of the next 7 days").text


def test_a_category_shows_its_tokens_alone(visit: Visit) -> None:
    a_token("SOL", category="infrastructure")
    a_token("BONK", category="meme")
    table = visit("/?category=meme").one("table")
    assert "BONK" in table.text
    assert "SOL" not in table.text


def test_htmx_gets_the_part_and_a_browser_the_page(visit: Visit) -> None:
    _a_market()
    part = visit("/?timeframe=4h", **{"HX-Request": "true"})
    assert not list(part.all("html"))
    assert part.one("div", id="market").attributes["data-timeframe"] == "4h"
    assert list(visit("/").all("html"))


@pytest.mark.parametrize("query", ["timeframe=2h", "category=coins", "ordering=random", "timeframe=%00"])
def test_an_unknown_choice_is_answered_in_plain_words(visit: Visit, query: str) -> None:
    assert "This request could not be read" in visit(f"/?{query}", status=400).text


def test_a_shared_ticker_is_live_for_the_token_it_means_alone(visit: Visit) -> None:
    a_token("SOL", "solana", rank=5)
    a_token("SOL", "wrapped-sol", rank=900)
    page = visit("/")
    row = page.one("tr", data_symbol="SOL")
    assert next(row.all("a")).attributes["href"].startswith("/tokens/SOL?id=solana")
    assert len(list(page.one("table").all("tr"))) == 3


def test_the_number_of_queries_does_not_follow_the_number_of_tokens(client: Client) -> None:
    counts = []
    for symbols in ("SOL BONK", "WIF JUP RAY ORCA HNT MEW"):
        _a_market(symbols)
        client.get("/")  # the market clock is read once a process
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
