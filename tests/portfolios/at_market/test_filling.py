"""Worths that were unknown when they were booked become known once a close is stored."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from core.models import JobRun
from portfolios import tasks
from portfolios.models import Portfolio, Transaction
from portfolios.services import filling
from portfolios.services.filling import fill_in_worths
from tests.make.accounts import a_user
from tests.make.booking import LATER, figures, record, worked_out_anew
from tests.make.markets import a_token, candles
from tests.make.portfolios import DAY, a_portfolio

pytestmark = pytest.mark.django_db
SWAP = {"quote_asset": "bitcoin", "quote_quantity": D("0.05")}


@pytest.fixture
def bitcoin():
    a_token("SOL", "solana")
    return a_token("BTC", "bitcoin")


@pytest.fixture
def portfolio(bitcoin) -> Portfolio:
    """A swap of unknown worth, and half of it sold a day later."""
    portfolio = a_portfolio(a_user())
    record(portfolio, "buy", 10, None, **SWAP)
    record(portfolio, "sell", 5, 120, day=1)
    return portfolio


def test_history_that_comes_later_fills_in_and_works_out_anew(portfolio, bitcoin):
    revision = Portfolio.objects.get().revision
    candles(bitcoin, 3600, [20_000.0], end=DAY)
    assert fill_in_worths(LATER) == 1
    held = portfolio.holdings.get(asset="solana")
    assert (held.cost_usd, held.realised_usd, held.quantity_of_unknown_cost) == (500, 100, 0)
    assert Portfolio.objects.get().revision > revision
    assert figures(portfolio) == worked_out_anew(portfolio)


def test_filled_in_later_it_is_what_it_would_have_been_at_once(portfolio, bitcoin):
    candles(bitcoin, 3600, [20_000.0], end=DAY)
    fill_in_worths(LATER)
    other = a_portfolio(a_user("bob"))
    record(other, "buy", 10, None, **SWAP)
    record(other, "sell", 5, 120, day=1)
    assert figures(other) == figures(portfolio)


def test_where_nothing_came_nothing_is_touched(portfolio):
    before = Portfolio.objects.values_list("revision", "book_revision").get()
    assert fill_in_worths(LATER) == 0
    assert Portfolio.objects.values_list("revision", "book_revision").get() == before


def test_it_is_done_once(portfolio, bitcoin):
    candles(bitcoin, 3600, [20_000.0], end=DAY)
    assert (fill_in_worths(LATER), fill_in_worths(LATER)) == (1, 0)
    assert not Transaction.objects.filter(awaits_close=True).exists()


def test_what_is_known_stays_while_the_rest_is_filled_in(bitcoin):
    bnb = a_token("BNB", "binancecoin")
    portfolio = a_portfolio(a_user())
    candles(bitcoin, 3600, [20_000.0], end=DAY)
    moment = 20 / 1440
    row = record(
        portfolio, "buy", 10, None, day=moment, **SWAP, fee_asset="binancecoin", fee_quantity=D("0.01")
    )
    candles(bitcoin, 900, [30_000.0], end=DAY + timedelta(minutes=15))
    candles(bnb, 900, [600.0], end=DAY + timedelta(minutes=15))
    assert fill_in_worths(LATER) == 1
    row.refresh_from_db()
    assert (row.market_worth_usd, row.market_fee_usd, row.awaits_close) == (1000, 6, False)


def test_rows_of_several_owners_are_taken_some_at_a_time(bitcoin, monkeypatch):
    monkeypatch.setattr(filling, "AT_ONCE", 2)
    owners = [a_user(f"user{number}") for number in range(2)]
    for owner in owners:
        portfolio = a_portfolio(owner)
        for day in range(5):
            record(portfolio, "buy", 10, None, day=day, **SWAP)
    candles(bitcoin, 3600, [20_000.0] * 97, end=DAY + timedelta(days=4))
    assert fill_in_worths(LATER) == 10
    for portfolio in Portfolio.objects.all():
        assert portfolio.holdings.get(asset="solana").cost_usd == 5000
        assert portfolio.is_current


def test_the_job_says_how_many_there_were(portfolio, bitcoin):
    candles(bitcoin, 3600, [20_000.0], end=DAY)
    tasks.fill_in_worths()
    assert JobRun.objects.get(job="market-worths").detail == "1 transactions valued at market"
