"""A worker may die at any instant, an exchange fail in any way, and keys count no more."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from accounts.models import Mail
from alerts.models import InboxItem
from portfolios.exchanges.errors import AnswerUnusable, ExchangeAway, LimitReached, WrongKeys
from portfolios.exchanges.records import Balance, Rights, Verdict
from portfolios.models import Connection, Holding, SyncRun
from portfolios.services.syncing.leasing import LEASE, release_leases, take, take_next
from portfolios.services.syncing.working import synchronise
from tests.make.exchanges import KEYS, NOW, a_connection, a_deposit, a_trade
from tests.portfolios.exchange_accounts.reading import MINUTE, booked, sync, told

pytestmark = pytest.mark.django_db


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


def test_a_mistake_of_ours_is_kept_without_its_words(alice, exchange):
    connection = a_connection(alice)
    exchange.fails = lambda call: ValueError(f"https://api.example/?signature={KEYS.secret}")
    with pytest.raises(ValueError, match="signature"):
        sync()
    assert told(connection).last_error == "Khalsi could not read it (ValueError)."
    assert KEYS.secret not in str(SyncRun.objects.values_list())
