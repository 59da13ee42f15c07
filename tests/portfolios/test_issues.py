"""Data issues: found in what is stored now, mended by their owner, and back when their facts change."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.lib.clock import wall_now
from markets.models import Token
from portfolios.accounting.movements import Kind
from portfolios.models import Holding, Lot, Portfolio, Transaction
from portfolios.services.entries import Entry
from portfolios.services.recording import record_many
from tests.contract.openapi import JSON
from tests.make.accounts import a_user, bearer
from tests.make.cached import forget_cached
from tests.make.exchanges import a_bare_connection
from tests.make.markets import NOON, a_quote, a_token
from tests.make.portfolios import DAY, a_portfolio
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    forget_cached()


@pytest.fixture
def alice(client: Client) -> User:
    user = a_user()
    client.force_login(user)
    return user


@pytest.fixture
def sol() -> Token:
    token = a_token("SOL", "solana")
    a_quote(token, 100.0)
    return token


@pytest.fixture
def portfolio(alice: User, sol: Token) -> Portfolio:
    return a_portfolio(alice)


def booked(
    portfolio: Portfolio,
    kind: str = "buy",
    asset: str = "solana",
    quantity: int = 10,
    day: int = 0,
    **words: Any,
) -> Transaction:
    """With the lots that follow."""
    entry = Entry(
        kind=Kind(kind),
        asset=asset,
        quantity=Decimal(quantity),
        executed_at=DAY + timedelta(days=day),
        **words,
    )
    found = record_many(
        owner_id=portfolio.owner_id, portfolio_id=portfolio.pk, entries=[entry],
        origin=Transaction.Origin.BY_HAND, wall=NOON,
    )  # fmt: skip
    return found.new[0]


def issues(client: Client, portfolio: Portfolio) -> list[dict[str, Any]]:
    reply = client.get(f"/api/v1/portfolios/{portfolio.pk}/issues", headers=bearer(portfolio.owner))
    assert reply.status_code == 200
    return reply.json()["data"]


def waiting(client: Client, portfolio: Portfolio) -> list[tuple[str, str]]:
    return [(one["kind"], one["asset"]) for one in issues(client, portfolio) if not one["is_left"]]


def do(client: Client, portfolio: Portfolio, what: str, **body: Any) -> int:
    path = f"/api/v1/portfolios/{portfolio.pk}/issues/{what}"
    return client.post(path, body, content_type=JSON, headers=bearer(portfolio.owner)).status_code


def test_a_whole_history_has_no_issue(client: Client, portfolio: Portfolio):
    booked(portfolio, price_usd=Decimal(100))
    assert issues(client, portfolio) == []


def test_what_went_out_without_coming_in_is_told_until_it_is_booked(client: Client, portfolio: Portfolio):
    booked(portfolio, "sell", quantity=4, day=2, price_usd=Decimal(100))
    (one,) = issues(client, portfolio)
    assert (one["kind"], one["title"]) == ("short_history", "4 SOL went out without ever having come in")
    booked(portfolio, quantity=4, day=1, price_usd=Decimal(90))
    assert issues(client, portfolio) == []


def test_a_suggested_transfer_is_matched_and_its_cost_comes_along(
    client: Client, alice: User, portfolio: Portfolio
):
    there = a_portfolio(alice, name="Ledger")
    booked(portfolio, price_usd=Decimal(100))
    departure = booked(portfolio, "transfer_out", day=1)
    arrival = booked(there, "transfer_in", day=1)
    (one,) = issues(client, there)
    assert one["actions"] == ["match", "state_worth", "leave"]
    ends = {f"{end}_id": one["suggestion"][end]["transaction_id"] for end in ("departure", "arrival")}
    assert ends == {"departure_id": str(departure.pk), "arrival_id": str(arrival.pk)}
    client.post(f"/portfolios/{there.pk}/issues/act", {"do": "match", **ends})
    assert issues(client, portfolio) == issues(client, there) == []
    assert Lot.objects.get(portfolio=there).cost_usd == 1000


def test_a_transfer_from_outside_is_left_and_comes_back_when_it_changes(client: Client, portfolio: Portfolio):
    row = booked(portfolio, "transfer_in")
    assert do(client, portfolio, "leave", kind="unmatched_transfer", subject=str(row.pk)) == 204
    assert waiting(client, portfolio) == []
    assert [one["is_left"] for one in issues(client, portfolio)] == [True]
    Transaction.objects.update(quantity=Decimal(9))
    assert waiting(client, portfolio) == [("unmatched_transfer", "solana")]


def test_another_end_that_turns_up_brings_a_left_transfer_back(
    client: Client, alice: User, portfolio: Portfolio
):
    row = booked(portfolio, "transfer_in", day=1)
    do(client, portfolio, "leave", kind="unmatched_transfer", subject=str(row.pk))
    booked(a_portfolio(alice, name="Ledger"), "transfer_out", day=1)
    assert waiting(client, portfolio) == [("unmatched_transfer", "solana")]


def test_what_was_left_can_be_taken_up_again(client: Client, portfolio: Portfolio):
    row = booked(portfolio, "transfer_out")
    named = {"kind": "unmatched_transfer", "subject": str(row.pk)}
    do(client, portfolio, "leave", **named)
    assert do(client, portfolio, "leave", **named, left=False) == 204
    assert ("unmatched_transfer", "solana") in waiting(client, portfolio)


def test_a_known_cost_is_booked(client: Client, portfolio: Portfolio):
    row = booked(portfolio, "reward")
    assert waiting(client, portfolio) == [("unknown_worth", "solana")]
    body = {"transaction_id": str(row.pk), "price_usd": "12.5"}
    assert do(client, portfolio, "worth", **body) == 204
    assert issues(client, portfolio) == []
    assert Holding.objects.get().cost_usd == 125
    assert do(client, portfolio, "worth", **body) == 409


def test_a_fee_that_nobody_knows_the_worth_of_is_told_until_it_is_stated(
    client: Client, portfolio: Portfolio
):
    a_token("BNB", "binancecoin", solana=False)
    paid = {"price_usd": Decimal(100), "fee_quantity": Decimal("0.01")}
    row = booked(portfolio, **paid, fee_asset="binancecoin")
    booked(portfolio, **paid, fee_asset="solana")
    booked(portfolio, **paid)
    (one,) = [issue for issue in issues(client, portfolio) if issue["kind"] == "unknown_fee"]
    assert one["transaction_id"] == str(row.pk)
    assert one["title"] == "Buy of 10 SOL: what was the fee of 0.01 BNB worth?"
    path = f"/api/v1/portfolios/{portfolio.pk}/transactions/{row.pk}"
    body = {"fee_usd": "6"}
    assert client.patch(path, body, content_type=JSON, headers=bearer(portfolio.owner)).status_code == 200
    assert "unknown_fee" not in {kind for kind, _ in waiting(client, portfolio)}


def test_a_ticker_that_is_named_is_booked_as_that_token_everywhere(
    client: Client, alice: User, portfolio: Portfolio
):
    a_quote(a_token("WIF", "dogwifcoin"), 2.0)
    booked(portfolio, asset="WIFFY", price_usd=Decimal(1))
    booked(
        portfolio,
        "sell",
        quantity=1,
        day=1,
        quote_asset="WIFFY",
        quote_quantity=Decimal(5),
        price_usd=Decimal(5),
    )
    assert ("unknown_token", "WIFFY") in waiting(client, portfolio)
    assert do(client, portfolio, "token", asset="WIFFY", coingecko_id="dogwifcoin") == 204
    assert set(Transaction.objects.values_list("asset", "quote_asset")) == {
        ("dogwifcoin", ""),
        ("solana", "dogwifcoin"),
    }
    assert Holding.objects.get(asset="dogwifcoin").quantity == 15
    assert not Holding.objects.filter(asset="WIFFY").exists()


def test_two_that_were_traded_for_each_other_are_not_the_same(client: Client, portfolio: Portfolio):
    booked(portfolio, asset="WSOL", quote_asset="solana", quote_quantity=Decimal(1), price_usd=Decimal(1))
    assert do(client, portfolio, "token", asset="WSOL", coingecko_id="solana") == 409


def test_a_token_that_nobody_follows_is_refused(client: Client, portfolio: Portfolio):
    booked(portfolio, asset="WHAT", price_usd=Decimal(1))
    assert do(client, portfolio, "token", asset="WHAT", coingecko_id="nope") == 400


def test_a_held_token_without_a_price_is_told(client: Client, portfolio: Portfolio):
    a_token("NEW", "new")
    booked(portfolio, asset="new", price_usd=Decimal(1))
    assert waiting(client, portfolio) == [("missing_price", "new")]


def test_an_account_that_is_not_read_any_more_is_told_where_it_is_booked(
    client: Client, alice: User, portfolio: Portfolio
):
    connection = a_bare_connection(alice, state="needs_attention", last_error="Revoked.")
    other = a_portfolio(alice, name="Ledger")
    (one,) = issues(client, portfolio)
    assert (one["kind"], one["subject"], one["meaning"]) == (
        "stale_connection",
        str(connection.pk),
        "Revoked.",
    )
    assert one["connection_id"] == str(connection.pk)
    assert issues(client, other) == []


def test_an_issue_of_an_account_leads_to_its_page(client: Client, alice: User, portfolio: Portfolio):
    connection = a_bare_connection(alice, state="needs_attention", last_error="Revoked.")
    page = client.get(f"/portfolios/{portfolio.pk}/issues").content.decode()
    assert f'href="/exchanges/{connection.pk}"' in page
    assert client.get(f"/exchanges/{connection.pk}").status_code == 200


def test_a_balance_that_differs_is_told_and_left_until_it_changes(
    client: Client, alice: User, portfolio: Portfolio, sol: Token
):
    now = wall_now()
    connection = a_bare_connection(alice, last_sync_at=now, balances_at=now)
    seen = connection.balances.create(
        ticker="SOL", asset="solana", total=Decimal(3), booked=Decimal(2), seen_at=now,
        differs_since=now - timedelta(hours=1),
    )  # fmt: skip
    (one,) = issues(client, portfolio)
    assert (one["kind"], one["asset"]) == ("balance_differs", "solana")
    assert "says 3 SOL, its history adds up to 2" in one["title"]
    assert one["connection_id"] == str(connection.pk)
    assert do(client, portfolio, "leave", kind=one["kind"], subject=one["subject"]) == 204
    assert waiting(client, portfolio) == []
    type(seen).objects.update(total=Decimal(4))
    assert waiting(client, portfolio) == [("balance_differs", "solana")]


def test_anothers_issues_and_buttons_are_not_there(client: Client, alice: User):
    theirs = a_portfolio(a_user("bob"))
    assert client.get(f"/api/v1/portfolios/{theirs.pk}/issues", headers=bearer(alice)).status_code == 404
    assert client.get(f"/portfolios/{theirs.pk}/issues").status_code == 404
    assert client.post(f"/portfolios/{theirs.pk}/issues/act", {"do": "leave"}).status_code == 404


def test_the_page_counts_them_and_mends_them(client: Client, portfolio: Portfolio, visit: Visit):  # noqa: F811
    row = booked(portfolio, "reward")
    page = visit(f"/portfolios/{portfolio.pk}/issues")
    assert "Issues 1 waiting" in page.text
    assert "Reward of 10 SOL: for how much?" in page.text
    act = f"/portfolios/{portfolio.pk}/issues/act"
    assert (
        client.post(act, {"do": "worth", "transaction_id": str(row.pk), "price_usd": "2"}).status_code == 302
    )
    page = visit(f"/portfolios/{portfolio.pk}/issues")
    assert "Nothing waits" in page.text
    assert "waiting" not in page.text


def test_the_page_names_a_ticker_and_leaves_an_issue(client: Client, portfolio: Portfolio, visit: Visit):  # noqa: F811
    a_token("WIF", "dogwifcoin")
    booked(portfolio, asset="WIFFY", price_usd=Decimal(1))
    act = f"/portfolios/{portfolio.pk}/issues/act"
    client.post(act, {"do": "name", "asset": "WIFFY", "token": "WIF"})
    assert Transaction.objects.get().asset == "dogwifcoin"
    client.post(act, {"do": "leave", "kind": "missing_price", "subject": "dogwifcoin"})
    assert "Left alone: 1" in visit(f"/portfolios/{portfolio.pk}/issues").text
