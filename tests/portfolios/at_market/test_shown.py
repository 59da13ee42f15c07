"""Wherever a sum is shown, what was valued at market says so: with price, time and source."""

import csv
import io
from decimal import Decimal as D

import pytest
from django.test import Client

from portfolios.models import Portfolio
from tests.make.accounts import a_user, bearer
from tests.make.booking import record
from tests.make.markets import a_token, candles
from tests.make.portfolios import DAY, a_portfolio

pytestmark = pytest.mark.django_db
WORTH = {
    "part": "worth",
    "worth_usd": "1000",
    "asset": "bitcoin",
    "symbol": "BTC",
    "quantity": "0.05",
    "price_usd": "20000",
    "closed_at": "2026-01-05T12:00:00Z",
    "interval_seconds": 900,
}


@pytest.fixture
def portfolio(client: Client) -> Portfolio:
    """Ten SOL for 0.05 BTC, half of them sold for 600 dollars with a fee in BNB."""
    for symbol, name, close in (
        ("SOL", "solana", None),
        ("BTC", "bitcoin", 20_000.0),
        ("BNB", "binancecoin", 600.0),
    ):
        token = a_token(symbol, name)
        if close:
            candles(token, 900, [close], end=DAY)
    alice = a_user()
    client.force_login(alice)
    portfolio = a_portfolio(alice)
    record(portfolio, "buy", 10, None, quote_asset="bitcoin", quote_quantity=D("0.05"))
    record(portfolio, "sell", 5, 120, day=0.001, fee_asset="binancecoin", fee_quantity=D("0.01"))
    return portfolio


def told(client: Client, portfolio: Portfolio, path: str) -> dict:
    reply = client.get(f"/api/v1/portfolios/{portfolio.pk}/{path}", headers=bearer(portfolio.owner))
    return reply.json()["data"]


def without_source(worths: list[dict]) -> list[dict]:
    return [{name: value for name, value in one.items() if name != "source"} for one in worths]


def test_a_transaction_tells_what_it_was_valued_by(client, portfolio):
    sold, bought = told(client, portfolio, "transactions")
    assert without_source(bought["valued_at_market"]) == [WORTH]
    assert (bought["price_usd"], sold["fee_usd"]) == (None, None)
    assert [(one["part"], one["worth_usd"]) for one in sold["valued_at_market"]] == [("fee", "6")]
    assert bought["valued_at_market"][0]["source"]


def test_the_terms_of_a_sum_tell_it_too(client, portfolio):
    sums = told(client, portfolio, "holdings/SOL")["sums"]
    (lot,), (sale,) = sums["cost"]["terms"], sums["realised"]["terms"]
    assert (lot["amount"], lot["parts_valued_at_market"]) == ("500", 1)
    assert without_source(lot["valued_at_market"]) == [WORTH]
    assert (sale["amount"], sale["cost_is_valued_at_market"]) == ("94", True)
    assert [one["part"] for one in sale["valued_at_market"]] == ["fee"]


def test_the_page_of_the_sum_says_it(client, portfolio):
    page = client.get(f"/portfolios/{portfolio.pk}/holdings/SOL").content.decode()
    assert "valued at market: 0.05 BTC at $20,000.00" in page
    assert "fee valued at market: 0.01 BNB at $600.00" in page


def test_the_list_and_the_transaction_say_it(client, portfolio):
    row = portfolio.transactions.get(kind="buy")
    assert "valued at market" in client.get(f"/portfolios/{portfolio.pk}/transactions").content.decode()
    page = client.get(f"/portfolios/{portfolio.pk}/transactions/{row.pk}").content.decode()
    assert "valued at market: 0.05 BTC at $20,000.00" in page


def test_an_export_has_the_worth_and_what_told_it(client, portfolio):
    reply = client.get(f"/api/v1/portfolios/{portfolio.pk}/export.csv", headers=bearer(portfolio.owner))
    bought, sold = csv.DictReader(io.StringIO(b"".join(reply.streaming_content).decode()))
    assert (bought["price_usd"], bought["market_worth_usd"], sold["market_fee_usd"]) == ("", "1000", "6")
    assert bought["valued_by"].startswith("worth: 0.05 bitcoin at 20000, 2026-01-05T12:00:00Z, ")
