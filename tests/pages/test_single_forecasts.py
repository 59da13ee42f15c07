"""The list of single forecasts, and the page of each."""

from datetime import timedelta

import pytest

from tests.make.markets import NOON, a_token
from tests.make.predictions import a_forecast, a_version, an_outcome
from tests.pages.conftest import Visit
from tests.pages.reading import Element

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def rows(page: Element) -> list[str]:
    return [row.text for row in page.one("tbody").all("tr")]


def test_a_list_of_nothing_says_so(visit: Visit) -> None:
    assert "None has been made yet" in visit("/forecasts").text


def test_the_newest_come_first_with_what_became_of_them(visit: Visit) -> None:
    token = a_token("SOL")
    an_outcome(a_forecast(token, "1h", NOON - 3 * HOUR, up=4100, baseline_up=3400), 0, log_return=0.01)
    an_outcome(a_forecast(token, "1h", NOON - 2 * HOUR), None)
    a_forecast(token, "1h", NOON)
    open_, void, hit = rows(visit("/forecasts"))
    assert "not over" in open_
    assert "– void" in void
    for words in ("up 41 % baseline 34 %", "✓ up", "+1.01 %", "yes", "0.892 baseline 1.079", "SOL 1h"):
        assert words in hit


def test_the_worst_scores_come_first_if_asked(visit: Visit) -> None:
    token = a_token("SOL")
    for number, up in enumerate((4000, 1000, 5000)):
        an_outcome(a_forecast(token, "1h", NOON - (number + 2) * HOUR, up=up, down=2000), 0)
    a_forecast(token, "1h", NOON)
    table = visit("/forecasts?order=worst").one("tbody")
    scores = [next(row.all("td", css="number")).text.split()[0] for row in table.all("tr")]
    assert scores == ["2.303", "0.916", "0.693"]


def test_all_timeframes_stand_in_one_order_forth_and_back(visit: Visit) -> None:
    token = a_token("SOL")
    for number, timeframe in enumerate(("1h", "4h", "15m", "1h", "1d")):
        a_forecast(token, timeframe, NOON - number * HOUR)

    def ahead(page: Element) -> list[str]:
        return [next(row.all("td")).text.split()[1] for row in page.one("tbody").all("tr")]

    first = visit("/forecasts?limit=2")
    second = visit(first.one("a", rel="next").attributes["href"])
    assert (ahead(first), ahead(second)) == (["1h", "4h"], ["15m", "1h"])
    assert ahead(visit(second.one("a", rel="prev").attributes["href"])) == ["1h", "4h"]


@pytest.mark.parametrize("order", ["newest", "worst", "best"])
def test_pages_follow_one_another_without_a_gap_or_a_repeat(visit: Visit, order: str) -> None:
    token = a_token("SOL")
    for number in range(5):
        an_outcome(a_forecast(token, "1h", NOON - number * HOUR, up=3000 + 500 * (number % 2)), 0)
    seen, path = [], f"/forecasts?order={order}&limit=2"
    while path:
        page = visit(path)
        seen += [
            link.attributes["href"] for row in page.one("tbody").all("tr") for link in row.one("th").all("a")
        ]
        path = next((link.attributes["href"] for link in page.all("a", rel="next")), "")
    assert len(seen) == len(set(seen)) == 5


def test_a_cursor_of_another_order_is_refused_in_plain_words(visit: Visit) -> None:
    token = a_token("SOL")
    for number in range(3):
        an_outcome(a_forecast(token, "1h", NOON - number * HOUR))
    path = next(visit("/forecasts?order=worst&limit=1").all("a", rel="next")).attributes["href"]
    visit(path.replace("order=worst", "order=newest"), status=400)


@pytest.mark.parametrize("query", ["order=luck", "state=lost", "limit=0", "cursor=forged"])
def test_what_does_not_exist_is_refused_in_plain_words(visit: Visit, query: str) -> None:
    visit(f"/forecasts?{query}", status=400)


