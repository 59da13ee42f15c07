"""The definitions on a page: the words and the numbers of the code, so that neither can drift from the other."""

from datetime import timedelta

import pytest

from predictions import horizons
from predictions.engines import climatology
from predictions.evaluation import skill
from predictions.pages import definitions as page_of
from predictions.services.abstaining import MEANINGS
from tests.make.markets import NOON
from tests.make.predictions import a_version
from tests.pages.conftest import Visit

pytestmark = pytest.mark.django_db


def test_every_timeframe_stands_with_its_numbers(visit: Visit) -> None:
    a_version("1h", "ensemble", role="champion")
    rows = {
        row.one("th").text: [cell.text for cell in row.all("td")]
        for row in visit("/definitions").one("tbody").all("tr")
    }
    assert list(rows) == [timeframe.name for timeframe in horizons.TIMEFRAMES]
    assert rows["1h"] == ["0.32", "± 0.24 %", "15 min", "1 h", "7 d", "ensemble"]
    assert rows["30d"] == ["0.48", "± 9.69 %", "6 h", "24 h", "60 d", "climatology"]


def test_a_champion_that_knows_what_comes_is_not_published_here_either(visit: Visit) -> None:
    a_version("1h", "ensemble", role="champion", trained_at=NOON + timedelta(days=9000))
    rows = {row.one("th").text: row.text for row in visit("/definitions").one("tbody").all("tr")}
    assert "climatology" in rows["1h"]


@pytest.mark.parametrize(
    "words",
    [
        "now 1",
        "between 1 % and 98 %",
        "k × 1.2533 × M × √h",
        "± 0.05 %",
        "last 60 days",
        "needs 30 days of hourly candles",
        "We call 50 % or more high",
        "3 points or more",
        "more than 10",
        "7d, 14d, 30d",
        "last 365 days",
        "weight of 30 independent outcomes",
        "12 h for 15m",
        "11 d for 7d",
        "with 80 %",
        "low below 60 %, medium up to 120 %",
        "floored at 0.001",
        "scores 1.0986",
        "scores 0.6667",
        "95 % interval",
        "Below 30 blocks of time",
        "below 0.75 times",
        "above 1.33 times",
        "more than 120 seconds",
        "24 h after its time",
        "each link of which holds the digest of the one before",
        "stale 10 minutes after",
    ],
)
def test_what_is_claimed_and_how_it_is_judged_is_said(visit: Visit, words: str) -> None:
    assert words in visit("/definitions").one("article").text


@pytest.mark.parametrize(
    ("module", "name", "value", "words"),
    [
        (horizons, "DEFINITIONS", 7, "now 7"),
        (horizons, "BAND_FLOOR", 0.0123, "± 1.23 %"),
        (climatology, "DAYS", 123, "last 123 days"),
        (skill, "FEWEST_BLOCKS", 44, "Below 44 blocks"),
        (page_of, "HIGH_CONFIDENCE", 0.61, "We call 61 % or more high"),
    ],
)
def test_a_number_that_changes_in_the_code_changes_on_the_page(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, module: object, name: str, value: float, words: str
) -> None:
    monkeypatch.setattr(module, name, value)
    assert words in visit("/definitions").one("article").text


def test_the_contents_lead_to_every_heading(visit: Visit) -> None:
    page = visit("/definitions")
    headings = [heading.attributes["id"] for heading in page.one("article").all("h2")]
    assert [link.attributes["href"] for link in page.one("nav", css="contents").all("a")] == [
        f"#{one}" for one in headings
    ]


def test_each_reason_for_silence_is_explained(visit: Visit) -> None:
    told = [item.text for item in visit("/definitions").all("li")]
    for code, meaning in MEANINGS.items():
        assert f"{code} : {meaning}" in told
