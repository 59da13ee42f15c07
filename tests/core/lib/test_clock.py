"""Every process tells the same market time, also after another one moved it, and after a bad start."""

from datetime import UTC, datetime

import pytest

from core.jobs.market_time import stored_market_clock
from core.lib import clock
from core.lib.clock import WALL_CLOCK, MarketClock, load_market_clock_with, market_clock

WALL = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
REPLAY = MarketClock(datetime(2025, 3, 15, tzinfo=UTC), WALL, 60.0)
MOVED = MarketClock(datetime(2025, 3, 16, tzinfo=UTC), WALL, 60.0)


@pytest.fixture
def stored(monkeypatch):
    """What the database says, changed by `stored.append`; each process asks at its every look."""
    answers = [REPLAY]
    monkeypatch.setattr(clock, "TRUSTED_SECONDS", -1.0)
    load_market_clock_with(lambda: answers[-1])
    yield answers
    load_market_clock_with(stored_market_clock)


def test_an_anchor_that_another_process_moved_is_noticed(stored):
    assert market_clock() == REPLAY
    stored.append(MOVED)
    assert market_clock() == MOVED


def test_a_database_that_is_away_stops_no_known_clock(stored):
    assert market_clock() == REPLAY
    stored.append(None)
    assert market_clock() == REPLAY


def test_a_process_that_started_without_its_database_finds_market_time_later(stored, monkeypatch):
    monkeypatch.setattr(clock, "TRUSTED_SECONDS", 60.0)
    stored.append(None)
    assert market_clock() == WALL_CLOCK
    stored.append(REPLAY)
    assert market_clock() == REPLAY


def test_what_is_known_is_not_asked_for_at_every_look(stored, monkeypatch):
    monkeypatch.setattr(clock, "TRUSTED_SECONDS", 60.0)
    assert market_clock() == REPLAY
    stored.append(MOVED)
    assert market_clock() == REPLAY
