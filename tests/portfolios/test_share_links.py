"""Share links: percentages alone, for a while, and gone as soon as they are taken back."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from accounts.models import AuditEntry, User
from core.jobs.market_time import stamp_market
from core.lib.clock import forget_market_clock, wall_now
from markets.models import Token
from portfolios.models import Portfolio, ShareLink
from tests.contract.openapi import JSON
from tests.make.accounts import a_user, bearer
from tests.make.cached import forget_cached
from tests.make.markets import a_quote, a_token, candles
from tests.make.portfolios import a_holding, a_portfolio, a_share_link, a_transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio() -> Portfolio:
    forget_cached()
    found = a_portfolio(a_user(), name="My secret stash")
    sol, bonk = a_token("SOL", "solana"), a_token("BONK", "bonk", category="meme")
    a_quote(sol, 123.0, wall_now())
    a_quote(bonk, 1.0, wall_now())
    a_holding(found, "solana", 3)
    a_holding(found, "bonk", 123)
    return found


def make(client: Client, portfolio: Portfolio, days: object = 7) -> tuple[int, dict]:
    path = f"/api/v1/portfolios/{portfolio.pk}/share-links"
    reply = client.post(path, {"days": days}, content_type=JSON, headers=bearer(portfolio.owner))
    return reply.status_code, reply.json()


def test_a_stranger_without_an_account_sees_shares_and_no_amount(client: Client, portfolio: Portfolio):
    status, said = make(client, portfolio)
    token = said["data"]["url"].rpartition("/")[2]
    assert (status, len(token)) == (201, 43)
    page = client.get(f"/shared/{token}")
    text = page.content.decode()
    assert page.status_code == 200
    assert "75.0 %" in text and "25.0 %" in text and "meme" in text
    told = re.sub(r"<(script|head|footer|header).*?</\1>", "", text, flags=re.S)
    assert not re.search(r"\$|492|123|My secret stash|alice", told)


def test_nobody_keeps_or_finds_the_page(client: Client, portfolio: Portfolio):
    a_share_link(portfolio, "token")
    page = client.get("/shared/token")
    assert (page["Cache-Control"], page["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")
    assert page["Referrer-Policy"] == "no-referrer"


def test_returns_are_time_weighted_and_of_whole_windows_alone(client: Client, portfolio: Portfolio):
    now = wall_now()
    a_transaction(portfolio, executed_at=now - timedelta(days=10), quantity=Decimal(3))
    hours: list[float | None] = [100.0] * (24 * 10) + [110.0] * 24
    candles(Token.objects.get(symbol="SOL"), 3600, hours, now.replace(minute=0, second=0, microsecond=0))
    a_share_link(portfolio, "token")
    text = " ".join(client.get("/shared/token").content.decode().split())
    assert re.search(r"Last 7 days</dt><dd><span class=\"change change--up\">.*?\+10\.00 %", text)
    assert re.search(r"Last 30 days</dt><dd><span class=\"unknown\">", text)


def test_the_token_is_kept_as_a_digest_and_told_once(client: Client, portfolio: Portfolio):
    _, said = make(client, portfolio)
    token = said["data"]["url"].rpartition("/")[2]
    assert token not in str(ShareLink.objects.values().get())
    listed = client.get(
        f"/api/v1/portfolios/{portfolio.pk}/share-links", headers=bearer(portfolio.owner)
    ).json()
    assert "url" not in listed["data"][0]


def test_it_ends_by_itself_and_when_it_is_taken_back(client: Client, portfolio: Portfolio):
    link = a_share_link(portfolio, "token")
    with time_machine.travel(link.ends_at):
        assert client.get("/shared/token").status_code == 404
    assert client.get("/shared/token").status_code == 200
    path = f"/api/v1/portfolios/{portfolio.pk}/share-links/{link.pk}"
    assert client.delete(path, headers=bearer(portfolio.owner)).status_code == 204
    over = client.get("/shared/token")
    assert (over.status_code, over["Cache-Control"]) == (404, "no-store")


def test_its_end_is_told_by_the_wall_also_in_a_replay(client: Client, portfolio: Portfolio):
    stamp_market(kind="replay", identity="abc", speed=60.0, start=datetime(2025, 3, 4, tzinfo=UTC))
    forget_market_clock()
    link = a_share_link(portfolio, "token")
    with time_machine.travel(link.ends_at - timedelta(days=6, hours=1), tick=False):
        text = client.get("/shared/token").content.decode()
    assert re.search(r"The link ends <time[^>]*>in 6 d<", text)


@pytest.mark.parametrize("days", [0, 91, -1, 1.5, "x"])
def test_a_link_lasts_from_one_to_ninety_days(client: Client, portfolio: Portfolio, days: object):
    assert make(client, portfolio, days)[0] == 400


def test_making_and_ending_are_written_down(client: Client, portfolio: Portfolio):
    _, said = make(client, portfolio)
    client.delete(
        f"/api/v1/portfolios/{portfolio.pk}/share-links/{said['data']['id']}", headers=bearer(portfolio.owner)
    )
    written = list(AuditEntry.objects.filter(action__in=["portfolio_shared", "share_ended"]).order_by("id"))
    assert [entry.action for entry in written] == ["portfolio_shared", "share_ended"]
    assert said["data"]["url"].rpartition("/")[2] not in str(vars(written[0]))


def test_another_cannot_make_list_or_end_links(client: Client, portfolio: Portfolio):
    bob: User = a_user("bob")
    link = a_share_link(portfolio, "token")
    path = f"/api/v1/portfolios/{portfolio.pk}/share-links"
    assert client.get(path, headers=bearer(bob)).status_code == 404
    assert client.post(path, {"days": 7}, content_type=JSON, headers=bearer(bob)).status_code == 404
    assert client.delete(f"{path}/{link.pk}", headers=bearer(bob)).status_code == 404
    client.force_login(bob)
    assert client.post(f"/portfolios/{portfolio.pk}/share/{link.pk}/end").status_code == 404


def test_who_tries_tokens_is_stopped(client: Client, portfolio: Portfolio, settings):
    settings.RATE_LIMIT_MAX = 100
    answers = [client.get(f"/shared/{place}").status_code for place in range(31)]
    assert answers == [404] * 30 + [429]


def test_the_page_makes_a_link_shows_it_once_and_takes_it_back(client: Client, portfolio: Portfolio):
    client.force_login(portfolio.owner)
    path = f"/portfolios/{portfolio.pk}/share"
    made = client.post(path, {"days": "7", "note": "for Bob"}).content.decode()
    assert re.search(r"/shared/[\w-]{43}", made)
    assert not re.search(r"/shared/[\w-]{43}", client.get(path).content.decode())
    link = ShareLink.objects.get()
    assert client.post(f"{path}/{link.pk}/end").status_code == 302
    assert "taken back" in client.get(path).content.decode()
