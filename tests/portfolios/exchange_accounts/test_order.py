"""Who is waited for goes first, then what is due longest; a slow exchange holds up nobody else's."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolios.models import Connection
from portfolios.services.connecting.asking import ask_for_all, ask_for_sync
from portfolios.services.syncing.order import may_take, next_ones, workers_wanted
from tests.make.accounts import a_user
from tests.make.exchanges import NOW, a_bare_connection

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
FOUR = ("binance", "coinbase", "kraken", "kucoin")


@pytest.fixture
def alice():
    return a_user("alice", plan="pro")


def hold(*connections):
    for one in connections:
        Connection.objects.filter(id=one.id).update(lease=uuid4(), leased_until=NOW + MINUTE)


def test_what_is_due_longest_goes_first_and_who_is_waited_for_before_all(alice):
    late = a_bare_connection(alice, due_at=NOW - 9 * MINUTE)
    later = a_bare_connection(alice, due_at=NOW - 5 * MINUTE)
    a_bare_connection(alice, due_at=NOW + MINUTE)
    assert next_ones(NOW, 8) == [late.id, later.id]
    ask_for_sync(owner_id=alice.id, connection_id=later.id, now=NOW)
    assert next_ones(NOW, 8) == [later.id, late.id]


def test_all_can_be_asked_for_at_once(alice):
    working = a_bare_connection(alice, due_at=NOW + MINUTE)
    a_bare_connection(alice, state="needs_attention")
    assert len(ask_for_all(owner_id=alice.id, now=NOW)) == 1
    assert next_ones(NOW, 8) == [working.id]


@pytest.mark.parametrize("changes", [{"state": "off"}, {"state": "needs_attention"}])
def test_what_is_stopped_has_no_turn(alice, changes):
    a_bare_connection(alice, **changes)
    assert next_ones(NOW, 8) == [] and workers_wanted(NOW) == 0


def test_connections_of_a_disabled_account_rest(alice):
    a_bare_connection(alice)
    alice.is_active = False
    alice.save()
    assert next_ones(NOW, 8) == []


def test_a_slow_exchange_leaves_a_worker_to_each_other(alice):
    slow = [a_bare_connection(alice, exchange="binance") for _ in range(9)]
    quick = a_bare_connection(alice, exchange="kraken")
    hold(*slow[:7])
    assert next_ones(NOW, 8) == [quick.id]
    hold(*slow[:6])
    hold(quick)
    assert len(next_ones(NOW, 8)) == 0  # eight are at work


def test_as_many_workers_are_woken_as_can_do_something(alice, settings):
    settings.SYNC_AT_ONCE = 3
    several = [a_bare_connection(alice) for _ in range(5)]
    assert workers_wanted(NOW) == 3
    hold(several[0])
    assert workers_wanted(NOW) == 2


@given(
    at_work=st.dictionaries(st.sampled_from(FOUR), st.integers(0, 8)),
    at_once=st.integers(4, 12),
)
def test_whatever_is_at_work_each_exchange_gets_its_first_worker(at_work, at_once):
    """Filled up by the rule itself, there is always room for an exchange that has nobody."""
    held: dict[str, int] = {}
    for exchange, wanted in at_work.items():
        for _ in range(wanted):
            if may_take(exchange, held, FOUR, at_once):
                held[exchange] = held.get(exchange, 0) + 1
    assert sum(held.values()) <= at_once
    assert all(may_take(exchange, held, FOUR, at_once) for exchange in FOUR if not held.get(exchange))
