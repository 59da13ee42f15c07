"""What nobody stated the worth of is valued by the last stored close before it, and says so."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from markets.models import Candle, Token
from portfolios.models import Holding, Transaction
from portfolios.selectors.issues import issues_of
from portfolios.services.issues import name_token, state_worth
from portfolios.services.recording import record_many
from portfolios.services.transactions import change_transaction
from tests.make.accounts import a_user
from tests.make.booking import LATER, entry, figures, record, worked_out_anew
from tests.make.markets import a_token, candles
from tests.make.portfolios import DAY, a_portfolio

pytestmark = pytest.mark.django_db
QUARTER, HOUR = 900, 3600
SWAP = {"quote_asset": "bitcoin", "quote_quantity": D("0.05")}
BNB_FEE = {"fee_asset": "binancecoin", "fee_quantity": D("0.01")}


@pytest.fixture
def portfolio():
    a_token("SOL", "solana")
    return a_portfolio(a_user())


@pytest.fixture
def bitcoin() -> Token:
    return a_token("BTC", "bitcoin")


@pytest.fixture
def bnb() -> Token:
    return a_token("BNB", "binancecoin")


def holding(portfolio, asset="solana") -> Holding:
    return Holding.objects.get(portfolio=portfolio, asset=asset)


def change(row: Transaction, **changes) -> Transaction:
    return change_transaction(
        owner_id=row.portfolio.owner_id,
        portfolio_id=row.portfolio_id,
        transaction_id=row.pk,
        changes=changes,
        now=LATER,
        wall=LATER,
    )


def test_a_fee_in_a_token_is_worth_its_last_close(portfolio, bnb):
    candles(bnb, QUARTER, [590.0, 600.0, 999.0], end=DAY + timedelta(minutes=15))
    row = record(portfolio, "buy", 10, 100, **BNB_FEE)
    (worth,) = row.valued
    assert (row.fee_usd, row.market_fee_usd, worth.close.closed_at) == (None, 6, DAY)
    assert (holding(portfolio).cost_usd, holding(portfolio, "binancecoin").short) == (1006, D("0.01"))


def test_a_trade_for_a_coin_is_worth_what_was_given(portfolio, bitcoin):
    candles(bitcoin, QUARTER, [20_000.0], end=DAY)
    record(portfolio, "buy", "0.05", 19_000, asset="bitcoin", day=-1)
    row = record(portfolio, "buy", 10, None, **SWAP)
    given, got = holding(portfolio, "bitcoin"), holding(portfolio)
    assert (row.price_usd, row.market_worth_usd) == (None, 1000)
    assert (got.cost_usd, got.quantity_of_unknown_cost, given.realised_usd) == (1000, 0, 50)


def test_a_sale_for_a_coin_brings_what_the_coin_costs(portfolio, bitcoin):
    candles(bitcoin, QUARTER, [20_000.0], end=DAY)
    record(portfolio, "buy", 10, 90, day=-1)
    record(portfolio, "sell", 10, None, **SWAP)
    assert (holding(portfolio).realised_usd, holding(portfolio, "bitcoin").cost_usd) == (100, 1000)


@pytest.mark.parametrize("kind", ["reward", "airdrop"])
def test_what_was_earned_is_worth_its_last_close(portfolio, kind):
    candles(Token.objects.get(), HOUR, [80.0], end=DAY)
    record(portfolio, kind, 2, None)
    assert (holding(portfolio).income_usd, holding(portfolio).cost_usd) == (160, 160)


@pytest.mark.parametrize(("minutes", "known"), [(0, True), (59, True), (60, False), (-1, False)])
def test_a_close_counts_for_less_than_an_hour_and_never_before_it_was_known(
    portfolio, bitcoin, minutes, known
):
    candles(bitcoin, QUARTER, [20_000.0], end=DAY)
    row = record(portfolio, "buy", 10, None, day=minutes / 1440, **SWAP)
    assert (row.market_worth_usd is not None, row.awaits_close) == (known, not known)


def test_a_newer_quarter_hour_comes_before_the_hour(portfolio, bitcoin):
    candles(bitcoin, HOUR, [20_000.0], end=DAY)
    candles(bitcoin, QUARTER, [20_001.0, 20_100.0], end=DAY + timedelta(minutes=15))
    row = record(portfolio, "buy", 10, None, day=20 / 1440, **SWAP)
    assert row.market_worth_usd == 1005


def test_of_two_sides_the_stablecoin_tells_it(portfolio):
    candles(Token.objects.get(), QUARTER, [100.0], end=DAY)
    coin = a_token("USDC", "usd-coin", category=Token.Category.STABLECOIN)
    candles(coin, HOUR, [0.999], end=DAY - timedelta(minutes=0), points=True)
    row = record(portfolio, "sell", 10, None, quote_asset="usd-coin", quote_quantity=D(1010))
    assert (row.market_worth_usd, row.valued[0].close.symbol) == (D("1008.99"), "USDC")


def test_where_what_was_paid_has_no_close_what_was_bought_tells_it(portfolio):
    candles(Token.objects.get(), QUARTER, [100.0], end=DAY)
    assert (
        record(portfolio, "buy", 10, None, quote_asset="WHAT", quote_quantity=D(3)).market_worth_usd == 1000
    )
    assert (
        record(portfolio, "buy", 10, None, quote_asset="EUR", quote_quantity=D(900)).market_worth_usd == 1000
    )


def test_what_was_paid_in_dollars_is_for_the_owner_to_say(portfolio):
    candles(Token.objects.get(), QUARTER, [100.0], end=DAY)
    row = record(portfolio, "buy", 10, None)
    assert (row.market_worth_usd, row.awaits_close) == (None, False)


@pytest.mark.parametrize("kind", ["transfer_in", "transfer_out"])
def test_a_transfer_has_no_worth_that_a_market_knows(portfolio, kind):
    candles(Token.objects.get(), QUARTER, [100.0], end=DAY)
    assert record(portfolio, kind, 10, None).market_worth_usd is None


def test_without_a_close_the_cost_is_unknown_and_asked_for(portfolio, bitcoin):
    record(portfolio, "buy", 10, None, **SWAP)
    assert holding(portfolio).quantity_of_unknown_cost == 10
    assert "unknown_worth" in {issue.kind.value for issue in issues_of(portfolio, LATER)}


def test_what_is_valued_is_no_issue(portfolio, bitcoin):
    candles(bitcoin, QUARTER, [20_000.0], end=DAY)
    record(portfolio, "buy", 10, None, **SWAP)
    assert "unknown_worth" not in {issue.kind.value for issue in issues_of(portfolio, LATER)}


def test_what_the_owner_states_counts_and_is_not_touched(portfolio, bitcoin, bnb):
    candles(bitcoin, QUARTER, [20_000.0], end=DAY)
    candles(bnb, QUARTER, [600.0], end=DAY)
    row = record(portfolio, "buy", 10, 90, **SWAP, **BNB_FEE, fee_usd=D(5))
    assert (row.valued, row.price_usd, row.fee_usd, holding(portfolio).cost_usd) == ((), 90, 5, 905)


def test_a_price_that_is_stated_later_takes_the_place_of_the_markets(portfolio, bitcoin):
    candles(bitcoin, QUARTER, [20_000.0], end=DAY)
    row = record(portfolio, "buy", 10, None, **SWAP)
    state_worth(
        owner_id=portfolio.owner_id,
        portfolio_id=portfolio.pk,
        transaction_id=row.pk,
        price_usd=D(99),
        now=LATER,
        wall=LATER,
    )
    row.refresh_from_db()
    assert (row.valued, row.market_worth_usd, holding(portfolio).cost_usd) == ((), None, 990)


def test_a_worth_stays_what_it_was_whatever_is_stored_later(portfolio, bitcoin):
    candles(bitcoin, HOUR, [20_000.0], end=DAY)
    row = record(portfolio, "buy", 10, None, day=20 / 1440, **SWAP)
    candles(bitcoin, QUARTER, [30_000.0], end=DAY + timedelta(minutes=15))
    assert change(row, note="kept").market_worth_usd == 1000
    Candle.objects.all().delete()
    assert change(row, quote_quantity=D("0.06")).market_worth_usd == 1200
    assert figures(portfolio) == worked_out_anew(portfolio)


def test_another_moment_has_another_worth(portfolio, bitcoin):
    candles(bitcoin, QUARTER, [20_000.0, 22_000.0], end=DAY + timedelta(minutes=15))
    row = record(portfolio, "buy", 10, None, **SWAP)
    assert change(row, executed_at=DAY + timedelta(minutes=16)).market_worth_usd == 1100


def test_a_ticker_that_gets_a_name_gets_its_worth(portfolio):
    candles(a_token("JUP", "jupiter"), QUARTER, [0.5], end=DAY)
    record(portfolio, "buy", 10, None, quote_asset="JUPITER", quote_quantity=D(2000))
    name_token(
        owner_id=portfolio.owner_id,
        portfolio_id=portfolio.pk,
        asset="JUPITER",
        coingecko_id="jupiter",
        wall=LATER,
    )
    assert holding(portfolio).cost_usd == 1000


def test_more_than_figures_are_kept_of_stays_unknown(portfolio, bitcoin):
    candles(bitcoin, QUARTER, [20_000.0], end=DAY)
    row = record(portfolio, "buy", 10, None, quote_asset="bitcoin", quote_quantity=D(10**15))
    assert (row.market_worth_usd, row.valued) == (None, ())


def test_many_rows_are_valued_by_two_questions(portfolio, bitcoin, bnb, django_assert_num_queries):
    from portfolios.services.at_market import value_at_market

    candles(bitcoin, QUARTER, [20_000.0] * 8, end=DAY)
    candles(bnb, QUARTER, [600.0] * 8, end=DAY)
    rows = [
        Transaction(
            portfolio=portfolio,
            kind="buy",
            executed_at=DAY - timedelta(minutes=place),
            asset="solana",
            quantity=D(10),
            **SWAP,
            **BNB_FEE,
        )
        for place in range(60)
    ]
    with django_assert_num_queries(2):
        value_at_market(rows)
    assert {(row.market_worth_usd, row.market_fee_usd) for row in rows} == {(1000, 6)}


def test_where_every_worth_is_known_nothing_is_asked(portfolio, django_assert_num_queries):
    from portfolios.services.at_market import value_at_market

    rows = [Transaction(portfolio=portfolio, kind="buy", asset="solana", quantity=D(1), price_usd=D(1))]
    with django_assert_num_queries(0):
        value_at_market(rows)


def test_many_at_once_come_to_the_same_as_one_by_one(portfolio, bitcoin, bnb):
    candles(bitcoin, QUARTER, [20_000.0, 21_000.0], end=DAY)
    candles(bnb, QUARTER, [600.0, 610.0], end=DAY)
    other = a_portfolio(portfolio.owner, name="Other")
    told = [
        entry("buy" if place % 3 else "sell", 1 + place, None, day=(place - 5) / 480, **SWAP, **BNB_FEE)
        for place in range(6)
    ]
    for one in told:
        record(
            portfolio,
            one.kind.value,
            one.quantity,
            None,
            day=(one.executed_at - DAY) / timedelta(days=1),
            **SWAP,
            **BNB_FEE,
        )
    record_many(
        owner_id=portfolio.owner_id,
        portfolio_id=other.pk,
        entries=told,
        origin=Transaction.Origin.FILE,
        wall=LATER,
    )
    assert figures(other) == figures(portfolio) == worked_out_anew(portfolio)
