"""Transactions on pages: entered, searched, changed and deleted without script, by the reader's own clock."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import User
from markets.models import Token
from portfolios.models import Holding, Portfolio, Transaction
from tests.make.accounts import a_user
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio, a_transaction
from tests.pages.conftest import Visit, at_noon, visit  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
FORM = {"asset": "SOL", "quantity": "2.5", "price_usd": "100", "executed_at": "2026-11-02T10:30:00"}


@pytest.fixture
def alice(client: Client) -> User:
    user = a_user(preferences={"time_zone": "Europe/Berlin"})
    client.force_login(user)
    return user


@pytest.fixture
def portfolio(alice: User) -> Portfolio:
    return a_portfolio(alice)


@pytest.fixture(autouse=True)
def sol() -> Token:
    return a_token("SOL", "solana")


def test_a_purchase_is_entered_by_the_readers_clock(client: Client, portfolio: Portfolio):
    client.post(f"/portfolios/{portfolio.id}/transactions/new?kind=buy", {**FORM, "fee_quantity": "1"})
    row = Transaction.objects.get()
    assert (row.asset, row.quantity, row.executed_at) == (
        "solana",
        Decimal("2.5"),
        datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    )
    assert Holding.objects.get().cost_usd == 251


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("buy", {"quote_asset", "quote_quantity", "fee_quantity"}),
        ("sell", {"quote_asset", "quote_quantity", "fee_quantity"}),
        ("transfer_in", {"fee_quantity"}),
        ("transfer_out", {"fee_quantity"}),
        ("reward", set()),
        ("airdrop", set()),
        ("fee", set()),
    ],
)
def test_each_kind_asks_for_what_it_needs(visit: Visit, portfolio: Portfolio, kind: str, fields: set[str]):  # noqa: F811
    page = visit(f"/portfolios/{portfolio.id}/transactions/new?kind={kind}")
    asked = {one.attributes.get("name") for one in page.all("input")}
    assert {"quote_asset", "quote_quantity", "fee_quantity"} & asked == fields


@pytest.mark.parametrize("kind", ["sell", "transfer_in", "transfer_out", "reward", "airdrop", "fee"])
def test_every_kind_can_be_booked(client: Client, portfolio: Portfolio, kind: str):
    reply = client.post(f"/portfolios/{portfolio.id}/transactions/new?kind={kind}", FORM)
    assert (reply.status_code, Transaction.objects.get().kind) == (302, kind)


def test_a_transfer_to_another_own_portfolio_is_entered_whole(client: Client, portfolio: Portfolio):
    there = a_portfolio(portfolio.owner, name="There")
    said = {**FORM, "to": str(there.id), "arrived": "2.4"}
    client.post(f"/portfolios/{portfolio.id}/transactions/new?kind=transfer_out", said)
    came = Transaction.objects.get(portfolio=there)
    assert (came.quantity, came.pair.portfolio, came.pair.quantity) == (
        Decimal("2.4"),
        portfolio,
        Decimal("2.5"),
    )


def test_a_transfer_leads_to_own_portfolios_alone(client: Client, portfolio: Portfolio, visit: Visit):  # noqa: F811
    a_portfolio(portfolio.owner, name="There")
    theirs = a_portfolio(a_user("bob"), name="Bobs")
    path = f"/portfolios/{portfolio.id}/transactions/new?kind=transfer_out"
    assert [one.text for one in visit(path).one("select", id="id_to").all("option")] == ["Elsewhere", "There"]
    assert 'id="id_to_error"' in client.post(path, {**FORM, "to": str(theirs.id)}).content.decode()
    assert not Transaction.objects.exists()


def test_what_is_wrong_stands_beside_its_field(client: Client, portfolio: Portfolio):
    wrong = {**FORM, "quantity": "1e5", "executed_at": "2027-01-01T00:00:00"}
    path = f"/portfolios/{portfolio.id}/transactions/new"
    assert 'id="id_quantity_error"' in client.post(path, wrong).content.decode()
    late = client.post(path, {**wrong, "quantity": "1"}).content.decode()
    assert 'id="id_executed_at_error"' in late
    assert not Transaction.objects.exists()


def test_a_price_that_contradicts_the_total_is_asked_about(client: Client, portfolio: Portfolio):
    said = {**FORM, "quote_quantity": "300", "quote_asset": "USD"}
    page = client.post(f"/portfolios/{portfolio.id}/transactions/new", said).content.decode()
    assert "Quantity times price is something else" in page


def test_saving_what_was_not_touched_changes_nothing(client: Client, portfolio: Portfolio, visit: Visit):  # noqa: F811
    moment = datetime(2026, 1, 5, 12, 0, 7, 123456, tzinfo=UTC)
    row = a_transaction(portfolio, executed_at=moment, quote_quantity=Decimal(1000), note="x")
    path = f"/portfolios/{portfolio.id}/transactions/{row.id}"
    shown = {one.attributes["name"]: one.attributes.get("value", "") for one in _fields(visit(path))}
    assert shown["executed_at"] == "2026-01-05T13:00:07"
    client.post(path, shown)
    before = dict(vars(row))
    row.refresh_from_db()
    names = ("asset", "quantity", "price_usd", "quote_quantity", "executed_at", "note", "fee_quantity")
    assert [getattr(row, name) for name in names] == [before[name] for name in names]


def _fields(page):
    return [one for one in page.all("input") if one.attributes.get("id", "").startswith("id_")]


def test_another_total_brings_another_price(client: Client, portfolio: Portfolio):
    row = a_transaction(portfolio, quote_quantity=Decimal(1000))
    path = f"/portfolios/{portfolio.id}/transactions/{row.id}"
    client.post(
        path, {**FORM, "quantity": "10", "price_usd": "", "quote_asset": "USD", "quote_quantity": "1500"}
    )
    row.refresh_from_db()
    assert row.price_usd == 150


def test_deleting_asks_first(client: Client, portfolio: Portfolio, visit: Visit):  # noqa: F811
    row = a_transaction(portfolio)
    path = f"/portfolios/{portfolio.id}/transactions/{row.id}/delete"
    assert "Delete this transaction?" in visit(path).text
    assert Transaction.objects.exists()
    client.post(path)
    assert not Transaction.objects.exists()


def test_the_list_narrows_in_place(client: Client, portfolio: Portfolio):
    a_transaction(portfolio)
    a_transaction(portfolio, kind="sell", note="the dear one")
    path = f"/portfolios/{portfolio.id}/transactions?kind=sell"
    part = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert part.count("<tr>") == 2 and "the dear one" in part and "<html" not in part


def test_a_search_that_makes_no_sense_is_said(visit: Visit, portfolio: Portfolio):  # noqa: F811
    a_transaction(portfolio)
    for query in ("kind=gift", "since=0001-01-01", "until=9999-12-31", "since=x"):
        page = visit(f"/portfolios/{portfolio.id}/transactions?{query}")
        assert len(list(page.all("p", css="error"))) == 1


def test_another_users_transactions_are_not_there(client: Client, alice: User):
    theirs = a_transaction(a_portfolio(a_user("bob")))
    base = f"/portfolios/{theirs.portfolio_id}/transactions"
    paths = (base, f"{base}/new", f"{base}/{theirs.id}", f"{base}/{theirs.id}/delete")
    assert {client.post(path, FORM).status_code for path in paths} <= {404, 405}
    assert {client.get(path).status_code for path in paths} == {404}
    assert Transaction.objects.get() == theirs
