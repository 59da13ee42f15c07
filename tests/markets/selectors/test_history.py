"""A token's past."""

from datetime import timedelta

import pytest

from core.lib.errors import NotEnoughHistory
from markets.models import Token
from markets.selectors.history import candles as stored_candles
from markets.selectors.history import history
from tests.make.markets import NOON, a_quote, a_token, candles

pytestmark = pytest.mark.django_db

HOUR = 3600


@pytest.fixture
def sol() -> Token:
    return a_token("SOL")


def test_the_last_candles_come_ascending(sol: Token) -> None:
    candles(sol, HOUR, [1.0, 2.0, 3.0])
    found = stored_candles(sol, HOUR, since=None, until=NOON, limit=2, now=NOON)
    assert found.series.close.tolist() == [2.0, 3.0]
    assert (found.observed_at, found.freshness, found.more_from) == (NOON, "live", None)


def test_from_a_moment_on_the_first_ones_come_and_the_next_is_named(sol: Token) -> None:
    candles(sol, HOUR, [1.0, 2.0, 3.0, 4.0])
    since = NOON - timedelta(hours=3)
    found = stored_candles(sol, HOUR, since=since, until=NOON, limit=2, now=NOON)
    assert found.series.close.tolist() == [2.0, 3.0]
    assert found.more_from == NOON - timedelta(hours=1)


def test_four_hours_are_made_of_whole_hours(sol: Token) -> None:
    candles(sol, HOUR, [1.0, 5.0, 2.0, 3.0, 9.0], NOON + timedelta(hours=1))
    found = stored_candles(sol, 4 * HOUR, since=None, until=NOON, limit=5, now=NOON)
    assert found.series.close.tolist() == [3.0]
    assert found.series.high.tolist() == [pytest.approx(5.05)]
    assert found.series.volume.tolist() == [4000.0]


def test_candles_that_stopped_coming_are_stale(sol: Token) -> None:
    candles(sol, HOUR, [1.0])
    later = NOON + timedelta(hours=2)
    assert stored_candles(sol, HOUR, since=None, until=later, limit=9, now=later).freshness == "stale"


def test_a_span_without_candles_is_empty_but_a_token_without_any_is_refused(sol: Token) -> None:
    candles(sol, HOUR, [1.0])
    long_ago = NOON - timedelta(days=9)
    assert not len(stored_candles(sol, HOUR, since=None, until=long_ago, limit=9, now=NOON).series)
    with pytest.raises(NotEnoughHistory):
        stored_candles(a_token("NEW"), HOUR, since=None, until=NOON, limit=9, now=NOON)


def test_history_has_closes_and_the_last_quoted_volume_and_cap_of_each_hour(sol: Token) -> None:
    candles(sol, HOUR, [1.0, 2.0])
    for minutes, volume in ((90, 5.0), (70, 6.0), (10, None)):
        a_quote(sol, at=NOON - timedelta(minutes=minutes), volume_24h=volume, market_cap=7.0)
    found = history(sol, 30, NOON)
    assert found.prices[-1] == (int(NOON.timestamp() * 1000), 2.0)
    assert [value for _, value in found.volumes] == [6.0]
    assert [value for _, value in found.market_caps] == [7.0, 7.0]


def test_a_long_history_is_daily(sol: Token) -> None:
    candles(sol, HOUR, [float(n + 1) for n in range(72)], NOON - timedelta(hours=12))
    assert [value for _, value in history(sol, 365, NOON).prices] == [24.0, 48.0, 72.0]


def test_no_history_is_refused(sol: Token) -> None:
    with pytest.raises(NotEnoughHistory):
        history(sol, 30, NOON)
