"""A day is calm, usual or wild by its volatility against the token's own."""

import numpy as np
import pytest

from predictions.features.frame import FEATURE_NAMES
from predictions.features.regimes import FEATURE, regimes


@pytest.mark.parametrize(
    ("ratio", "word"),
    [
        (0.5, "calm"),
        (0.74, "calm"),
        (0.76, "usual"),
        (1.0, "usual"),
        (1.32, "usual"),
        (1.34, "wild"),
        (9.0, "wild"),
    ],
)
def test_the_ratio_of_volatilities_names_the_regime(ratio, word):
    assert regimes([np.log(ratio)]) == [word]


def test_where_nothing_is_known_nothing_is_said():
    assert regimes([np.nan, 0.0]) == ["", "usual"]


def test_a_day_that_stands_still_is_calm():
    assert regimes([-np.inf]) == ["calm"]


def test_the_ratio_is_one_of_the_features():
    assert FEATURE in FEATURE_NAMES
