"""An account is read window by window, and each row is booked once."""

from decimal import Decimal

import pytest

from portfolios.exchanges.base import Credentials
from portfolios.exchanges.errors import ExchangeAway
from portfolios.exchanges.records import Balance, Refused, Side
from portfolios.models import Holding, SyncCursor, SyncRun, Transaction
from portfolios.services.connecting.examining import examine
from portfolios.services.connecting.joining import replace_keys
from portfolios.services.syncing.leasing import take
from portfolios.services.syncing.working import synchronise
from tests.make.exchanges import DAY, NOW, a_connection, a_deposit, a_trade, a_withdrawal
from tests.portfolios.exchange_accounts.reading import MINUTE, booked, sync, told

pytestmark = pytest.mark.django_db


def test_trades_deposits_and_withdrawals_become_transactions(alice, exchange):
    exchange.deposits, exchange.withdrawals = [a_deposit()], [a_withdrawal()]
    exchange.trades = [a_trade(1), a_trade(2, side=Side.SELL, quantity=Decimal("0.5"))]
    connection = a_connection(alice)
    assert sync() == 1
    assert booked() == [
        ("transfer_in", "solana", 5),
        ("buy", "solana", 1),
        ("sell", "solana", Decimal("0.5")),
        ("transfer_out", "solana", 2),
    ]
    assert {row.origin for row in Transaction.objects.all()} == {"exchange"}
    assert Holding.objects.get().quantity == Decimal("3.49")
    assert (told(connection).last_sync_at, connection.failures) == (NOW, 0)


@pytest.mark.parametrize(("dollar_coins", "price", "fee"), [(True, 100, 2), (False, None, None)])
def test_stablecoins_are_dollars_where_their_owner_takes_them_for_such(
    alice, exchange, dollar_coins, price, fee
):
    paid = {"quote": "USDT", "fee_asset": "SOL", "fee_quantity": Decimal("0.02")}
    exchange.trades = [a_trade(external_id="SOL/USDT:1", **paid)]
    a_connection(alice, dollar_coins=dollar_coins)
    sync()
    row = Transaction.objects.get()
    assert (row.quote_asset, row.price_usd, row.fee_usd) == ("USDT", price, fee)


def test_a_token_that_is_not_followed_keeps_its_ticker(alice, exchange):
    exchange.trades = [a_trade(base="NEWCOIN", quote="USDT", external_id="NEWCOIN/USDT:1")]
    a_connection(alice)
    sync()
    row = Transaction.objects.get()
    assert (row.asset, row.quote_asset, row.price_usd) == ("NEWCOIN", "USDT", None)


def test_money_that_came_is_no_token(alice, exchange):
    exchange.deposits = [a_deposit(asset="EUR"), a_deposit(2, asset="USD")]
    exchange.trades = [a_trade(base="EUR", quote="USD")]
    connection = a_connection(alice)
    sync()
    assert booked() == [] and told(connection).last_sync_at == NOW


def test_what_comes_twice_is_booked_once(alice, exchange):
    exchange.trades = [a_trade(1), a_trade(1), a_trade(2)]
    a_connection(alice)
    sync()
    sync(NOW + 6 * MINUTE)
    assert len(booked()) == 2


def test_the_next_window_begins_a_little_before_the_end_of_the_last(alice, exchange):
    a_connection(alice)
    sync()
    sync(NOW + 6 * MINUTE)
    first, second = (window for window, _ in exchange.asked)
    assert (first.since, first.until) == (None, NOW)
    assert (second.since, second.until) == (NOW - 10 * MINUTE, NOW + 6 * MINUTE)


def test_the_cursor_waits_for_what_is_not_settled(alice, exchange):
    exchange.open_from = DAY
    connection = a_connection(alice)
    sync()
    assert connection.cursors.get(kind="deposits").reached == DAY
    assert connection.cursors.get(kind="trades").reached == NOW


def test_the_cursor_stays_where_rows_made_no_sense(alice, exchange):
    exchange.trades, exchange.refused = [a_trade()], [Refused("trade", "price is below zero")]
    connection = a_connection(alice)
    sync()
    cursor = connection.cursors.get(kind="trades")
    assert (cursor.reached, cursor.refused) == (None, 1)
    assert len(booked()) == 1
    sync(NOW + 6 * MINUTE)
    assert len(exchange.asked) == 1  # asked again in an hour, not each time
    exchange.refused = []
    sync(NOW + 70 * MINUTE)
    cursor.refresh_from_db()
    assert (cursor.reached, cursor.refused) == (NOW + 70 * MINUTE, 0)


