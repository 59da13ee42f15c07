"""Every figure of a holding is the sum of what it opens into."""

from decimal import Decimal as D
from random import Random

import pytest

from core.lib.errors import NotFound
from portfolios.accounting.exact import total
from portfolios.accounting.movements import Method
from portfolios.models import Holding
from portfolios.selectors.sums import by_each_method, opened_holding
from portfolios.services.matching import record_transfer
from tests.make.accounts import a_user
from tests.make.booking import LATER, entry, record
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio
from tests.portfolios.test_appending import METHODS, any_entry, record_all

pytestmark = pytest.mark.django_db
FIGURES = {
    "quantity": "quantity",
    "cost": "cost_usd",
    "realised": "realised_usd",
    "fees": "fees_usd",
    "income": "income_usd",
}


@pytest.fixture(autouse=True)
def _solana():
    a_token(coingecko_id="solana")


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("method", METHODS)
def test_each_figure_is_the_sum_of_its_terms(method, seed):
    chance = Random(seed)
    main = a_portfolio(a_user(), method=method)
    cold = a_portfolio(main.owner, name="Cold", method=method)
    for portfolio in (main, cold):
        record_all(portfolio, [any_entry(chance, day) for day in range(20)])
    moved = entry("transfer_out", 5, 90, day=9.5, fee_quantity=D(chance.randint(0, 2)))
    record_transfer(
        owner_id=main.owner_id,
        portfolio_id=main.pk,
        to_portfolio_id=cold.pk,
        entry=moved,
        arrived=D(4),
        now=LATER,
        wall=LATER,
    )
    for holding in Holding.objects.select_related("portfolio"):
        shown = opened_holding(holding.portfolio, holding.asset)
        for name, column in FIGURES.items():
            assert getattr(shown, name).total == getattr(holding, column), name


@pytest.mark.parametrize("method", METHODS)
def test_an_open_lot_is_what_came_less_what_was_used(method):
    portfolio = a_portfolio(a_user(), method=method)
    for day, (kind, quantity) in enumerate([("buy", 5), ("buy", 5), ("sell", 3), ("buy", 2), ("sell", 4)]):
        record(portfolio, kind, quantity, 100 + day, day=day)
    for term in opened_holding(portfolio, "solana").cost.terms:
        came, went = total(part.cost_usd for part in term.parts), total(use.cost_usd for use in term.uses)
        assert term.amount == came - went
        assert term.lot.remaining == term.lot.quantity - total(use.quantity for use in term.uses)


def test_what_is_unknown_is_named_and_left_out():
    portfolio = a_portfolio(a_user())
    record(portfolio, "airdrop", 1, None)
    record(portfolio, "sell", 3, 100, day=1)
    shown = opened_holding(portfolio, "solana")
    assert (shown.income.unknown, shown.realised.unknown, shown.realised.total) == (1, 2, 0)
    assert shown.quantity.terms[-1].transaction is None


def test_a_fee_of_unknown_worth_is_shown_where_it_counts():
    portfolio = a_portfolio(a_user())
    record(portfolio, fee_asset="BNB", fee_quantity=D("0.01"))
    record(portfolio, "reward", 1, 5, day=1, fee_asset="BNB", fee_quantity=D("0.02"))
    fees = {asset: opened_holding(portfolio, asset).fees for asset in ("solana", "BNB")}
    assert [term.quantity for term in fees["solana"].terms] == [D("0.01")]
    assert [term.quantity for term in fees["BNB"].terms] == [D("0.02")]
    assert fees["solana"].unknown == fees["BNB"].unknown == 1


def test_what_was_lost_on_the_way_is_a_fee_of_that_quantity():
    main = a_portfolio(a_user())
    record(main)
    record_transfer(
        owner_id=main.owner_id,
        portfolio_id=main.pk,
        to_portfolio_id=a_portfolio(main.owner, name="Cold").pk,
        entry=entry("transfer_out", 5, 90, day=1),
        arrived=D(4),
        now=LATER,
        wall=LATER,
    )
    (term,) = opened_holding(main, "solana").fees.terms
    assert (term.quantity, term.amount) == (1, 90)


def test_the_four_methods_side_by_side_come_to_the_same():
    portfolio = a_portfolio(a_user(), method="hifo")
    for day, (kind, price) in enumerate([("buy", 100), ("buy", 300), ("buy", 200), ("sell", 250)]):
        record(portfolio, kind, 10, price, day=day)
    sides = by_each_method(portfolio, "solana")
    assert [side.holding.realised_usd for side in sides] == [1500, 500, -500, 500]
    assert len({side.holding.realised_usd + side.unrealised_usd(400) for side in sides}) == 1
    assert [side.method for side in sides if side.is_own] == [Method.HIFO]


def test_a_change_is_seen_at_once():
    portfolio = a_portfolio(a_user())
    record(portfolio)
    by_each_method(portfolio, "solana")
    record(portfolio, day=1)
    portfolio.refresh_from_db()
    assert by_each_method(portfolio, "solana")[0].holding.quantity == 20


def test_an_asset_that_never_moved_has_no_sum():
    with pytest.raises(NotFound):
        opened_holding(a_portfolio(a_user()), "solana")
