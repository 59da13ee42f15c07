"""The page of one token: what is said for each timeframe, why nothing is, and what became of it."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from khalsi.dashboard.said import confidence_word
from tests.make.accounts import a_user
from tests.make.markets import NOON, a_quote, a_token, candles
from tests.make.portfolios import a_holding, a_portfolio
from tests.make.predictions import HORIZON, a_forecast, a_version, an_abstention, an_outcome
from tests.pages.conftest import Visit

pytestmark = pytest.mark.django_db


def test_each_timeframe_stands_beside_the_baseline(visit: Visit) -> None:
    token = a_token("SOL")
    a_forecast(token, "1h", up=4100, down=2900, baseline_up=3400, baseline_down=3300)
    card = visit("/tokens/SOL").one("article", data_outlook="1h").text
    for words in ("▲ up 41 %", "baseline 34 %", "$99.00 – $101.00", "medium"):
        assert words in card


def test_a_baseline_in_a_champions_place_is_named(visit: Visit) -> None:
    a_forecast(a_token("SOL"), "1h")
    card = visit("/tokens/SOL").one("article", data_outlook="1h").text
    assert "The baseline itself: no engine has earned this place yet" in card


def test_an_engine_says_how_far_it_is_from_the_baseline(visit: Visit) -> None:
    engine = a_version("1h", "boosting", role="champion")
    a_forecast(a_token("SOL"), "1h", version=engine, up=4100, down=2900, baseline_up=3400, baseline_down=3300)
    assert "Modest confidence, +7 points to the baseline" in visit("/tokens/SOL").text


def test_too_little_history_is_told_with_its_reason(visit: Visit) -> None:
    reason = "30 days of hourly candles are needed; there are 20 hours"
    an_abstention(a_token("NEWX"), "1d", reason=reason)
    card = visit("/tokens/NEWX").one("article", data_outlook="1d").text
    assert "30 days of hourly candles are needed; there are 20 hours" in card


def test_an_expired_forecast_says_when_it_expired(visit: Visit) -> None:
    a_forecast(a_token("SOL"), "1h", as_of=NOON - timedelta(hours=2))
    card = visit("/tokens/SOL").one("article", data_outlook="1h").text
    assert "stale" in card
    assert "Expired 1 h 30 min ago" in card


def test_a_stale_price_is_explained(visit: Visit) -> None:
    a_quote(a_token("SOL"), at=NOON - timedelta(hours=1))
    assert "no forecast is made from stale data" in visit("/tokens/SOL").text


def test_past_forecasts_are_marked_hit_miss_or_void(visit: Visit) -> None:
    token = a_token("SOL")
    for hours, came in ((3, 0), (4, 1), (5, None)):
        an_outcome(a_forecast(token, "1h", as_of=NOON - timedelta(hours=hours)), came)
    verdicts = [
        badge.text for badge in visit("/tokens/SOL").one("table", css="past").all("span", css="badge")
    ]
    assert verdicts == ["✓ hit", "✕ miss", "– void"]
    assert "1 of the last 2 came true" in visit("/tokens/SOL").text


def _chart(client: Client, path: str) -> dict[str, object]:
    text = client.get(path).content.decode()
    start = text.index('<script id="chart-data" type="application/json">')
    return dict(json.loads(text[text.index(">", start) + 1 : text.index("</script>", start)]))


def test_the_chart_gets_the_fan_up_to_the_chosen_timeframe(client: Client) -> None:
    token = a_token("SOL")
    for name in ("15m", "1h", "4h", "1d"):
        a_forecast(token, name)
    data = _chart(client, "/tokens/SOL?timeframe=4h")
    assert [knot["timeframe"] for knot in data["fan"]] == ["15m", "1h", "4h"]  # type: ignore[attr-defined]
    assert data["interval"] == "15m"


def test_a_name_cannot_break_out_of_the_charts_data(client: Client) -> None:
    a_token("SOL", "</script><script>alert(1)</script>")
    assert b"<script>alert" not in client.get("/tokens/SOL").content


def test_hostile_names_and_links_stay_text(visit: Visit) -> None:
    a_token(
        "EVIL",
        name="<img src=x onerror=alert(1)>",
        description="<script>alert(1)</script> a coin",
        links={"homepage": "javascript:alert(1)", "site": "https://example.org"},
    )
    page = visit("/tokens/EVIL")
    assert not list(page.all("img"))
    assert [link.attributes["href"] for link in page.one("ul", css="links").all("a")] == [
        "https://example.org"
    ]


def test_without_script_the_server_draws_prices_range_and_past_forecasts(visit: Visit) -> None:
    token = a_token("SOL")
    candles(token, 900, [100.0 + step / 100 for step in range(100)])
    a_forecast(token, "1h")
    an_outcome(a_forecast(token, "1h", NOON - timedelta(hours=4)), 0)
    an_outcome(a_forecast(token, "1h", NOON - timedelta(hours=5)), 1, price=120.0, inside_range=False)
    drawn = visit("/tokens/SOL").one("div", css="chart-still").one("svg", css="price-chart")
    assert list(drawn.all("path", css="fan-range"))
    assert [mark.text for mark in drawn.all("text", css="issued-mark")] == ["✕", "✓"]
    told = drawn.one("desc").text
    assert "between $99.00 and $101.00, four times in five; the baseline's range is $98.00 to $102.00" in told
    assert (
        "Of 2 past forecasts drawn, the price ended inside the range of 1, and the favoured class came in 1"
        in told
    )


def test_the_range_stands_as_a_table_too(visit: Visit) -> None:
    a_forecast(a_token("SOL"), "1h")
    row = visit("/tokens/SOL").one("details").one("tbody").one("tr").text
    for words in ("1h", "20 Nov 2026 13:00 UTC", "$99.00", "$101.00", "$98.00", "$102.00"):
        assert words in row


def test_a_token_without_candles_says_so_in_place_of_the_chart(visit: Visit) -> None:
    a_token("SOL")
    assert "No candles of SOL are stored yet" in visit("/tokens/SOL").one("div", css="chart-still").text


def test_past_forecasts_stand_where_they_were_issued(client: Client) -> None:
    token = a_token("SOL")
    made = NOON - timedelta(hours=3)
    an_outcome(a_forecast(token, "1h", made), 0, price=100.5)
    an_outcome(a_forecast(token, "1h", NOON - timedelta(hours=4)), None)
    (past,) = _chart(client, "/tokens/SOL")["past"]  # type: ignore[misc]
    assert past == {
        "at": int(made.timestamp()),
        "p10": 99.0,
        "p90": 101.0,
        "ended": 100.5,
        "inside": True,
        "verdict": "hit",
    }


@pytest.mark.parametrize("timeframe", ["15m", "1h", "4h", "1d", "7d", "14d", "30d"])
def test_the_chart_reaches_back_to_forecasts_that_have_matured(client: Client, timeframe: str) -> None:
    made = (NOON - HORIZON[timeframe] - timedelta(days=1 if HORIZON[timeframe].days > 3 else 0)).replace(
        hour=0
    )
    an_outcome(a_forecast(a_token("SOL"), timeframe, made))
    data = _chart(client, f"/tokens/SOL?timeframe={timeframe}")
    assert len(data["past"]) == 1  # type: ignore[arg-type]
    assert data["history_hours"] <= 1000  # type: ignore[operator]


def test_no_more_past_forecasts_are_drawn_than_can_be_told_apart(client: Client) -> None:
    token = a_token("SOL")
    for hours in range(25, 150):
        an_outcome(a_forecast(token, "1d", NOON - timedelta(hours=hours)))
    drawn = _chart(client, "/tokens/SOL?timeframe=1d")["past"]
    assert 10 < len(drawn) <= 28  # type: ignore[arg-type]


def test_a_shared_ticker_leads_to_its_namesakes(visit: Visit) -> None:
    a_token("SOL", "solana", rank=5)
    a_token("SOL", "wrapped-sol", rank=900, name="Wrapped SOL")
    assert "Not to be confused with Wrapped SOL" in visit("/tokens/sol").text
    assert "Wrapped SOL" in visit("/tokens/SOL?id=wrapped-sol").one("h1").text


@pytest.mark.parametrize("path", ["/tokens/NOPE", "/tokens/SOL?id=nope"])
def test_an_unknown_token_is_not_found_in_plain_words(visit: Visit, path: str) -> None:
    a_token("SOL")
    assert "There is no such page" in visit(path, status=404).text


def test_htmx_gets_the_part_of_another_timeframe(visit: Visit) -> None:
    a_token("SOL")
    part = visit("/tokens/SOL?timeframe=1d", **{"HX-Request": "true"})
    assert part.one("div", id="token").attributes["data-timeframe"] == "1d"


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(0.34, "slight"), (0.38, "modest"), (0.44, "clear"), (0.5, "high"), (0.8, "high")],
)
def test_words_of_confidence_are_made_for_the_range_it_has(confidence: float, word: str) -> None:
    assert confidence_word(confidence) == word


def test_a_token_that_you_hold_says_so_to_you_alone(client: Client, visit: Visit) -> None:
    a_token("SOL", "solana")
    alice, bob = a_user("alice"), a_user("bob")
    for name in ("Main", "Play"):
        a_holding(a_portfolio(alice, name=name), quantity="1.5")
    assert "You hold" not in visit("/tokens/SOL").text
    client.force_login(bob)
    assert "You hold" not in visit("/tokens/SOL").text
    client.force_login(alice)
    assert "You hold 3 SOL : 1.5 in Main , 1.5 in Play ." in visit("/tokens/SOL").text