@pytest.mark.parametrize(
    ("state", "n"), [("scored", 2), ("void", 1), ("late", 1), ("fallback", 1), ("open", 1)]
)
def test_outcomes_can_be_chosen(visit: Visit, state: str, n: int) -> None:
    token = a_token("SOL")
    an_outcome(a_forecast(token, "1h", NOON - 2 * HOUR, late=True))
    an_outcome(a_forecast(token, "1h", NOON - 3 * HOUR, fallback=True))
    an_outcome(a_forecast(token, "1h", NOON - 4 * HOUR), None)
    a_forecast(token, "1h")
    assert len(rows(visit(f"/forecasts?state={state}"))) == n


def test_users_were_shown_one_engine_and_others_are_asked_for_by_name(visit: Visit) -> None:
    token = a_token("SOL")
    a_forecast(token, "1h")
    a_forecast(token, "1h", version=a_version("1h", "rules"), published=False)
    assert "climatology" in rows(visit("/forecasts"))[0]
    assert len(rows(visit("/forecasts"))) == 1
    assert "rules" in rows(visit("/forecasts?engine=rules"))[0]


def test_the_choice_stays_in_the_links_and_the_form(visit: Visit) -> None:
    a_token("SOL", "solana")
    page = visit("/forecasts?timeframe=4h&order=worst&state=scored")
    assert "?timeframe=1d&order=worst&state=scored" in [
        one.attributes["href"] for one in page.all("a", css="segment")
    ]
    hidden = [field.attributes for field in page.all("input", type="hidden")]
    assert [(field["name"], field["value"]) for field in hidden] == [("timeframe", "4h")]


def test_one_forecast_tells_all_that_was_said_and_came(visit: Visit) -> None:
    engine = a_version("1h", "boosting", version="2026-11", role="champion")
    made = a_forecast(a_token("SOL"), "1h", NOON - 2 * HOUR, version=engine, up=4100, regime="calm")
    an_outcome(made, 1, price=99.5, log_return=-0.005, pinball=0.001, baseline_pinball=0.002)
    page = visit(f"/forecasts/{made.pk}")
    for words in (
        "41.00 %",
        "$99.00 – $101.00",
        "$98.00 – $102.00",
        "30 s after the close",
        "✕ another class came",
        "inside the range",
        "0.001000",
        "calm",
        "2026-11",
        "$100.00",
    ):
        assert words in page.text
    assert "It ended at 99.5 USD" in page.one("svg", css="strip").one("desc").text


def test_a_forecast_that_is_not_over_says_when_it_will_be(visit: Visit) -> None:
    made = a_forecast(a_token("SOL"), "1h")
    assert "Its time is over in 1 h" in visit(f"/forecasts/{made.pk}").text


def test_a_forecast_that_waits_for_its_candle_says_so(visit: Visit) -> None:
    made = a_forecast(a_token("SOL"), "1h", NOON - 2 * HOUR)
    assert "waits for its candle" in visit(f"/forecasts/{made.pk}").text


def test_a_void_late_stand_in_forecast_is_marked_as_all_three(visit: Visit) -> None:
    made = a_forecast(a_token("SOL"), "1h", NOON - 2 * HOUR, late=True, fallback=True, counts=False)
    an_outcome(made, None)
    page = visit(f"/forecasts/{made.pk}").text
    for words in ("late", "the baseline stood in", "between the instants that count", "Void: gap"):
        assert words in page


def test_there_is_no_page_for_a_forecast_that_is_not_there(visit: Visit) -> None:
    visit("/forecasts/999", status=404)


@pytest.mark.parametrize("number", [2, 9])
def test_a_list_asks_no_more_with_more_rows(client, django_assert_max_num_queries, number: int) -> None:  # type: ignore[no-untyped-def]
    for place in range(number):
        an_outcome(a_forecast(a_token(f"T{place}"), "1h", NOON - place * HOUR))
    with django_assert_max_num_queries(10):
        client.get("/forecasts")
    with django_assert_max_num_queries(4):
        client.get("/forecasts?timeframe=1h")
