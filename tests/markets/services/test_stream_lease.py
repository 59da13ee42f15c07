"""One collector at a time."""

from datetime import timedelta

import pytest
import time_machine

from core.jobs.market_time import stamp_market
from core.lib.clock import wall_now
from markets.models import StreamState
from markets.services.streaming import lease

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _stamped(db: None) -> None:
    stamp_market(kind="simulated", identity="seed-1", speed=1.0)


def test_a_second_collector_waits_while_the_first_lives() -> None:
    assert lease.take_lease("first")
    assert not lease.take_lease("second")


def test_a_killed_collectors_lease_runs_out() -> None:
    lease.take_lease("first")
    lease.opened("first")
    with time_machine.travel(wall_now() + lease.LEASE + timedelta(seconds=1)):
        assert not StreamState.objects.get().is_open(wall_now())
        assert lease.take_lease("second")
        with pytest.raises(lease.LeaseLost):
            lease.renew_lease("first")


def test_a_collector_that_goes_makes_room_at_once() -> None:
    lease.take_lease("first")
    lease.opened("first")
    lease.release("first")
    assert StreamState.objects.get().closed_at
    assert lease.take_lease("second")


def test_nobody_releases_the_lease_of_another() -> None:
    lease.take_lease("first")
    lease.release("second")
    assert not lease.take_lease("second")


def test_an_embedded_start_need_not_wait_for_the_process_before() -> None:
    lease.take_lease("first")
    lease.opened("first")
    lease.release_whoever_holds()
    assert lease.take_lease("second")


def test_since_when_it_is_away_is_kept_over_vain_tries() -> None:
    lease.take_lease("first")
    lease.opened("first")
    with time_machine.travel(wall_now() + timedelta(seconds=60)):
        lease.lost("first", "cut off")
        closed_at = StreamState.objects.get().closed_at
    with time_machine.travel(wall_now() + timedelta(seconds=65)):
        lease.lost("first", "refused")
        assert StreamState.objects.get().since(wall_now()) == closed_at
        assert StreamState.objects.get().last_error == "refused"
