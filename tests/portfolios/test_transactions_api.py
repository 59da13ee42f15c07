"""Transactions over the API: strict in what they take, exact in what they answer, and only for their owner."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from markets.models import Token
from portfolios.models import Holding, Portfolio, Transaction
from tests.contract.openapi import JSON
from tests.make.accounts import a_user, bearer
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio, a_transaction
from tests.pages.conftest import at_noon  # noqa: F401  fixture

pytestmark = pytest.mark.django_db
BOUGHT = {"kind": "buy", "executed_at": "2026-11-02T09:30:00Z", "asset": "SOL", "quantity": "2.5"}


@pytest.fixture
def alice() -> User:
    return a_user()


@pytest.fixture
def portfolio(alice: User) -> Portfolio:
    return a_portfolio(alice)


@pytest.fixture
def sol() -> Token:
    return a_token("SOL", "solana", rank=5)


@pytest.fixture
def send(client: Client, alice: User, portfolio: Portfolio) -> Any:
    """What Alice's app gets: the status, and the data or the error."""

    def send(method: str, path: str = "", body: Any = None, **headers: str) -> tuple[int, Any]:
        url = f"/api/v1/portfolios/{portfolio.id}/transactions{path}"
        reply = getattr(client, method)(url, body, content_type=JSON, headers={**bearer(alice), **headers})
        said = reply.json() if reply.content else {}
        return reply.status_code, said.get("data", said.get("error"))

    return send


def test_a_purchase_is_booked_and_held_at_once(send: Any, sol: Token):
    status, said = send("post", body={**BOUGHT, "price_usd": "100", "fee_quantity": "1.25"})
    assert (status, said["asset"], said["symbol"], said["quantity"]) == (201, "solana", "SOL", "2.5")
    held = Holding.objects.get()
    assert (held.asset, held.quantity, held.cost_usd) == ("solana", Decimal("2.5"), Decimal("251.25"))


def test_amounts_come_back_to_the_last_digit(send: Any, sol: Token):
    exact = "0.000000000000000001"
    assert send("post", body={**BOUGHT, "quantity": exact})[1]["quantity"] == exact


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": 2.5},
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "1e3"},
        {"quantity": None},
        {"quantity": "0.0000000000000000001"},
        {"price_usd": "NaN"},
        {"executed_at": "2026-11-02T09:30:00"[:16]},
        {"executed_at": "2026-12-01"},
        {"kind": "gift"},
        {"asset": "not a ticker"},
        {"asset": "EUR"},
        {"fee_quantity": "-1"},
        {"quote_asset": "USDC"},
        {"note": "two\nlines"},
    ],
    ids=lambda wrong: (
        f"{next(iter(wrong))}-{str(next(iter(wrong.values()))).encode('unicode_escape').decode()}"
    ),
)
def test_what_makes_no_sense_is_refused_by_its_field(send: Any, sol: Token, wrong: dict[str, Any]):
    status, error = send("post", body={**BOUGHT, **wrong})
    named = {detail["field"] for detail in error["details"]}
    assert (status, named & {*wrong, "quote_quantity"} != set()) == (400, True)
    assert not Transaction.objects.exists()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("SOL", "solana"),
        ("sol", "solana"),
        ("solana", "solana"),
        ("sol-two", "sol-two"),
        ("what", "WHAT"),
    ],
)
def test_a_token_is_named_by_ticker_or_id(send: Any, sol: Token, said: str, meant: str):
    a_token("SOL", "sol-two", rank=900)
    assert send("post", body={**BOUGHT, "asset": said})[1]["asset"] == meant


def test_dollars_have_no_name(send: Any, sol: Token):
    said = send("post", body={**BOUGHT, "quote_asset": "usd", "quote_quantity": "500"})[1]
    assert (said["quote_asset"], said["price_usd"]) == ("", "200")


def test_a_key_books_once(send: Any, sol: Token):
    first = send("post", body=BOUGHT, **{"Idempotency-Key": "a"})
    assert send("post", body=BOUGHT, **{"Idempotency-Key": "a"}) == first
    assert Transaction.objects.count() == 1


def test_an_external_id_is_booked_once(send: Any, sol: Token):
    named = {**BOUGHT, "external_id": "mine-1"}
    assert [send("post", body=named)[0] for _ in range(2)] == [201, 409]


def test_the_newest_come_first_and_pages_follow(client: Client, send: Any, portfolio: Portfolio, alice: User):
    for day in range(1, 6):
        a_transaction(portfolio, executed_at=f"2026-01-0{day}T00:00:00Z")
    url, days = f"/api/v1/portfolios/{portfolio.id}/transactions?limit=2", []
    while url:
        body = client.get(url, headers=bearer(alice)).json()
        days += [int(row["executed_at"][8:10]) for row in body["data"]]
        url = body["meta"]["next"]
    assert days == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("?kind=sell", 1),
        ("?asset=SOL", 2),
        ("?asset=USDC", 1),
        ("?origin=file", 1),
        ("?from=2026-01-05&to=2026-01-06", 2),
    ],
)
def test_what_is_searched_is_found(send: Any, portfolio: Portfolio, sol: Token, query: str, found: int):
    a_token("USDC", "usd-coin")
    a_transaction(portfolio)
    a_transaction(portfolio, kind="sell", quote_asset="usd-coin", quote_quantity=Decimal(1))
    a_transaction(portfolio, asset="WHAT", origin="file", executed_at="2026-02-01T00:00:00Z")
    assert len(send("get", query)[1]) == found


def test_a_change_of_the_past_changes_what_follows(send: Any, sol: Token):
    made = send("post", body={**BOUGHT, "price_usd": "100"})[1]
    said = send("patch", f"/{made['id']}", {"quantity": "5", "note": "as on the receipt"})[1]
    assert (said["quantity"], said["note"], said["price_usd"]) == ("5", "as on the receipt", "100")
    assert Holding.objects.get().cost_usd == 500


@pytest.mark.parametrize(
    ("changes", "price", "total"),
    [
        ({"quote_quantity": "300"}, "120", "300"),
        ({"price_usd": "90"}, "90", None),
        ({"quantity": "5"}, "50", "250"),
        ({"note": "x"}, "100", "250"),
    ],
)
def test_price_and_total_never_contradict_each_other(
    send: Any, sol: Token, changes: dict[str, str], price: str, total: str | None
):
    made = send("post", body={**BOUGHT, "quote_quantity": "250"})[1]
    said = send("patch", f"/{made['id']}", changes)[1]
    assert (said["price_usd"], said["quote_quantity"]) == (price, total)


def test_what_is_deleted_has_never_been(send: Any, sol: Token):
    made = send("post", body=BOUGHT)[1]
    assert send("delete", f"/{made['id']}")[0] == 204
    assert send("get", f"/{made['id']}")[0] == 404
    assert not Holding.objects.filter(quantity__gt=0).exists()


def test_a_transaction_lies_in_its_own_portfolio(send: Any, alice: User):
    elsewhere = a_transaction(a_portfolio(alice, name="Other"))
    assert [send(method, f"/{elsewhere.id}", {})[0] for method in ("get", "patch", "delete")] == [404] * 3
