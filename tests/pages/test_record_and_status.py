"""The track record, the status page, the definitions, the search and the patterns."""

from datetime import timedelta

import pytest
from django.test import override_settings

from core.models import DeadLetter, JobRun
from khalsi.schedule.install import install_schedule
from markets.models import RefusedReply, SourceState
from tests.make.markets import NOON, a_quote, a_token
from tests.make.predictions import a_forecast, a_version, an_outcome
from tests.pages.conftest import Visit
from tests.pages.reading import Element

pytestmark = pytest.mark.django_db


def _a_record(weeks: int) -> None:
    """One forecast a week of an engine that is a little better than the baseline."""
    token, engine = a_token("SOL"), a_version("1h", "boosting", role="champion")
    for week in range(1, weeks + 1):
        numbers = {"up": 4000 + week % 5 * 50, "down": 3000, "baseline_up": 3400, "baseline_down": 3300}
        made = a_forecast(token, "1h", NOON - timedelta(weeks=week), version=engine, **numbers)
        an_outcome(made, 0 if week % 3 else 1)


def engines_of(page: Element) -> Element:
    return next(page.all("table"))


def test_a_record_of_nothing_says_what_it_waits_for(visit: Visit) -> None:
    assert "Nothing has been scored yet" in visit("/track-record").text


def test_below_thirty_blocks_of_time_it_is_too_early_to_say(visit: Visit) -> None:
    _a_record(3)
    page = visit("/track-record")
    assert "Too early to say" in engines_of(page).text
    assert "3 of 30 blocks of time" in page.text
    assert not list(page.all("svg", css="skill"))


def test_with_enough_blocks_the_skill_stands_with_its_interval(visit: Visit) -> None:
    _a_record(40)
    page = visit("/track-record")
    for drawn in page.all("svg", css="skill"):
        assert "95 % interval" in drawn.one("desc").text
    assert "beats the baseline" in engines_of(page).text


def test_void_and_late_forecasts_are_counted_in_public(visit: Visit) -> None:
    _a_record(2)
    token, engine = a_token("BONK"), a_version("1h", "boosting")
    an_outcome(a_forecast(token, "1h", NOON - timedelta(days=2), version=engine), None)
    an_outcome(a_forecast(token, "1h", NOON - timedelta(days=3), version=engine, late=True))
    cells = [cell.text for cell in engines_of(visit("/track-record")).all("td", css="number")]
    assert cells[-2:] == ["1", "1"]


def test_the_curve_names_the_number_of_outcomes(visit: Visit) -> None:
    _a_record(3)
    assert "n 3" in visit("/track-record").one("svg", css="plot--calibration").one("desc").text


def test_filters_narrow_the_record_and_its_file(visit: Visit) -> None:
    _a_record(2)
    a_token("BONK", "bonk")
    page = visit("/track-record?symbol=BONK&timeframe=1h&engine=boosting")
    assert "No forecast of this choice has matured" in page.text
    link = next(link for link in page.all("a") if link.text == "Download CSV").attributes["href"]
    assert link == "/api/v1/predictions/track-record.csv?timeframe=1h&symbol=BONK&id=bonk&model=boosting"


@pytest.mark.parametrize("query", ["timeframe=2h", "engine=oracle"])
def test_an_unknown_filter_is_answered_in_plain_words(visit: Visit, query: str) -> None:
    visit(f"/track-record?{query}", status=400)


def test_a_fresh_khalsi_says_what_is_not_there_yet(visit: Visit) -> None:
    page = visit("/status").text
    assert "none yet" in page
    assert "not asked yet" in page
    assert "No tokens are followed yet" in page


def test_a_source_in_trouble_is_told_on_top_and_in_its_row(visit: Visit) -> None:
    SourceState.objects.create(
        name="binance",
        state="open",
        last_error_at=NOON,
        last_error_class="SourceUnavailable",
        retry_at=NOON + timedelta(minutes=1),
    )
    page = visit("/status")
    assert "Source in trouble: binance" in page.one("div", css="note--warn").text
    assert "left alone" in page.text
    assert "SourceUnavailable" in page.text


def test_jobs_show_their_last_run_and_when_they_are_due(visit: Visit) -> None:
    install_schedule()
    done = {"state": JobRun.State.DONE, "progress": 1.0}
    JobRun.objects.create(job="quotes", slot=NOON, started_at=NOON - timedelta(minutes=4), **done)
    row = next(row for row in visit("/status").all("tr") if row.text.startswith("quotes"))
    assert "done 4 min ago" in row.text
    assert "in 5 min" in row.text


def test_a_failed_run_a_refusal_and_a_dead_letter_are_visible(visit: Visit) -> None:
    install_schedule()
    JobRun.objects.create(job="score", state="failed", detail="NotEnoughHistory: none", started_at=NOON)
    RefusedReply.objects.create(source="coingecko", endpoint="/x", reason="price is <negative>", seen_at=NOON)
    DeadLetter.objects.create(task="markets.fetch_details", error_class="X", error="", failed_at=NOON)
    page = visit("/status").text
    for words in (
        "Last run failed: score",
        "NotEnoughHistory",
        "price is <negative>",
        "waiting for staff: 1",
    ):
        assert words in page


def test_a_backfill_that_runs_shows_its_progress(visit: Visit) -> None:
    a_token("SOL", candles_complete=True, candles_from=NOON)
    JobRun.objects.create(job="backfill", progress=0.62, detail="26 of 42 tokens", started_at=NOON)
    page = visit("/status")
    assert "1 of 1 tokens" in page.text
    assert page.one("progress", aria_label="Progress of backfill").attributes["value"] == "0.620"


def test_a_symbol_that_was_typed_is_opened_at_once(client: object, visit: Visit) -> None:
    a_token("SOL", "solana")
    a_token("SOLEND", "solend")
    answer = client.get("/search?q=sol")  # type: ignore[attr-defined]
    assert (answer.status_code, answer["Location"]) == (302, "/tokens/SOL?id=solana")


def test_several_hits_are_listed_to_choose_from(visit: Visit) -> None:
    a_quote(a_token("SOLEND", name="Solend"))
    a_token("SOLAR", name="Solar <b>")
    table = visit("/search?q=sol").one("table").text
    assert "Solend" in table
    assert "Solar <b>" in table


@pytest.mark.parametrize("query", ["", "zzz", "%3Cscript%3E", "a" * 500])
def test_a_search_that_finds_nothing_says_so(visit: Visit, query: str) -> None:
    assert visit(f"/search?q={query}").one("p", css="empty").text


def test_the_patterns_are_for_developers_alone(visit: Visit) -> None:
    visit("/patterns", status=404)


@override_settings(DEBUG=True)
def test_the_patterns_show_every_designed_state(visit: Visit) -> None:
    page = visit("/patterns").text
    for state in ("Empty", "Loading", "Stale", "Failed"):
        assert state in page