def test_a_new_token_is_looked_for_from_the_beginning(alice, exchange):
    a_connection(alice, exchange="binance")
    exchange.balances = [Balance("SOL", Decimal(1))]
    sync()
    sync(NOW + 6 * MINUTE)
    exchange.balances = [Balance("SOL", Decimal(1)), Balance("BONK", Decimal(1))]
    sync(NOW + 12 * MINUTE)
    assert [(window.since is None, set(assets)) for window, assets in exchange.asked] == [
        (True, {"SOL"}),
        (False, {"SOL"}),
        (True, {"SOL", "BONK"}),
    ]


def test_only_tokens_that_moved_are_looked_through_again(alice, exchange):
    a_connection(alice, exchange="binance")
    sol, btc, usdt = Balance("SOL", Decimal(1)), Balance("BTC", Decimal(1)), Balance("USDT", Decimal(9))
    exchange.balances = [sol, btc, usdt]
    for minutes in (0, 20, 40):
        sync(NOW + minutes * MINUTE)
    exchange.balances = [Balance("SOL", Decimal(2)), btc, Balance("USDT", Decimal(4))]
    for minutes in (60, 80, 100):
        sync(NOW + minutes * MINUTE)
    everything, moved = {"SOL", "BTC", "USDT"}, {"SOL", "USDT"}
    assert [set(assets) for _, assets in exchange.asked] == [
        everything,
        everything,  # the windows overlap
        set(),
        moved,
        moved,
        set(),
    ]


def test_what_moved_is_looked_through_however_long_it_could_not_be(alice, exchange):
    a_connection(alice, exchange="binance")
    exchange.balances = [Balance("SOL", Decimal(1)), Balance("USDT", Decimal(9))]
    sync()
    exchange.balances = [Balance("USDT", Decimal(4))]
    exchange.fails = lambda call: ExchangeAway("Away.", exchange="binance") if call == "trades" else None
    for minutes in (20, 60, 120):
        sync(NOW + minutes * MINUTE)
    exchange.fails, exchange.asked = lambda call: None, []
    sync(NOW + 600 * MINUTE)
    assert set(exchange.asked[-1][1]) == {"SOL", "USDT"}


def test_where_no_balance_is_believed_all_is_looked_through(alice, exchange):
    a_connection(alice, exchange="binance")
    exchange.balances = [Balance("SOL", Decimal(1)), Balance("USDT", Decimal(9))]
    sync()
    exchange.balances = []
    sync(NOW + 20 * MINUTE)
    assert set(exchange.asked[-1][1]) == {"SOL", "USDT"}


def test_a_long_history_is_read_in_slices_and_others_have_their_turn(alice, exchange):
    exchange.trades, exchange.page_size = [a_trade(number) for number in range(5)], 2
    connection = a_connection(alice)
    for slice_number in range(2):
        synchronise(take(connection.id, NOW), clock=lambda: NOW, slice_seconds=-1)
        assert told(connection).last_sync_at is None and connection.due_at == NOW
        assert len(booked()) == 2 * (slice_number + 1)
    synchronise(take(connection.id, NOW), clock=lambda: NOW, slice_seconds=-1)
    assert len(booked()) == 5 and told(connection).last_sync_at == NOW
    assert set(SyncRun.objects.values_list("state", flat=True)) == {"paused", "done"}


def test_new_keys_are_read_from_the_beginning(alice, exchange):
    exchange.trades = [a_trade()]
    connection = a_connection(alice)
    sync()
    exchange.good_keys = Credentials("another-key-0123456789", "another-secret")
    found = examine(owner_id=alice.id, exchange="kraken", credentials=exchange.good_keys)
    replace_keys(
        owner_id=alice.id,
        connection_id=connection.id,
        credentials=exchange.good_keys,
        examined=found,
        confirmed=False,
        now=NOW + MINUTE,
    )
    sync(NOW + MINUTE)
    assert exchange.asked[-1][0].since is None
    assert len(booked()) == 1 and told(connection).state == "active"


def test_cursors_are_one_of_a_kind(alice, exchange):
    a_connection(alice)
    sync()
    assert sorted(SyncCursor.objects.values_list("kind", flat=True)) == ["deposits", "trades", "withdrawals"]
