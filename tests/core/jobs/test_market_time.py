"""Market time is kept in the database: a replay goes on where it was, and no market enters another's database."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.jobs.market_time import keep_market_time, stamp_market
from core.lib.clock import MarketClock, floor_to, forget_market_clock, iso, market_now
from core.lib.errors import Conflict
from core.models import SourceStamp

WALL = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
THEN = datetime(2025, 3, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_clock(db):
    forget_market_clock()
    yield
    forget_market_clock()


def replay(**changes):
    return stamp_market(**{"kind": "replay", "identity": "abc", "speed": 60.0, "start": THEN, **changes})


def test_a_replay_runs_at_its_speed():
    with time_machine.travel(WALL, tick=False) as wall:
        replay()
        wall.shift(timedelta(seconds=60))
        assert market_now() == THEN + timedelta(hours=1)


def test_a_restarted_replay_goes_on_where_it_was():
    with time_machine.travel(WALL, tick=False) as wall:
        replay()
        wall.shift(timedelta(seconds=60))
        keep_market_time()
        wall.shift(timedelta(days=3))
        replay(start=None)
        assert market_now() == THEN + timedelta(hours=1)


def test_a_killed_replay_never_goes_back_behind_what_it_wrote():
    with time_machine.travel(WALL, tick=False) as wall:
        replay()
        wall.shift(timedelta(seconds=60))
        keep_market_time()
        written = THEN + timedelta(hours=1, minutes=2)
        replay(start=None, at_least=lambda: written)
        assert market_now() == SourceStamp.objects.get().reached == written
        replay(start=None, at_least=lambda: THEN)
        assert market_now() == written


def test_a_live_market_keeps_wall_time_over_a_restart():
    with time_machine.travel(WALL, tick=False) as wall:
        stamp_market(kind="live", identity="live", speed=1.0)
        wall.shift(timedelta(days=3))
        stamp_market(kind="live", identity="live", speed=1.0)
        assert market_now() == WALL + timedelta(days=3)


def test_a_new_replay_begins_at_the_folders_own_start_where_none_is_asked_for():
    assert replay(start=None, default_start=lambda: THEN).started_at == THEN


@pytest.mark.parametrize(
    "other", [{"kind": "live"}, {"identity": "def"}, {"kind": "simulated", "identity": "seed-1"}]
)
def test_another_market_is_refused_with_what_to_do(other):
    replay()
    with pytest.raises(Conflict, match=r"two markets never mix.*DATA"):
        replay(**other)
    assert SourceStamp.objects.get().kind == "replay"


def test_a_replay_that_has_begun_cannot_begin_elsewhere():
    replay()
    with pytest.raises(Conflict, match="Leave REPLAY_START out"):
        replay(start=THEN + timedelta(days=1))


def test_market_time_is_never_written_backwards():
    with time_machine.travel(WALL, tick=False) as wall:
        replay()
        wall.shift(timedelta(seconds=10))
        reached = keep_market_time()
        wall.shift(timedelta(seconds=-5))
        keep_market_time()
        assert SourceStamp.objects.get().reached == reached


def test_wall_time_and_market_time_translate_into_each_other():
    clock = MarketClock(THEN, WALL, 60.0)
    moment = THEN + timedelta(hours=7, minutes=3)
    assert clock.at(clock.wall_for(moment)) == moment


def test_moments_are_floored_to_utcs_grid_and_written_with_z():
    moment = datetime(2025, 3, 15, 14, 37, 12, 345678, tzinfo=UTC)
    assert iso(floor_to(moment, 900)) == "2025-03-15T14:30:00Z"
    assert iso(floor_to(moment, 86400)) == "2025-03-15T00:00:00Z"
    assert iso(moment) == "2025-03-15T14:37:12.345Z"
