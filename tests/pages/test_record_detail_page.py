"""The track record of one timeframe, and its filters, as a reader meets them."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.make.cached import forget_cached
from tests.make.long_record import a_long_record
from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_abstention, an_outcome
from tests.pages.conftest import Visit
from tests.pages.reading import Element

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def section(page: Element, heading: str) -> Element:
    return next(part for part in page.all("section") if part.attributes.get("aria-labelledby") == heading)


def _a_champion(weeks: int, **extra: object) -> None:
    token, engine = a_token("SOL"), a_version("1h", "boosting", role="champion")
    for week in range(1, weeks + 1):
        made = a_forecast(token, "1h", NOON - week * WEEK, version=engine, up=4200, down=2900, **extra)
        an_outcome(made, 0 if week % 3 else 1)


def test_what_was_shown_comes_before_every_engine(visit: Visit) -> None:
    _a_champion(2)
    rows = next(visit("/track-record").all("table")).all("th", scope="row")
    assert [row.text for row in rows] == ["What you were shown", "boosting published champion"]


def test_a_timeframe_is_taken_apart(visit: Visit) -> None:
    _a_champion(40, regime="wild")
    page = visit("/track-record?timeframe=1h")
    against = section(page, "against-heading").text
    assert "uniform a third each, whatever happens" in against
    assert "wild" in section(page, "regimes-heading").text
    assert "2026 Q4" in section(page, "quarters-heading").text
    assert "SOL" in section(page, "tokens-heading").text
    assert "51–52 %" in page.text


def test_each_class_has_its_curve_and_its_figures(visit: Visit) -> None:
    _a_champion(3)
    calibration = section(visit("/track-record?timeframe=1h"), "calibration-heading")
    titles = [next(svg.all("title")).text for svg in calibration.all("svg", css="plot--calibration")]
    assert titles == [
        "Calibration of what you were shown",
        "Reliability of up",
        "Reliability of down",
        "Reliability of sideways",
    ]
    assert [row.text.split()[0] for row in calibration.one("tbody").all("th")] == [
        "favoured",
        "up",
        "down",
        "sideways",
    ]


def test_skill_over_time_is_drawn_from_thirty_blocks_on(visit: Visit) -> None:
    _a_champion(29)
    early = section(visit("/track-record?timeframe=1h"), "months-heading")
    assert "A skill takes 30 blocks of time; there are 29" in early.text
    assert not list(early.all("svg"))
    an_outcome(
        a_forecast(a_token("SOL"), "1h", NOON - timedelta(hours=2), version=a_version("1h", "boosting"))
    )
    late = section(visit("/track-record?timeframe=1h"), "months-heading")
    assert "too early to say" in late.one("svg").one("desc").text
    assert "2026-11: " in late.one("svg").one("desc").text


def test_abstentions_fallbacks_and_all_instants_are_told(visit: Visit) -> None:
    _a_champion(1)
    token = a_token("BONK")
    an_outcome(a_forecast(token, "1h", NOON - WEEK, fallback=True, late=True, counts=False))
    an_abstention(token, "1h", NOON - WEEK, code="UNLIKE_TRAINING")
    row = section(visit("/track-record"), "left-out-heading").one("tbody").one("tr")
    assert [cell.text for cell in row.all("td")] == [
        "2 1 in the scores",
        "0",
        "1",
        "1",
        "1× unlike anything that the engine was trained on",
    ]


def test_silence_is_told_where_nothing_else_is(visit: Visit) -> None:
    an_abstention(a_token("SOL"), "4h")
    page = visit("/track-record")
    assert "Nothing has been scored yet" in page.text
    assert "4h – unknown" in section(page, "left-out-heading").text
    assert "1× too little history" in section(page, "left-out-heading").text


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("", "3"),
        ("period=7d", "1"),
        ("period=30d", "2"),
        ("from=2026-11-10", "1"),
        ("to=2026-11-10", "2"),
        ("to=2026-11-12", "2"),
        ("to=2026-11-13", "3"),
        ("from=2026-11-13&to=2026-11-13", "1"),
        ("regime=calm", "2"),
        ("token=solana", "3"),
    ],
)
def test_a_period_a_regime_and_a_token_narrow_the_record(visit: Visit, query: str, n: str) -> None:
    token = a_token("SOL", "solana")
    for days, regime in ((7, "calm"), (20, "calm"), (60, "wild")):
        an_outcome(a_forecast(token, "1h", NOON - timedelta(days=days), regime=regime))
    row = next(next(visit(f"/track-record?{query}").all("table")).all("tr", css="is-shown"))
    assert list(row.all("td", css="number"))[3].text.split()[0] == n


@pytest.mark.parametrize(
    "query",
    ["period=8d", "from=yesterday", "to=2026-13-01", "regime=stormy", "from=9999-12-31"],
)
def test_a_choice_that_does_not_exist_is_answered_in_plain_words(visit: Visit, query: str) -> None:
    visit(f"/track-record?{query}", status=400)


def test_an_unknown_token_is_not_found(visit: Visit) -> None:
    visit("/track-record?token=nope", status=404)


def test_the_choice_stays_when_the_timeframe_changes(visit: Visit) -> None:
    a_token("SOL", "solana")
    links = [
        link.attributes["href"]
        for link in visit("/track-record?token=solana&period=30d").all("a", css="segment")
    ]
    assert "?timeframe=4h&token=solana&period=30d" in links
    assert "?token=solana&period=90d" in links


def test_links_to_a_timeframe_and_a_token_keep_the_choice(visit: Visit) -> None:
    an_outcome(a_forecast(a_token("SOL", "solana"), "1h", NOON - timedelta(hours=2), regime="calm"))
    links = {link.attributes["href"] for link in visit("/track-record?regime=calm&timeframe=1h").all("a")}
    assert "?regime=calm&timeframe=1h&token=solana" in links
    assert "?regime=calm&timeframe=1h" in {
        link.attributes["href"] for link in visit("/track-record?regime=calm").all("a")
    }


def test_a_chosen_engine_shows_its_versions(visit: Visit) -> None:
    token = a_token("SOL")
    for number in (1, 2):
        version = a_version("1h", "rules", version=f"2026-0{number}")
        an_outcome(a_forecast(token, "1h", NOON - number * WEEK, version=version, published=False))
    table = next(visit("/track-record?engine=rules").all("table")).text
    assert "version 2026-01" in table
    assert "version 2026-02" in table


def test_a_record_that_was_not_scored_for_hours_says_so(visit: Visit) -> None:
    an_outcome(a_forecast(a_token("SOL"), "1h", NOON - timedelta(hours=5)))
    assert "Nothing has been scored since" in visit("/track-record").one("p", css="note--warn").text


@pytest.mark.parametrize("tokens", [1, 4])
def test_a_page_asks_no_more_with_more_of_everything(
    client: Client, django_assert_max_num_queries, tokens: int
) -> None:  # type: ignore[no-untyped-def]
    a_long_record([a_token(f"T{number}") for number in range(tokens)], NOON, days=8 * tokens, every_hours=24)
    forget_cached()
    with django_assert_max_num_queries(34):
        client.get("/track-record?timeframe=1h")
