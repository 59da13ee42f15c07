"""A transaction at the end is applied alone: with the same result as working out anew, at a cost that does not grow."""

from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portfolios.models import Lot, Transaction
from portfolios.services import booking
from portfolios.services.matching import record_transfer
from portfolios.services.recording import record_many
from tests.make.accounts import a_user
from tests.make.booking import LATER, entry, figures, record, worked_out_anew
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio

pytestmark = pytest.mark.django_db
METHODS = ("fifo", "lifo", "hifo", "average")


@pytest.fixture(autouse=True)
def _solana():
    a_token(coingecko_id="solana")


def any_entry(chance, day):
    kind = chance.choice(["buy", "buy", "buy", "sell", "sell", "reward", "airdrop", "fee", "transfer_in"])
    price = chance.choice([None, chance.randint(1, 300)])
    return entry(kind, chance.randint(1, 9), price, day=day)


def record_all(portfolio, entries, **more):
    origin = Transaction.Origin.EXCHANGE
    return record_many(
        owner_id=portfolio.owner_id,
        portfolio_id=portfolio.pk,
        entries=entries,
        origin=origin,
        wall=LATER,
        **more,
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", METHODS)
def test_appended_in_parts_is_as_worked_out_anew(method, seed, monkeypatch):
    monkeypatch.setattr("portfolios.services.booking.appending.LOTS_AT_FIRST", 1)
    chance = Random(seed)
    main = a_portfolio(a_user(), method=method)
    cold = a_portfolio(main.owner, name="Cold", method=chance.choice(METHODS))
    for step in range(6):
        record_all(main, [any_entry(chance, step + share / 10) for share in range(chance.randint(1, 4))])
        moved = entry("transfer_out", chance.randint(1, 5), None, day=step + 0.9)
        record_transfer(
            owner_id=main.owner_id,
            portfolio_id=main.pk,
            to_portfolio_id=cold.pk,
            entry=moved,
            now=LATER,
            wall=LATER,
        )
    appended = figures(main), figures(cold)
    assert appended == (worked_out_anew(main), figures(cold))


def test_the_order_in_which_rows_are_entered_changes_nothing():
    chance = Random(9)
    entries = [any_entry(chance, day // 2) for day in range(12)]
    alice = a_user()
    found = []
    for name in "ab":
        portfolio = a_portfolio(alice, name=name)
        for one in entries:
            record_all(portfolio, [one])
        found.append(figures(portfolio))
        entries = entries[::-1]
    assert found[0] == found[1]


@pytest.mark.parametrize("method", METHODS)
def test_one_more_costs_the_same_however_many_there_are(method):
    portfolio = a_portfolio(a_user(), method=method)
    record_all(portfolio, [entry(price=100 + day, day=day) for day in range(5)])
    few = queries_of(portfolio, day=10)
    record_all(portfolio, [entry(price=100 + day, day=day) for day in range(11, 90)])
    assert queries_of(portfolio, day=100) == few


def queries_of(portfolio, day):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        record(portfolio, "sell", 1, day=day)
    return len(seen)


@pytest.mark.parametrize(
    "order", [("acquired_at", "place"), ("-acquired_at", "-place"), ("-each_usd", "place")]
)
def test_open_lots_are_found_by_an_index_that_holds_no_used_up_ones(order):
    portfolio = a_portfolio(a_user())
    open_lots = Lot.objects.filter(portfolio=portfolio, asset="solana", is_open=True).order_by(*order)[:16]
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = open_lots.explain()
    assert "open_lots_by_" in plan
    assert "TEMP B-TREE" not in plan


def test_a_movement_within_the_last_moment_is_worked_out_anew():
    """What comes in is booked before what goes out at that time, in whatever order the two are entered."""
    portfolio = a_portfolio(a_user())
    record(portfolio, "sell", 10, 150)
    record(portfolio, "buy", 10, 100)
    assert (portfolio.holdings.get().realised_usd, portfolio.holdings.get().short) == (500, 0)


def test_a_marked_asset_waits_for_its_job(monkeypatch):
    monkeypatch.setattr(booking, "MOST_AT_ONCE", 0)
    portfolio = a_portfolio(a_user())
    record_all(portfolio, [entry()], later=True)
    record(portfolio, day=5)
    assert not portfolio.holdings.exists()
