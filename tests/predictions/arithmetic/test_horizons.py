"""The claim itself: bands, classes, whole ten-thousandths, trend and risk."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictions import horizons
from predictions.horizons import DOWN, SIDEWAYS, TIMEFRAMES, UP, by_name

shares = st.floats(0, 1e6, allow_nan=False)
rows = st.lists(st.tuples(shares, shares, shares).filter(lambda row: sum(row) > 0), min_size=1, max_size=5)


@given(rows)
def test_ten_thousandths_sum_to_the_whole_and_keep_their_bounds(row):
    whole = horizons.to_ten_thousandths(row)
    assert (whole.sum(axis=1) == 10_000).all()
    assert whole.min() >= 100 and whole.max() <= 9800


@given(rows)
def test_ten_thousandths_stay_within_one_of_what_was_said_where_nothing_is_tiny(row):
    said = np.array(row) / np.array(row).sum(axis=1, keepdims=True)
    fair = said[(said >= 0.01).all(axis=1)]
    if len(fair):
        assert np.abs(horizons.to_ten_thousandths(fair) - fair * 10_000).max() <= 1


def test_a_certain_answer_is_cut_to_98_percent():
    assert horizons.to_ten_thousandths([[0, 0, 1]]).tolist() == [[100, 100, 9800]]


def test_an_even_answer_gives_its_remainder_to_sideways():
    assert horizons.to_ten_thousandths([[1 / 3, 1 / 3, 1 / 3]]).tolist() == [[3333, 3333, 3334]]


@pytest.mark.parametrize("wrong", [[[np.nan, 0.5, 0.5]], [[-0.1, 0.6, 0.5]], [[0, 0, 0]], [0.2, 0.3, 0.5]])
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(ValueError):
        horizons.to_ten_thousandths(wrong)


def test_the_band_by_hand():
    """0.37 × 1.2533 = 0.46372; × 0.006 = 0.0027823; × √24 = 4.89898 gives 0.013631."""
    assert horizons.band(by_name["1d"], 0.006) == pytest.approx(0.013631, rel=1e-4)


def test_the_band_has_a_floor_and_is_missing_where_the_scale_is():
    assert horizons.band(by_name["15m"], [0.0, np.nan]).tolist() == pytest.approx(
        [0.0005, np.nan], nan_ok=True
    )


def test_a_return_on_the_band_is_sideways():
    assert horizons.classify([0.011, 0.01, -0.01, -0.011], 0.01).tolist() == [UP, SIDEWAYS, SIDEWAYS, DOWN]


@given(st.floats(-1, 1), st.floats(0.0005, 0.5))
def test_mirrored_returns_have_mirrored_classes(moved, band):
    mirror = {UP: DOWN, DOWN: UP, SIDEWAYS: SIDEWAYS}
    assert int(horizons.classify(-moved, band)) == mirror[int(horizons.classify(moved, band))]


@pytest.mark.parametrize(
    ("up", "down", "sideways", "name", "trend"),
    [
        (4000, 3000, 3000, "1h", "bullish"),
        (3000, 4000, 3000, "1h", "bearish"),
        (3500, 3201, 3299, "1h", "sideways"),
        (3500, 3200, 3300, "1h", "bullish"),
        (3100, 2800, 4100, "1h", "bullish"),
        (3000, 2700, 4300, "1h", "sideways"),
        (5000, 2000, 3000, "7d", None),
    ],
)
def test_trend_is_named_where_the_difference_is_worth_naming(up, down, sideways, name, trend):
    assert horizons.trend(up, down, sideways, name) == trend


def test_risk_is_the_yearly_volatility_of_the_range():
    """A year's √(8760 ÷ 24) = 19.1 days: a daily range of ±4 % is 0.08 ÷ 2.563 × 19.1 = 0.596."""
    day = by_name["1d"]
    assert horizons.yearly_volatility(100 * np.exp(-0.04), 100 * np.exp(0.04), day) == pytest.approx(
        0.5963, rel=1e-3
    )
    widths = (0.04, 0.05, 0.09)
    risks = [horizons.risk_level(np.exp(-w), np.exp(w), "1d") for w in widths]
    assert risks == ["low", "medium", "high"]


def test_confidence_is_the_favoured_probability_and_nothing_else():
    assert horizons.confidence([[0.3, 0.25, 0.45]]).tolist() == [0.45]


def test_the_table_of_timeframes():
    assert [t.name for t in TIMEFRAMES] == ["15m", "1h", "4h", "1d", "7d", "14d", "30d"]
    assert [t.block_seconds // 86_400 for t in TIMEFRAMES] == [7, 7, 7, 7, 14, 28, 60]
    assert all(t.counts_every % t.stored_every == 0 for t in TIMEFRAMES)
