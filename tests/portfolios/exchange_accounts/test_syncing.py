"""An account is read window by window, each row once, and a worker may die at any instant."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from accounts.models import Mail
from alerts.models import InboxItem
from core.models import JobRun
from portfolios.exchanges.base import Credentials
from portfolios.exchanges.errors import AnswerUnusable, ExchangeAway, LimitReached, WrongKeys
from portfolios.exchanges.records import Balance, Refused, Rights, Side, Verdict
from portfolios.models import Connection, Holding, SyncCursor, SyncRun, Transaction
from portfolios.services.connecting.asking import ask_for_sync
from portfolios.services.connecting.examining import examine
from portfolios.services.connecting.joining import replace_keys
from portfolios.services.syncing import sync_due
from portfolios.services.syncing.leasing import LEASE, release_leases, take, take_next
from portfolios.services.syncing.working import synchronise
from tests.make.accounts import a_user
from tests.make.exchanges import DAY, KEYS, NOW, a_connection, a_deposit, a_trade, a_withdrawal
from tests.make.markets import a_token

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def alice():
    a_token("SOL", coingecko_id="solana")
    return a_user("alice")


def sync(at=NOW, **options):
    count = sync_due(clock=lambda: at, **options)
    return count


def booked():
    rows = Transaction.objects.order_by("executed_at", "external_id")
    return [(row.kind, row.asset, row.quantity) for row in rows]


def told(connection):
    connection.refresh_from_db()
    return connection


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


@pytest.mark.parametrize("after", range(7))
def test_a_worker_that_dies_loses_and_doubles_nothing(alice, exchange, after):
    """It dies in one of its seven calls; another takes over when its lease has ended."""
    exchange.trades, exchange.page_size = [a_trade(number) for number in range(5)], 2
    exchange.deposits = [a_deposit()]
    connection = a_connection(alice)
    exchange.calls.clear()

    class Killed(BaseException): ...

    exchange.fails = lambda call: Killed() if len(exchange.calls) > after else None
    with pytest.raises(Killed):
        sync()
    exchange.fails = lambda call: None
    assert sync() == 0  # still held by the dead
    assert sync(NOW + LEASE + MINUTE) == 1
    assert len(booked()) == 6
    assert list(connection.runs.order_by("id").values_list("state", flat=True)) == ["lost", "done"]


def test_a_connection_is_in_one_workers_hands(alice, exchange):
    connection = a_connection(alice)
    assert take(connection.id, NOW) is not None
    assert take(connection.id, NOW) is None and take_next(NOW, 8) is None
    assert release_leases(NOW) == 1
    assert take_next(NOW, 8) is not None


def test_who_lost_his_lease_stores_nothing_more(alice, exchange):
    exchange.trades = [a_trade()]
    connection = a_connection(alice)
    late = take(connection.id, NOW)
    exchange.fails = lambda call: (
        Connection.objects.filter(id=connection.id).update(lease=uuid4()) and None
        if call == "trades"
        else None
    )
    synchronise(late, clock=lambda: NOW)
    assert booked() == [] and told(connection).last_sync_at is None


def test_a_fault_is_tried_again_three_times_soon_and_then_at_its_regular_times(alice, exchange):
    exchange.fails = lambda call: ExchangeAway("Kraken did not answer in time.", exchange="kraken")
    connection = a_connection_before(alice, exchange)
    at, waits = NOW, []
    for _ in range(5):
        assert sync(at) == 1
        waits.append((told(connection).due_at - at).total_seconds())
        at = connection.due_at
    assert [low <= wait <= high for wait, (low, high) in zip(waits, BOUNDS, strict=True)] == [True] * 5
    assert (connection.failures, connection.state) == (5, "active")
    assert connection.last_error == "Kraken did not answer in time."


BOUNDS = [(7, 23), (15, 45), (30, 90), (225, 375), (450, 750)]


def a_connection_before(alice, exchange):
    """Made before things went wrong."""
    failing, exchange.fails = exchange.fails, lambda call: None
    connection = a_connection(alice)
    exchange.fails = failing
    return connection


def test_the_exchange_says_when_to_come_back(alice, exchange):
    exchange.fails = lambda call: ExchangeAway("Maintenance.", exchange="kraken", retry_after=600)
    connection = a_connection_before(alice, exchange)
    sync()
    assert told(connection).due_at >= NOW + timedelta(seconds=600)


def test_a_limit_is_no_failure(alice, exchange):
    exchange.fails = lambda call: LimitReached("Enough.", exchange="kraken", retry_after=30)
    connection = a_connection_before(alice, exchange)
    sync()
    assert told(connection).failures == 0
    assert timedelta(seconds=30) <= connection.due_at - NOW <= timedelta(seconds=38)


@pytest.mark.parametrize("balances", [[], None])
def test_an_empty_or_senseless_balance_wipes_nothing(alice, exchange, balances):
    exchange.deposits, exchange.balances = [a_deposit()], [Balance("SOL", Decimal(5))]
    connection = a_connection(alice)
    sync()
    if balances is None:
        exchange.fails = lambda call: (
            AnswerUnusable("Not JSON.", exchange="kraken") if call == "balances" else None
        )
    exchange.balances = balances or []
    sync(NOW + 6 * MINUTE)
    assert Holding.objects.get().quantity == 5
    assert connection.balances.get().total == 5
    assert told(connection).state == "active"


@pytest.mark.parametrize(
    "failure",
    [
        WrongKeys("Kraken refused these keys.", exchange="kraken"),
        Rights(Verdict.CAN_DO_MORE, ("withdraw-funds",)),
        Rights(Verdict.UNKNOWN),
    ],
    ids=["refused", "widened", "not told any more"],
)
def test_keys_that_count_no_more_stop_it_and_the_owner_is_told_once(alice, exchange, failure):
    connection = a_connection(alice)
    if isinstance(failure, Rights):
        exchange.rights = failure
    else:
        exchange.fails = lambda call: failure
    sync()
    assert sync(NOW + 60 * MINUTE) == 0
    assert told(connection).state == "needs_attention"
    assert connection.last_error and connection.lease is None
    assert InboxItem.objects.get(owner=alice).notice.startswith("Your connection to Kraken Savings")
    assert [mail.kind for mail in Mail.objects.filter(user=alice)] == ["exchange_stopped"]


def test_who_wants_no_mail_gets_none(alice, exchange):
    alice.preferences = {"email_notices": {"exchanges": False}}
    alice.save()
    a_connection(alice)
    exchange.fails = lambda call: WrongKeys("Refused.", exchange="kraken")
    sync()
    assert InboxItem.objects.count() == 1 and not Mail.objects.exists()


def test_what_was_asked_for_tells_how_it_went(alice, exchange):
    connection = a_connection(alice)
    sync()
    run = ask_for_sync(owner_id=alice.id, connection_id=connection.id, now=NOW + MINUTE)
    assert ask_for_sync(owner_id=alice.id, connection_id=connection.id, now=NOW + MINUTE).pk == run.pk
    assert sync(NOW + MINUTE) == 1
    run.refresh_from_db()
    assert (run.state, run.progress, run.owner) == (JobRun.State.DONE, 1.0, alice.id)
    assert (told(connection).job_id, connection.asked_at) == (None, None)


def asked_during_a_reading(connection, exchange, failure=None):
    """The run that its owner asked for while a worker was reading already."""
    runs = []

    def ask(call):
        if call == "trades" and not runs:
            now = {"owner_id": connection.owner_id, "connection_id": connection.id, "now": NOW}
            runs.append(ask_for_sync(**now))
        return failure if call == "trades" else None

    exchange.fails = ask
    return runs


def test_what_is_asked_for_during_a_reading_is_read_after_it(alice, exchange):
    connection = a_connection(alice)
    runs = asked_during_a_reading(connection, exchange)
    assert sync() == 2
    runs[0].refresh_from_db()
    assert (runs[0].state, runs[0].detail) == (JobRun.State.DONE, "Kraken: up to date")
    assert (told(connection).job_id, connection.asked_at) == (None, None)
    assert connection.due_at == NOW + 5 * MINUTE


@pytest.mark.parametrize(
    ("failures", "failure"),
    [
        (0, WrongKeys("Kraken refused these keys.", exchange="kraken")),
        (3, ExchangeAway("Kraken answered 500.", exchange="kraken")),
    ],
)
def test_what_is_asked_for_during_a_reading_that_fails_for_good_is_told_so(
    alice, exchange, failures, failure
):
    connection = a_connection(alice)
    Connection.objects.update(failures=failures)
    runs = asked_during_a_reading(connection, exchange, failure)
    sync()
    runs[0].refresh_from_db()
    assert (runs[0].state, runs[0].detail) == (JobRun.State.FAILED, failure.message)


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


def test_a_mistake_of_ours_is_kept_without_its_words(alice, exchange):
    connection = a_connection(alice)
    exchange.fails = lambda call: ValueError(f"https://api.example/?signature={KEYS.secret}")
    with pytest.raises(ValueError, match="signature"):
        sync()
    assert told(connection).last_error == "Khalsi could not read it (ValueError)."
    assert KEYS.secret not in str(SyncRun.objects.values_list())


def test_cursors_are_one_of_a_kind(alice, exchange):
    a_connection(alice)
    sync()
    assert sorted(SyncCursor.objects.values_list("kind", flat=True)) == ["deposits", "trades", "withdrawals"]
