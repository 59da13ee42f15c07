"""Transfers between own portfolios: suggested, matched by the user's word, and parted again."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from core.lib.errors import Conflict, NotFound
from portfolios.accounting.movements import Kind
from portfolios.models import Transaction
from portfolios.selectors.matching import suggested_matches
from portfolios.services.matching import match_transfer, record_transfer, unmatch_transfer
from portfolios.services.transactions import change_transaction, delete_transaction
from tests.make.accounts import a_user
from tests.make.booking import LATER, entry, record
from tests.make.markets import a_token
from tests.make.portfolios import DAY, a_portfolio, a_transaction

pytestmark = pytest.mark.django_db
OUT, IN = Kind.TRANSFER_OUT, Kind.TRANSFER_IN


@pytest.fixture(autouse=True)
def _solana():
    a_token(coingecko_id="solana")


@pytest.fixture
def hot():
    return a_portfolio(a_user())


@pytest.fixture
def cold(hot):
    return a_portfolio(hot.owner, name="Cold")


def matched(hot, cold, arrived=10):
    record(hot, Kind.BUY, 10, 100)
    out, come = record(hot, OUT, 10, None, day=1), record(cold, IN, arrived, None, day=1.01)
    match_transfer(owner_id=hot.owner_id, departure_id=out.pk, arrival_id=come.pk, wall=LATER)
    return out, come


def test_a_matched_transfer_brings_its_cost(hot, cold):
    matched(hot, cold)
    assert cold.holdings.get().cost_usd == 1000
    assert cold.lots.get().acquired_at == DAY


def test_a_parted_transfer_has_an_unknown_cost_again(hot, cold):
    _, come = matched(hot, cold)
    unmatch_transfer(owner_id=hot.owner_id, transaction_id=come.pk, wall=LATER)
    assert cold.holdings.get().quantity_of_unknown_cost == 10
    assert not Transaction.objects.exclude(pair=None).exists()


def test_a_change_where_it_came_from_changes_the_cost_where_it_went(hot, cold):
    matched(hot, cold)
    bought = Transaction.objects.get(kind=Kind.BUY)
    change_transaction(
        owner_id=hot.owner_id,
        portfolio_id=hot.pk,
        transaction_id=bought.pk,
        changes={"price_usd": D(70)},
        now=LATER,
        wall=LATER,
    )
    before = cold.revision
    cold.refresh_from_db()
    assert cold.holdings.get().cost_usd == 700
    assert cold.revision > before


def test_a_deleted_end_leaves_the_other_alone(hot, cold):
    out, come = matched(hot, cold)
    delete_transaction(owner_id=hot.owner_id, portfolio_id=hot.pk, transaction_id=out.pk, wall=LATER)
    come.refresh_from_db()
    assert come.pair is None
    assert cold.holdings.get().quantity_of_unknown_cost == 10


def test_a_changed_quantity_parts_a_transfer(hot, cold):
    out, come = matched(hot, cold)
    change_transaction(
        owner_id=hot.owner_id,
        portfolio_id=hot.pk,
        transaction_id=out.pk,
        changes={"quantity": D(3)},
        now=LATER,
        wall=LATER,
    )
    come.refresh_from_db()
    assert come.pair is None


def test_both_ends_in_one_step_are_appended_with_their_lots(hot, cold):
    record(hot, Kind.BUY, 10, 100)
    record_transfer(
        owner_id=hot.owner_id,
        portfolio_id=hot.pk,
        to_portfolio_id=cold.pk,
        entry=entry(OUT, 4, None, day=1),
        arrived=D("3.9"),
        now=LATER,
        wall=LATER,
    )
    assert cold.holdings.get().cost_usd == 390
    assert hot.holdings.get().realised_usd == -10


@pytest.mark.parametrize(
    "arrival",
    [{"kind": OUT}, {"quantity": D(11)}, {"asset": "JUP"}, {"executed_at": DAY - timedelta(days=2)}],
)
def test_what_cannot_be_one_transfer_is_refused(hot, cold, arrival):
    out = a_transaction(hot, kind=OUT)
    come = a_transaction(cold, **{"kind": IN} | arrival)
    with pytest.raises(Conflict):
        match_transfer(owner_id=hot.owner_id, departure_id=out.pk, arrival_id=come.pk, wall=LATER)


def test_a_strangers_transfer_is_not_there(hot, cold):
    out, come = a_transaction(hot, kind=OUT), a_transaction(a_portfolio(a_user("bob")), kind=IN)
    with pytest.raises(NotFound):
        match_transfer(owner_id=hot.owner_id, departure_id=out.pk, arrival_id=come.pk, wall=LATER)


def test_the_nearest_quantity_and_time_are_suggested(hot, cold):
    out = a_transaction(hot, kind=OUT)
    near = a_transaction(cold, kind=IN, quantity=D("9.99"), executed_at=DAY + timedelta(minutes=5))
    for changes in (
        {"quantity": D("9.99"), "executed_at": DAY + timedelta(hours=5)},
        {"quantity": D("9.9")},
        {"quantity": D(9)},
        {"quantity": D(11)},
        {"asset": "JUP"},
        {"executed_at": DAY + timedelta(days=9)},
    ):
        a_transaction(cold, **{"kind": IN} | changes)
    (suggested,) = suggested_matches(hot.owner_id)
    assert (suggested.departure, suggested.arrival, suggested.lost) == (out, near, D("0.01"))


def test_each_end_is_suggested_once(hot, cold):
    for minutes in range(3):
        a_transaction(hot, kind=OUT, executed_at=DAY + timedelta(minutes=minutes))
        a_transaction(cold, kind=IN, executed_at=DAY + timedelta(minutes=minutes, seconds=20))
    suggested = suggested_matches(hot.owner_id)
    assert [one.apart for one in suggested] == [timedelta(seconds=20)] * 3
