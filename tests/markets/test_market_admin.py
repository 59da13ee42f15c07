"""What staff see and do."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from core.api import hot
from core.lib.clock import wall_now
from markets.models import LatestQuote, RefusedReply, SourceState, Token
from tests.make.accounts import a_user
from tests.make.markets import NOON, a_quote, a_token, candles

pytestmark = pytest.mark.django_db
TOKENS = "/admin/markets/token/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(a_user("ada"))
    return client


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from celery import current_app

    names: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: names.append(name))
    return names


def test_the_list_of_tokens_costs_the_same_for_any_number(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        token = a_token(f"T{number}")
        a_quote(token, 1.5 + number)
        candles(token, 3600, [1.0])
    with django_assert_max_num_queries(12):
        page = staff.get(TOKENS).content.decode()
    assert "what users see" in page
    assert "back-fill goes on" in page


def test_adding_a_token_needs_four_fields(staff: Client) -> None:
    assert 'name="mint"' not in staff.get(f"{TOKENS}add/").content.decode()
    form = {"coingecko_id": "bonk", "symbol": "bonk", "name": "Bonk", "category": "meme"}
    assert staff.post(f"{TOKENS}add/", form).status_code == 302
    assert Token.objects.get().symbol == "BONK"


def test_deactivating_is_written_down_and_nothing_is_deleted(staff: Client) -> None:
    token = a_token()
    a_quote(token)
    staff.post(TOKENS, {"action": "deactivate", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert (token.active, LatestQuote.objects.count()) == (False, 1)
    assert LogEntry.objects.get().object_id == str(token.pk)
    assert staff.get(f"{TOKENS}{token.pk}/delete/").status_code == 403


def test_fetching_again_wakes_the_jobs(
    staff: Client, queued: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    token = a_token(candles_complete=True, candle_source="coingecko-points", details_at=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(TOKENS, {"action": "fetch_again", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert (token.candles_complete, token.candle_source, token.details_at) == (False, "", None)
    assert "markets.backfill" in queued


def test_sources_and_refusals_are_read_only(staff: Client) -> None:
    SourceState.objects.create(name="coingecko", last_error="it said no")
    RefusedReply.objects.create(source="coingecko", endpoint="e", reason="a web page", seen_at=NOON)
    a_quote(a_token())
    assert "it said no" in staff.get("/admin/markets/sourcestate/").content.decode()
    assert "a web page" in staff.get("/admin/markets/refusedreply/").content.decode()
    for name in ("latestquote", "trendingtoken", "refusedreply", "sourcestate"):
        assert staff.get(f"/admin/markets/{name}/").status_code == 200
        assert staff.get(f"/admin/markets/{name}/add/").status_code == 403


def test_a_token_that_staff_switch_off_in_its_form_is_forgotten_in_ready_replies(
    staff: Client, django_capture_on_commit_callbacks: Any
) -> None:
    token = a_token()
    name = hot.key("/api/v1/predictions/SOL")
    hot.put(name, b"{}", wall_now() + timedelta(hours=1), 5)
    form = {"symbol": "SOL", "name": "Solana", "category": "infrastructure", "solana": "on", "links": "{}"}
    with django_capture_on_commit_callbacks(execute=True):
        reply = staff.post(f"{TOKENS}{token.pk}/change/", form)
    assert reply.status_code == 302
    assert not Token.objects.get().active
    assert hot.get(name) is None
