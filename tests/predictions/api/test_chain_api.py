"""The head is given away, with all that anyone needs to check it from outside."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client

from predictions.models import Forecast, Outcome, RecordLink
from predictions.services.forecasting import make_forecasts
from predictions.services.scoring import score_matured
from tests.make.markets import NOON, a_token, candles
from tests.make.predictions import a_forecast, with_history
from tests.make.record import behind_the_back

pytestmark = pytest.mark.django_db
HEAD = "/api/v1/predictions/record"
SOON = timedelta(seconds=30)


@pytest.fixture
def record(noon):
    token = with_history(a_token())
    make_forecasts(NOON, NOON + SOON)
    candles(token, 900, [101.0], NOON + timedelta(minutes=15))
    score_matured(NOON + timedelta(minutes=15))


def read(path=HEAD, **query):
    reply = Client().get(path, query)
    assert reply.status_code == 200
    return reply.json()


def text(path):
    reply = Client().get(path)
    assert reply["Content-Type"].startswith("text/plain")
    return b"".join(reply) if reply.streaming else reply.content


def test_the_head_is_the_newest_links(record):
    newest = RecordLink.objects.get(position=8)
    data = read()["data"]
    assert (data["position"], data["head"], data["links"]) == (8, newest.head, 8)
    assert (data["forecasts"], data["outcomes"]) == (Forecast.objects.count(), Outcome.objects.count())
    assert data["linked_at"] == "2026-11-20T12:00:30.000000Z"


def test_a_record_of_nothing_has_no_head():
    data = read()["data"]
    assert (data["position"], data["head"], data["linked_at"], data["links"]) == (0, None, None, 0)


def test_whoever_downloads_the_record_has_its_head_with_it(record):
    reply = Client().get("/api/v1/predictions/track-record.csv")
    assert reply["X-Record-Head"] == f"8 {RecordLink.objects.get(position=8).head}"


def test_rows_older_than_the_chain_are_counted(noon):
    a_forecast(a_token("OLD"), as_of=NOON - timedelta(hours=2))
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["1h"])
    assert read()["data"]["forecasts"] == Forecast.objects.count()


def test_anyone_can_follow_the_chain_from_a_head_that_was_noted(record):
    """With nothing but HTTP and SHA-256: from the third link to the newest head."""
    noted = RecordLink.objects.get(position=3).head
    page = read(f"{HEAD}/links", since=3, limit=2)
    links = page["data"]
    while page["meta"]["next"]:
        page = read(page["meta"]["next"])
        links += page["data"]
    assert links[0]["head"] == noted
    before = links[0]["previous"]
    for link in links:
        assert link["previous"] == before
        fields = ("previous", "position", "kind", "timeframe", "moment", "linked_at", "rows", "content")
        said = "\n".join(["khalsi-record 1", *(str(link[name] or "") for name in fields)])
        assert sha256(said.encode()).hexdigest() == link["head"]
        assert said.encode() == text(f"/record/links/{link['position']}/head.txt")
        assert sha256(text(f"/record/links/{link['position']}/rows.txt")).hexdigest() == link["content"]
        before = link["head"]
    assert before == RecordLink.objects.get(position=8).head


def test_rows_that_were_changed_no_longer_give_their_content(record):
    with behind_the_back():
        Forecast._base_manager.filter(link_id=1).update(scale=0.123)
        content = RecordLink.objects.get(position=1).content
        assert sha256(text("/record/links/1/rows.txt")).hexdigest() != content


def test_the_rows_of_a_genesis_are_its_content_too(noon):
    a_forecast(a_token("OLD"), as_of=NOON - timedelta(hours=2))
    with_history(a_token())
    make_forecasts(NOON, NOON + SOON, ["1h"])
    content = RecordLink.objects.get(position=1).content
    assert sha256(text("/record/links/1/rows.txt")).hexdigest() == content


@pytest.mark.parametrize("position", ["0", "9", str(2**63), "9" * 40])
def test_a_link_that_is_not_there_is_not_found(record, position):
    for file in ("rows.txt", "head.txt"):
        assert Client().get(f"/record/links/{position}/{file}").status_code == 404


def test_asking_costs_the_same_however_long_the_chain_is(record, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        read()
    with django_assert_max_num_queries(1):
        read(f"{HEAD}/links")
