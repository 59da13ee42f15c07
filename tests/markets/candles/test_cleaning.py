"""Hours decide what is believed; quarters are judged by what the hours had shown before."""

import numpy as np
import pytest

from markets.candles.bars import Bars
from markets.candles.cleaning import clean, eras, known_at
from tests.markets.candles.walks import walk

QUARTER, HOUR, DAY = 900, 3600, 86_400
DAYS = 12


def a_pair():
    """Hours and the quarters that add up to them, one column each."""
    series = walk(np.arange(DAYS * 96) * QUARTER)
    sides = (series.close, series.high, series.low, series.volume)
    quarters = Bars(series.open_times + QUARTER, *(side[:, None].copy() for side in sides))
    close, high, low, volume = (side.reshape(-1, 4) for side in sides)
    parts = (close[:, 3], high.max(axis=1), low.min(axis=1), volume.sum(axis=1))
    return Bars(quarters.times[3::4], *(part[:, None].copy() for part in parts)), quarters


def times(bars, factor, first, end):
    rows = slice(*np.searchsorted(bars.times, [first, end]))
    for side in (bars.close, bars.high, bars.low):
        side[rows] *= factor


def missing(bars):
    return bars.times[np.isnan(bars.close[:, 0])].tolist()


def test_what_is_calm_stays_as_it_is():
    hours, quarters = a_pair()
    found = clean(hours, quarters)
    for side in ("close", "high", "low", "volume"):
        assert np.array_equal(getattr(found.hours, side), getattr(hours, side))
        assert np.array_equal(getattr(found.quarters, side), getattr(quarters, side))


def test_a_spike_is_missing_from_hours_and_quarters_alike():
    hours, quarters = a_pair()
    start, end = 5 * DAY, 5 * DAY + 3 * HOUR
    for bars in (hours, quarters):
        times(bars, 100.0, start, end)
    found = clean(hours, quarters)
    assert missing(found.hours) == list(range(start, end, HOUR))
    assert missing(found.quarters) == list(range(start, end, QUARTER))


def test_a_quarter_that_the_hours_do_not_show_is_missing_alone():
    hours, quarters = a_pair()
    times(quarters, 30.0, 5 * DAY + QUARTER, 5 * DAY + 3 * QUARTER)
    found = clean(hours, quarters)
    assert missing(found.hours) == []
    assert missing(found.quarters) == [5 * DAY + QUARTER, 5 * DAY + 2 * QUARTER]


def test_the_first_quarters_of_another_level_are_missing_until_an_hour_shows_it():
    hours, quarters = a_pair()
    start = 5 * DAY + 2 * QUARTER
    for bars in (hours, quarters):
        times(bars, 0.01, start, 10**9)
    found = clean(hours, quarters)
    assert missing(found.quarters) == [start, start + QUARTER]
    (course,) = found.courses
    assert [border.at for border in course.borders] == [5 * DAY + HOUR]
    seen, fine = known_at(found)
    assert np.isfinite(seen.close[:, 0]).tolist() == (hours.times >= 5 * DAY + HOUR).tolist()
    assert np.isfinite(fine.close[:, 0]).tolist() == (quarters.times >= 5 * DAY + HOUR).tolist()
    assert [(era.number, era.within(hours.times)) for era in eras(found)] == [
        (0, slice(0, 5 * 24)),
        (1, slice(5 * 24, DAYS * 24)),
    ]


def test_a_reopening_at_another_level_is_not_believed_before_an_hour_shows_it():
    hours, quarters = a_pair()
    for bars in (hours, quarters):
        times(bars, np.nan, 3 * DAY + 1, 7 * DAY + QUARTER)
        times(bars, 3.0, 7 * DAY + QUARTER, 10**9)
    found = clean(hours, quarters)
    assert missing(found.quarters)[-3:] == [7 * DAY + k * QUARTER for k in (1, 2, 3)]
    assert [border.at for border in found.courses[0].borders] == [7 * DAY + HOUR]


def test_while_a_jump_is_undecided_nothing_since_is_believed():
    hours, quarters = a_pair()
    start = (DAYS - 1) * DAY
    for bars in (hours, quarters):
        times(bars, 7.0, start, 10**9)
    found = clean(hours, quarters)
    assert missing(found.hours) == list(range(start, DAYS * DAY + 1, HOUR))
    assert missing(found.quarters) == list(range(start, DAYS * DAY + 1, QUARTER))


@pytest.mark.parametrize("volume", [0.0, 7.0])
def test_quarters_stand_still_with_their_hours(volume):
    hours, quarters = a_pair()
    start = 5 * DAY
    price = hours.close[hours.times == start][0, 0]
    for bars in (hours, quarters):
        rows = bars.times > start
        for side in (bars.close, bars.high, bars.low):
            side[rows] = price
        bars.volume[rows] = volume
    found = clean(hours, quarters)
    # Without trades each candle says of itself that it was filled in; with trades a few look alike first.
    assert missing(found.hours)[0] == start + (5 * HOUR if volume else HOUR)
    assert missing(found.quarters)[0] == start + (5 * HOUR if volume else QUARTER)
    assert missing(found.hours)[-1] == missing(found.quarters)[-1] == DAYS * DAY


def test_hours_alone_can_be_cleaned():
    hours, _ = a_pair()
    found = clean(hours)
    assert found.quarters is None
    assert known_at(found)[1] is None
