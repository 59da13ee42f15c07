"""From transactions to lots and holdings, on the tables."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D

import pytest

from core.lib.errors import BadInput, Conflict, NotFound
from portfolios import tasks
from portfolios.models import Holding, Transaction, UnbookedAsset
from portfolios.services import booking
from portfolios.services.booking import later
from portfolios.services.booking.later import catch_up
from portfolios.services.portfolios import change_portfolio
from portfolios.services.recording import delete_many, record_many
from portfolios.services.transactions import change_transaction, delete_transaction, record_transaction
from tests.make.accounts import a_user
from tests.make.booking import LATER, entry, figures, record, worked_out_anew
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _solana():
    a_token(coingecko_id="solana")


@pytest.mark.parametrize("method", ["fifo", "lifo", "hifo", "average"])
def test_appended_one_by_one_is_worked_out_as_anew(method):
    portfolio = a_portfolio(a_user(), method=method)
    for day, (kind, quantity, price) in enumerate(
        [("buy", 3, 100), ("buy", 3, 300), ("buy", 3, 200), ("sell", 5, 250), ("airdrop", 2, None), ("sell", 1, 90),
         ("reward", 1, 80), ("fee", "0.5", 85), ("sell", 4, 70), ("buy", 7, 60), ("sell", 10, 60), ("sell", 20, 60)]
    ):  # fmt: skip
        record(portfolio, kind, quantity, price, day=day, fee_quantity=D(kind != "fee"))
    assert figures(portfolio) == worked_out_anew(portfolio)


def test_a_transaction_in_the_past_changes_what_came_after():
    portfolio = a_portfolio(a_user())
    record(portfolio, "buy", 10, 100, day=1)
    record(portfolio, "sell", 10, 150, day=2)
    record(portfolio, "buy", 10, 50, day=0)
    assert portfolio.holdings.get().realised_usd == 1000


def test_a_portfolio_is_current_after_each_step():
    portfolio = a_portfolio(a_user())
    row = record(portfolio)
    delete_transaction(
        owner_id=portfolio.owner_id, portfolio_id=portfolio.pk, transaction_id=row.pk, wall=LATER
    )
    portfolio.refresh_from_db()
    assert (portfolio.revision, portfolio.is_current) == (2, True)
    assert not Holding.objects.exists()


def test_a_changed_transaction_is_booked_anew():
    portfolio = a_portfolio(a_user())
    row = record(portfolio)
    change_transaction(
        owner_id=portfolio.owner_id,
        portfolio_id=portfolio.pk,
        transaction_id=row.pk,
        changes={"quantity": D(4), "asset": "JUP"},
        now=LATER,
        wall=LATER,
    )
    assert list(portfolio.holdings.values_list("asset", "quantity")) == [("JUP", D(4))]


def test_a_stranger_has_no_such_portfolio():
    portfolio = a_portfolio(a_user())
    bob = a_user("bob")
    with pytest.raises(NotFound):
        record_transaction(owner_id=bob.pk, portfolio_id=portfolio.pk, entry=entry(), now=LATER, wall=LATER)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("quantity", {"quantity": D(0)}),
        ("quantity", {"quantity": D("1e-19")}),
        ("quantity", {"quantity": D("NaN")}),
        ("price_usd", {"price_usd": D(-1)}),
        ("executed_at", {"executed_at": LATER + timedelta(days=1)}),
        ("asset", {"asset": "no-such-token"}),
        ("asset", {"asset": "EUR"}),
        ("quote_asset", {"quote_asset": "solana", "quote_quantity": D(1)}),
        ("quote_quantity", {"quote_asset": "USDC"}),
        ("fee_quantity", {"fee_asset": "solana", "fee_quantity": D(10)}),
        ("quote_quantity", {"quote_quantity": D("Infinity"), "price_usd": None}),
        (
            "fee_quantity",
            {
                "quote_asset": "USDC",
                "quote_quantity": D("1e-18"),
                "fee_asset": "USDC",
                "fee_quantity": D(10) ** 15,
            },
        ),
        ("note", {"note": "two\nlines"}),
    ],
)
def test_what_cannot_be_is_refused_by_field(field, changes):
    portfolio = a_portfolio(a_user())
    with pytest.raises(BadInput) as refused:
        record_transaction(
            owner_id=portfolio.owner_id,
            portfolio_id=portfolio.pk,
            entry=replace(entry(), **changes),
            now=LATER,
            wall=LATER,
        )
    assert field in {detail.field for detail in refused.value.details}


def record_all(portfolio, entries, **more):
    return record_many(
        owner_id=portfolio.owner_id,
        portfolio_id=portfolio.pk,
        entries=entries,
        origin=Transaction.Origin.EXCHANGE,
        wall=LATER,
        **more,
    )


def test_what_an_exchange_tells_twice_is_booked_once():
    portfolio = a_portfolio(a_user())
    told = [entry(day=day, external_id=f"trade-{day}") for day in range(3)]
    record_all(portfolio, told[:2])
    again = record_all(portfolio, [*told, told[2]])
    assert (len(again.new), again.known) == (1, 3)
    assert portfolio.holdings.get().quantity == 30


def test_an_external_id_is_taken_once():
    portfolio = a_portfolio(a_user())
    record(portfolio, external_id="mine")
    with pytest.raises(Conflict):
        record(portfolio, external_id="mine")


def test_rows_left_for_later_are_worked_out_when_all_came():
    portfolio = a_portfolio(a_user())
    for day in range(3):
        record_all(portfolio, [entry(day=day)], later=True)
    portfolio.refresh_from_db()
    assert not portfolio.is_current
    assert catch_up(portfolio.owner_id) == 1
    portfolio.refresh_from_db()
    assert portfolio.is_current
    assert portfolio.holdings.get().quantity == 30


def test_a_large_asset_is_left_for_a_job(monkeypatch):
    monkeypatch.setattr(booking, "MOST_AT_ONCE", 2)
    portfolio = a_portfolio(a_user())
    for day in (3, 2, 1):
        record(portfolio, day=day)
    assert UnbookedAsset.objects.count() == 1
    record(portfolio, day=9)
    portfolio.refresh_from_db()
    assert not portfolio.is_current
    catch_up(portfolio.owner_id)
    assert portfolio.holdings.get().quantity == 40


def test_deleted_rows_take_their_lots_along():
    portfolio = a_portfolio(a_user())
    rows = record_all(portfolio, [entry(day=day) for day in range(3)]).new
    assert delete_many(
        owner_id=portfolio.owner_id, portfolio_id=portfolio.pk, transaction_ids=[rows[0].pk], wall=LATER
    )
    assert portfolio.holdings.get().quantity == 20


def test_a_job_works_out_what_was_left_and_its_owner_sees_it(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(booking, "MOST_AT_ONCE", 1)
    portfolio = a_portfolio(a_user())
    record(portfolio, day=2)
    with django_capture_on_commit_callbacks() as told:
        record(portfolio, day=1)
    assert len(told) == 2
    tasks.work_out_books(str(portfolio.owner_id))
    portfolio.refresh_from_db()
    assert (portfolio.is_current, portfolio.book_run.owner) == (True, portfolio.owner_id)
    assert portfolio.book_run.progress == 1


def test_the_sweep_finds_a_book_whose_message_was_lost(monkeypatch):
    portfolio = a_portfolio(a_user())
    record_all(portfolio, [entry()], later=True)
    assert later.owners_behind(LATER) == []
    assert later.owners_behind(LATER + timedelta(minutes=5)) == [portfolio.owner_id]


def test_a_change_while_a_job_works_is_not_lost(monkeypatch):
    portfolio = a_portfolio(a_user())
    record_all(portfolio, [entry()], later=True)
    real, meanwhile = later.book_of, [entry(day=1)]

    def book_of(*args):
        worked = real(*args)
        if meanwhile:
            record_all(portfolio, [meanwhile.pop()], later=True)
        return worked

    monkeypatch.setattr(later, "book_of", book_of)
    later.catch_up(portfolio.owner_id)
    assert portfolio.holdings.get().quantity == 20


def test_another_method_counts_the_same_lots_otherwise():
    portfolio = a_portfolio(a_user())
    for day, (kind, price) in enumerate([("buy", 100), ("buy", 300), ("sell", 400)]):
        record(portfolio, kind, 10, price, day=day)
    change_portfolio(
        owner_id=portfolio.owner_id, portfolio_id=portfolio.pk, changes={"method": "lifo"}, now=LATER
    )
    assert portfolio.holdings.get().realised_usd == 1000
