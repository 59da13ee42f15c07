"""The page of one token: what is said for each timeframe, why nothing is, and what became of it."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from khalsi.dashboard.said import confidence_word
from tests.make.markets import NOON, a_quote, a_token, candles
from tests.make.predictions import a_forecast, a_version, an_abstention, an_outcome
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
    verdicts = [badge.text for badge in visit("/tokens/SOL").one("table").all("span", css="badge")]
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


def test_without_script_the_week_is_drawn_by_the_server(visit: Visit) -> None:
    candles(a_token("SOL"), 3600, [100.0 + step for step in range(100)])
    assert visit("/tokens/SOL").one("div", css="chart-still").one("svg").one("title").text


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
