"""Lists come in parts with links that work, and the OpenAPI document says what the API answers."""

from typing import Any

import pytest
from django.test import RequestFactory

from core.api.pagination import cursor_page, page_of
from core.api.schema import wrap_in_envelope
from core.api.slash import api_path
from core.lib.clock import wall_now
from core.lib.errors import BadInput, NotFound
from core.models import JobRun


def asked(query: str = "") -> Any:
    return RequestFactory().get(f"/api/v1/list{query}")


def test_a_page_says_how_many_there_are_and_where_the_next_is():
    page = page_of(range(120), asked("?limit=50&page=2&category=meme"))
    assert page.items == list(range(50, 100))
    assert page.meta == {
        "count": 120,
        "next": "/api/v1/list?limit=50&page=3&category=meme",
        "previous": "/api/v1/list?limit=50&page=1&category=meme",
    }


def test_an_empty_list_has_one_page():
    assert page_of([], asked()).meta == {"count": 0, "next": None, "previous": None}


def test_there_is_no_page_after_the_last():
    with pytest.raises(NotFound, match="last one is 3"):
        page_of(range(120), asked("?page=4"))


@pytest.mark.parametrize("query", ["?limit=201", "?limit=0", "?page=0", "?page=x", "?page=100001"])
def test_a_page_that_cannot_be_is_refused(query: str):
    with pytest.raises(BadInput):
        page_of(range(1000), asked(query))


@pytest.fixture
def runs(db: None) -> list[int]:
    """Rows of which several share a name, in falling order."""
    rows = [JobRun.objects.create(job=f"job-{number // 3}", started_at=wall_now()) for number in range(10)]
    return [row.pk for row in sorted(rows, key=lambda row: (row.job, row.pk), reverse=True)]


def read(link: str | None, limit: int = 4) -> Any:
    query = f"?limit={limit}" if link is None else "?" + link.partition("?")[2]
    return cursor_page(JobRun.objects.all(), asked(query), order=("-job", "-id"))


def test_cursors_visit_every_row_once_and_lead_back(runs: list[int]):
    pages = [read(None)]
    while pages[-1].next:
        pages.append(read(pages[-1].next))
    assert [row.pk for page in pages for row in page.items] == runs
    back = read(pages[-1].previous)
    assert [row.pk for row in back.items] == [row.pk for row in pages[-2].items]
    assert pages[0].previous is None and read(back.previous).previous is None


def test_a_new_row_at_the_top_repeats_nothing(runs: list[int]):
    first = read(None)
    JobRun.objects.create(job="job-9", started_at=wall_now())
    assert [row.pk for row in read(first.next).items] == runs[4:8]


@pytest.mark.parametrize("cursor", ["made-up", "W10:1vD:abc", "%00"])
def test_a_cursor_that_is_not_ours_is_refused(db: None, cursor: str):
    with pytest.raises(BadInput, match="cursor"):
        cursor_page(JobRun.objects.all(), asked(f"?cursor={cursor}"), order=("-id",))


def test_a_cursor_of_another_list_is_refused(runs: list[int]):
    with pytest.raises(BadInput, match="another list"):
        cursor_page(JobRun.objects.all(), asked("?" + str(read(None).next).partition("?")[2]), order=("-id",))


def test_a_route_is_written_without_its_last_slash():
    with pytest.raises(ValueError, match="without its last slash"):
        api_path("market/solana/", lambda request: None)  # type: ignore[arg-type, return-value]


def documented() -> dict[str, Any]:
    inner = {"type": "array", "items": {"type": "string"}}
    operation: dict[str, Any] = {
        "responses": {
            "200": {"description": "", "content": {"application/json": {"schema": inner}}},
            "204": {"description": ""},
        }
    }
    paths = {
        "/api/v1/things/{id}": {"post": operation, "parameters": []},
        "/api/v1/health": {"get": {"responses": {}}},
    }
    result: dict[str, Any] = wrap_in_envelope({"paths": paths}, None, None, True)
    return result


def test_the_document_shows_the_envelope():
    schema = documented()["paths"]["/api/v1/things/{id}"]["post"]["responses"]["200"]["content"]
    properties = schema["application/json"]["schema"]["properties"]
    assert set(properties) == {"success", "data", "meta"}


def test_the_document_lists_the_refusals():
    responses = documented()["paths"]["/api/v1/things/{id}"]["post"]["responses"]
    assert {"400", "401", "404", "413", "415", "429", "500", "503"} <= set(responses)


def test_the_document_offers_both_credentials():
    document = documented()
    assert set(document["components"]["securitySchemes"]) == {"Bearer", "ApiKey"}
    assert {} in document["paths"]["/api/v1/things/{id}"]["post"]["security"]
