"""The engines in public: a sceptic sees who is published, why, and how many others were tried."""

from datetime import timedelta

import pytest
import time_machine

from predictions.models import EngineVersion
from predictions.services.promotion import promote_those_who_earned
from predictions.services.roles import appoint, retire, step_down
from tests.make.markets import NOON, a_token
from tests.make.pools import skill
from tests.make.predictions import a_forecast, a_version, an_outcome
from tests.pages.conftest import Visit
from tests.pages.reading import Element

pytestmark = pytest.mark.django_db
SOME_TIME_AGO = NOON - timedelta(days=300)


def trained(number: int, engine: str = "ensemble", **fields) -> EngineVersion:
    dates = {"trained_at": SOME_TIME_AGO, "span_from": SOME_TIME_AGO, "span_to": SOME_TIME_AGO}
    return a_version("1h", engine, version=f"v{number}", artifact=f"1h/{number}.npz", **{**dates, **fields})


def chapter(page: Element) -> Element:
    return page.one("section", id="1h")


def row(page: Element, words: str) -> Element:
    return next(one for one in chapter(page).all("tr") if words in one.text)


def test_before_any_engine_the_page_says_what_it_waits_for(visit: Visit) -> None:
    assert "No engine is registered yet" in visit("/engines").text


def test_without_a_champion_it_says_that_climatology_is_published(visit: Visit) -> None:
    a_version("1h")
    trained(1)
    page = visit("/engines")
    assert "Climatology is published. No engine has earned the place" in chapter(page).text
    assert "published" in row(page, "climatology").text
    assert "published" not in row(page, "version v1").text


def test_the_champion_stands_with_its_reason(visit: Visit) -> None:
    a_version("1h")
    appoint(trained(1), basis="walk_forward", reason="The first of its timeframe, walking forward.")
    words = chapter(visit("/engines")).text
    assert "ensemble is published , since 20 Nov 2026" in words
    assert "The first of its timeframe, walking forward." in words


def test_walk_forward_and_live_skill_stand_apart(visit: Visit) -> None:
    version, token = trained(1, scores=skill(0.01, 0.02)), a_token()
    for week in range(30):
        as_of = NOON - week * timedelta(days=7)
        an_outcome(a_forecast(token, as_of=as_of, version=version, up=3400, published=False), week % 2)
    cells = list(row(visit("/engines"), "version v1").all("td"))
    assert "+2.0" in cells[0].text
    assert "+2.0" not in cells[1].text
    assert "[" in cells[1].text
    assert cells[2].text.startswith("30")


def test_few_live_outcomes_are_too_early_to_say(visit: Visit) -> None:
    an_outcome(a_forecast(a_token(), version=trained(1), published=False, as_of=NOON - timedelta(hours=3)))
    assert "Too early to say" in row(visit("/engines"), "version v1").text


def test_versions_and_looks_are_counted_for_the_sceptic(visit: Visit) -> None:
    for number in (1, 2, 3):
        trained(number)
    promote_those_who_earned(NOON - timedelta(days=40))
    promote_those_who_earned(NOON)
    page = visit("/engines")
    assert "3 versions trained, 6 looks at challengers so far" in page.text
    assert "3 versions trained, 6 looks" in chapter(page).text
    assert "try 2" in row(page, "version v2").text


def test_the_history_tells_who_decided_and_why(visit: Visit) -> None:
    version = trained(1)
    appoint(version, basis="live", reason="Skill against the baseline is clear.")
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        step_down(version, reason="Its <b>ranges</b> are too narrow.")
    newest, oldest = chapter(visit("/engines")).one("ol", css="engine-history").all("li")
    assert "gave the place up decided by staff Its <b>ranges</b> are too narrow." in newest.text
    assert "became champion matured live outcomes Skill against the baseline is clear." in oldest.text


def test_who_decided_is_not_named(visit: Visit, django_user_model) -> None:
    ada = django_user_model.objects.create(username="ada", email="ada@example.com")
    appoint(trained(1), basis="staff", reason="It was trained on more.", user=ada)
    page = visit("/engines").text
    assert "decided by staff" in page
    assert "ada" not in page.split()


def test_what_a_younger_version_replaced_is_retired_and_no_decision(visit: Visit) -> None:
    old = trained(1)
    trained(2)
    retire(old, "ensemble v2 1h replaces it.")
    page = visit("/engines")
    assert "1 retired version" in chapter(page).text
    assert "retired" in row(page, "version v1").text
    assert not list(page.all("ol", css="engine-history"))


def test_the_page_is_linked_from_every_page_and_from_the_record(visit: Visit) -> None:
    for path in ("/", "/track-record"):
        assert any(link.attributes["href"] == "/engines" for link in visit(path).all("a"))
