"""The exchange's balance beside the book: a difference that lasts is told, and nothing is booked for it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.lib.clock import wall_now
from portfolios.accounting.movements import Kind
from portfolios.exchanges.records import Balance
from portfolios.models import Transaction
from portfolios.selectors.connections import (
    balance_differences,
    completeness,
    connection_of,
    stale_connections,
)
from portfolios.services.entries import Entry
from portfolios.services.syncing import sync_due
from portfolios.services.transactions import record_transaction
from tests.make.accounts import a_user
from tests.make.exchanges import DAY, NOW, a_connection, a_deposit, a_trade, a_withdrawal

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def sync_twice():
    for at in (NOW, NOW + 6 * MINUTE):
        sync_due(clock=lambda at=at: at)


def found(owner):
    return [(one.ticker, one.total, one.booked, one.missing) for one in balance_differences(owner.id)]


def test_what_agrees_is_no_difference(alice, exchange):
    exchange.deposits, exchange.withdrawals, exchange.trades = [a_deposit()], [a_withdrawal()], [a_trade()]
    exchange.balances = [Balance("SOL", Decimal("3.99")), Balance("USD", Decimal(7))]
    a_connection(alice)
    sync_twice()
    assert found(alice) == []


@pytest.mark.parametrize(("said", "missing"), [("7", "2"), ("1.5", "-3.5")])
def test_what_differs_is_told_once_it_lasts(alice, exchange, said, missing):
    exchange.deposits, exchange.balances = [a_deposit()], [Balance("SOL", Decimal(said))]
    a_connection(alice)
    sync_due(clock=lambda: NOW)
    assert found(alice) == []  # it may have happened just now
    sync_due(clock=lambda: NOW + 6 * MINUTE)
    assert found(alice) == [("SOL", Decimal(said), Decimal(5), Decimal(missing))]
    assert Transaction.objects.count() == 1


def test_a_difference_that_went_is_forgotten(alice, exchange):
    exchange.deposits, exchange.balances = [a_deposit()], [Balance("SOL", Decimal(7))]
    a_connection(alice)
    sync_twice()
    exchange.balances = [Balance("SOL", Decimal(5))]
    sync_due(clock=lambda: NOW + 12 * MINUTE)
    assert found(alice) == []


def test_its_owner_books_what_is_missing_by_hand(alice, exchange):
    exchange.deposits, exchange.balances = [a_deposit()], [Balance("SOL", Decimal(7))]
    connection = a_connection(alice)
    sync_twice()
    record_transaction(
        owner_id=alice.id,
        portfolio_id=connection.portfolio_id,
        entry=Entry(kind=Kind.REWARD, executed_at=DAY, asset="solana", quantity=Decimal(2)),
        now=wall_now(),
        wall=wall_now(),
    )
    assert found(alice) == []


def test_what_is_held_elsewhere_is_no_difference(alice, exchange):
    exchange.deposits, exchange.balances = [a_deposit()], [Balance("SOL", Decimal(5))]
    connection = a_connection(alice)
    record_transaction(
        owner_id=alice.id,
        portfolio_id=connection.portfolio_id,
        entry=Entry(kind=Kind.BUY, executed_at=DAY, asset="solana", quantity=Decimal(40)),
        now=wall_now(),
        wall=wall_now(),
    )
    sync_twice()
    assert found(alice) == []


def test_another_users_are_not_told(alice, exchange):
    exchange.deposits, exchange.balances = [a_deposit()], [Balance("SOL", Decimal(7))]
    a_connection(alice)
    sync_twice()
    assert found(a_user("bob")) == []


def test_completeness_says_how_far_the_history_is(alice, exchange):
    connection = a_connection(alice)
    assert completeness(connection.cursors.all()) == "unknown"
    sync_due(clock=lambda: NOW)
    assert completeness(connection.cursors.all()) == "complete"


def test_a_connection_that_was_not_read_for_long_is_stale(alice, exchange):
    connection = a_connection(alice)
    sync_due(clock=lambda: NOW)
    assert stale_connections(alice.id, NOW + 50 * MINUTE) == []
    assert stale_connections(alice.id, NOW + 61 * MINUTE) == [connection_of(alice.id, connection.id)]
