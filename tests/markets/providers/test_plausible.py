"""Which prices can be believed beside the ones before them."""

import numpy as np
import pytest

from markets.providers.plausible import believable_closes, is_jump


@pytest.mark.parametrize(
    ("after", "seconds", "jumps"),
    [
        (20.0, 60, False),
        (20.1, 60, True),
        (1 / 20.1, 60, True),
        (20.1, 3600, True),
        (39.0, 7200, False),
        (1000.0, 86400, True),
    ],
)
def test_twenty_times_an_hour_is_the_limit(after: float, seconds: float, jumps: bool) -> None:
    assert is_jump(1.0, after, seconds) is jumps


def test_each_close_is_compared_with_the_last_one_believed() -> None:
    times = np.arange(6, dtype=np.int64) * 3600
    closes = np.array([1.0, 1e6, 1e6, 1.1, 25.0, 25.0])
    assert believable_closes(times, closes).tolist() == [True, False, False, True, False, True]


def test_few_closes_have_nothing_to_be_compared_with() -> None:
    assert believable_closes(np.array([0], np.int64), np.array([5.0])).tolist() == [True]
    assert believable_closes(np.array([], np.int64), np.array([])).tolist() == []
