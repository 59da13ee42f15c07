"""Once or each time, cooldown, hysteresis, expiry, snooze and quiet hours: pure, so claims can be tried on anything."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.conditions.kinds import condition_for
from alerts.conditions.reading import Reading
from alerts.conditions.rhythm import QuietHours, Rhythm, Standing, play, quiet_until
from tests.make.markets import NOON

TICK = timedelta(seconds=20)
PRICES = st.lists(
    st.sampled_from([90.0, 95.0, 97.0, 98.0, 99.0, 99.9, 100.0, 100.1, 102.0, 110.0]), max_size=60
)
KINDS = st.sampled_from(
    [
        ("price_above", {"price": 100.0}),
        ("price_below", {"price": 98.0}),
        ("price_crossing", {"price": 99.0, "direction": "either"}),
        ("price_crossing", {"price": 99.0, "direction": "up"}),
    ]
)
ZONES = st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
CLOCKS = st.times(min_value=time(0), max_value=time(23, 59)).map(
    lambda clock: clock.replace(second=0, microsecond=0)
)
quick = settings(max_examples=60, deadline=None)


def ticks(prices: list[float]) -> list[Reading]:
    return [Reading(NOON + place * TICK, price) for place, price in enumerate(prices)]


def spoken(
    kind: tuple[str, dict], rhythm: Rhythm, readings: list[Reading], band: float = 0.0
) -> list[Reading]:
    return play(condition_for(*kind, band), rhythm, Standing(), readings)[1]


@quick
@given(kind=KINDS, prices=PRICES, cooldown=st.integers(0, 300), band=st.sampled_from([0.0, 1.0, 3.0]))
def test_it_never_speaks_twice_within_its_cooldown(kind, prices, cooldown, band):
    rhythm = Rhythm(once=False, cooldown=timedelta(seconds=cooldown))
    said = [reading.at for reading in spoken(kind, rhythm, ticks(prices), band)]
    assert all(after - before >= rhythm.cooldown for before, after in pairwise(said))


@quick
@given(kind=KINDS, prices=PRICES, band=st.sampled_from([0.0, 1.0, 3.0]), seed=st.randoms())
def test_the_order_of_repeated_readings_does_not_matter(kind, prices, band, seed):
    once = ticks(prices)
    mixed = once * 3
    seed.shuffle(mixed)
    rhythm = Rhythm(once=False)
    assert spoken(kind, rhythm, mixed, band) == spoken(kind, rhythm, once, band)


@quick
@given(kind=KINDS, prices=PRICES, cut=st.integers(0, 60), band=st.sampled_from([0.0, 1.0]))
def test_it_makes_no_difference_how_readings_are_parted(kind, prices, cut, band):
    """So a restart, or an evaluator that comes late, changes nothing."""
    condition, rhythm, readings = condition_for(*kind, band), Rhythm(once=False), ticks(prices)
    standing, first = play(condition, rhythm, Standing(), readings[:cut])
    _, second = play(condition, rhythm, standing, readings[max(0, cut - 3) :])
    assert first + second == play(condition, rhythm, Standing(), readings)[1]


@quick
@given(prices=PRICES, band=st.sampled_from([0.5, 1.0, 3.0]))
def test_it_speaks_again_only_after_the_price_left_the_band(prices, band):
    readings = ticks(prices)
    said = spoken(("price_above", {"price": 100.0}), Rhythm(once=False), readings, band)
    for before, after in pairwise(said):
        between = [one.value for one in readings if before.at < one.at < after.at]
        assert min(between) < 100.0 - band


@quick
@given(kind=KINDS, prices=PRICES)
def test_only_readings_that_wake_it_change_anything(kind, prices):
    """What the index leaves out would not have mattered."""
    condition, memory = condition_for(*kind), ""
    for price in prices:
        wakes, judged = condition.wakes(memory), condition.judge(price, memory)
        woken = (wakes.above is not None and price >= wakes.above) or (
            wakes.below is not None and price <= wakes.below
        )
        if not woken:
            assert not judged.speaks
            continue
        memory = judged.memory


def test_once_is_once():
    standing, said = play(
        condition_for("price_above", {"price": 100.0}), Rhythm(once=True), Standing(), ticks([101, 99, 101])
    )
    assert (standing.state, [reading.at for reading in said]) == ("fired", [NOON])


def test_what_holds_when_the_silence_ends_is_told_then():
    rhythm = Rhythm(once=False, cooldown=3 * TICK)
    said = spoken(("price_above", {"price": 100.0}), rhythm, ticks([101, 99, 101, 101, 101]))
    assert [reading.at for reading in said] == [NOON, NOON + 3 * TICK]


def test_it_ends_when_its_time_is_over():
    rhythm = Rhythm(once=False, expires_at=NOON + TICK)
    standing, said = play(
        condition_for("price_above", {"price": 100.0}), rhythm, Standing(), ticks([99, 101])
    )
    assert (standing.state, said) == ("expired", [])


ZURICH = ZoneInfo("Europe/Zurich")
NIGHT = QuietHours(time(22), time(7), ZURICH)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (datetime(2026, 11, 20, 20, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 20, 21, 0, tzinfo=UTC), datetime(2026, 11, 21, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 21, 3, 0, tzinfo=UTC), datetime(2026, 11, 21, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 21, 6, 0, tzinfo=UTC), None),
        # the night in which clocks go forward is an hour shorter, and the other an hour longer
        (datetime(2026, 3, 28, 21, 0, tzinfo=UTC), datetime(2026, 3, 29, 5, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), datetime(2026, 10, 25, 6, 0, tzinfo=UTC)),
    ],
)
def test_quiet_hours_follow_the_clock_on_the_wall(moment, end):
    assert quiet_until(moment, NIGHT) == end


def test_an_end_that_comes_twice_is_the_next_one_ahead():
    early = QuietHours(time(1), time(2, 30), ZURICH)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in summer time
    assert quiet_until(first - timedelta(minutes=30), early) == first
    assert quiet_until(first + timedelta(minutes=45), early) == first + timedelta(hours=1)


@quick
@given(
    quarters=st.integers(0, 3 * 365 * 24 * 4),
    begins=CLOCKS,
    ends=CLOCKS,
    zone=ZONES,
)
def test_quiet_hours_end_ahead_and_within_a_day(quarters, begins, ends, zone):
    moment = datetime(2025, 1, 1, tzinfo=UTC) + quarters * timedelta(minutes=15)
    if begins == ends:
        return
    end = quiet_until(moment, QuietHours(begins, ends, ZoneInfo(zone)))
    if end is not None:
        assert timedelta(0) < end - moment <= timedelta(hours=26)
