"""The record as anyone can check it."""

from datetime import timedelta

import pytest
import time_machine

from predictions.models import RecordLink
from predictions.services.forecasting import make_forecasts
from tests.make.markets import NOON, a_token
from tests.make.predictions import with_history
from tests.pages.conftest import Visit

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)


def test_before_the_first_run_the_page_says_what_it_waits_for(visit: Visit) -> None:
    assert "Nothing has been sealed yet" in visit("/record").text


def test_the_newest_head_is_there_to_be_noted(visit: Visit) -> None:
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON)
    page, newest = visit("/record"), RecordLink.objects.get(position=7)
    assert page.one("code", css="digest--noted").text == f"7 {newest.head}"
    assert f"--head {newest.head}" in page.text
    assert "/record/links/7/rows.txt | sha256sum" in page.text
    assert len(list(page.one("table", css="chain-table").all("tr"))) == 8


def test_the_days_that_are_over_stand_with_their_heads(visit: Visit) -> None:
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert "first day is not over yet" in visit("/record").text
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        page = visit("/record")
    assert "2026-11-20" in page.text
    assert RecordLink.objects.get().head in page.text


def test_every_page_leads_to_it(visit: Visit) -> None:
    assert "Check the record" in visit("/definitions").text
