"""What is missing from a run is named exactly."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from markets.candles.gaps import missing_spans


def spans(open_times, first, end, interval=60):
    return missing_spans(np.array(open_times, np.int64), interval, first, end)


def test_a_hole_in_the_middle_by_hand():
    assert spans([0, 60, 240], 0, 300) == [(120, 240)]


def test_a_whole_run_lacks_nothing():
    assert spans([0, 60, 120], 0, 180) == []


def test_an_empty_run_lacks_everything():
    assert spans([], 60, 180) == [(60, 180)]


def test_candles_that_only_partly_lie_inside_are_not_expected():
    assert spans([], 30, 170) == [(60, 120)]
    assert spans([], 61, 119) == []


@given(st.sets(st.integers(0, 40)), st.integers(0, 20), st.integers(0, 45))
def test_present_and_missing_together_are_the_span(present, first, last):
    missing = spans(sorted(slot * 60 for slot in present), first * 60, last * 60)
    filled = {moment // 60 for start, stop in missing for moment in range(start, stop, 60)}
    assert filled == set(range(first, last)) - present
    assert all(left[1] < right[0] for left, right in pairwise(missing))
