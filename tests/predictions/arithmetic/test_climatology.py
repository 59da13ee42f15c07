"""The baseline: counted by the day of maturity, shrunk to a third each, with a normal range."""

import numpy as np
import pytest

from predictions.engines import climatology
from predictions.engines.base import NO_PRICE, NO_SCALE
from predictions.engines.batches import Snapshot, baseline_at
from predictions.features.scale import hourly_scales
from predictions.horizons import DAY, HOUR, by_name
from tests.predictions.arithmetic.panels import END, market

ONE_HOUR = by_name["1h"]


def test_frequencies_by_hand():
    """60 independent outcomes with shares 0.4 0.3 0.3: (60·0.4 + 10) ÷ 90 and (60·0.3 + 10) ÷ 90."""
    found = climatology.frequencies([[40, 30, 30]], [60 * HOUR], HOUR)
    assert found.tolist() == [pytest.approx([34 / 90, 28 / 90, 28 / 90])]


def test_without_outcomes_each_class_gets_a_third():
    assert climatology.frequencies([[0, 0, 0]], [0], HOUR).tolist() == [pytest.approx([1 / 3] * 3)]


def test_a_tally_by_hand():
    """100, 101, 101.01, 99 with a band of 0.004: up, sideways, down; the last matures the next day."""
    times = np.array([21, 22, 23, 24]) * HOUR + 19_000 * DAY
    scale = np.full(4, 0.01)
    assert ONE_HOUR.k * 1.2533 * 0.01 == pytest.approx(0.00401, rel=1e-3)
    tally = climatology.tally(ONE_HOUR, times, np.array([100, 101, 101.01, 99.0]), scale)
    assert tally.days.tolist() == [19_000, 19_001]
    assert [tally.up.tolist(), tally.down.tolist(), tally.sideways.tolist()] == [[1, 0], [0, 1], [1, 0]]


def test_an_outcome_with_a_missing_end_is_not_counted():
    times = np.arange(5) * HOUR + 19_000 * DAY
    close = np.array([100, 101, np.nan, 103, 104.0])
    tally = climatology.tally(ONE_HOUR, times, close, np.full(5, 0.01))
    assert int(tally.up.sum() + tally.down.sum() + tally.sideways.sum()) == 2


def test_seven_days_ahead_counts_midnights_alone():
    history = market(days=60, quarter_days=0)
    _, counts = climatology.history_counts(history, by_name["7d"])
    assert counts.sum(axis=2).max() == 1


def test_the_baseline_uses_the_whole_days_of_a_year_before_today():
    days = np.arange(19_000 - 400, 19_002)
    counts = np.zeros((len(days), 1, 3), np.int64)
    counts[:, 0, 0] = 1
    seen, span = climatology.spans(days, counts, 19_000 * DAY + 5 * HOUR)
    assert (seen.tolist(), span.tolist()) == ([[365, 0, 0]], [365 * DAY])


def test_a_young_token_spans_only_its_own_days():
    days, counts = np.arange(19_000, 19_010), np.zeros((10, 2, 3), np.int64)
    counts[6:9, 0, 2] = 5
    seen, span = climatology.spans(days, counts, 19_010 * DAY)
    assert (seen[:, 2].tolist(), span.tolist()) == ([15, 0], [3 * DAY, 0])


def test_many_tokens_at_once_are_counted_as_one_by_one():
    history = market(days=50, quarter_days=0)
    scale = hourly_scales(history.close)
    days, counts = climatology.class_counts(ONE_HOUR, history.hours, history.close, scale)
    one = climatology.tally(ONE_HOUR, history.hours, history.close[:, 1], scale[:, 1])
    assert np.array_equal(
        counts[np.isin(days, one.days), 1], np.stack([one.up, one.down, one.sideways], axis=1)
    )


def test_quarter_hours_take_the_scale_of_the_last_full_hour():
    hours, scale = np.array([3600, 7200]), np.array([[0.1], [0.2]])
    found = climatology.quarter_scales(hours, scale, np.array([2700, 3600, 6300, 7200, 8100]))
    assert found[:, 0].tolist() == pytest.approx([np.nan, 0.1, 0.1, 0.2, 0.2], nan_ok=True)


def test_the_range_of_steady_moves_is_their_normal_range():
    """Hourly moves of ±1 %: over a day 0.01·√24, times 1.2816 on either side."""
    close = 100 * np.exp(np.cumsum(np.resize([0.01, -0.01], 2000)))[:, None]
    wide = climatology.deviations(by_name["1d"], close)[-1]
    assert climatology.normal_quantiles(wide)[0].tolist() == pytest.approx([-0.06278, 0, 0.06278], rel=1e-3)


def test_the_engine_says_what_the_baseline_says():
    history = market(days=40)
    baseline = baseline_at(*climatology.history_counts(history, ONE_HOUR), ONE_HOUR, END)
    said = climatology.Climatology().forecast(Snapshot.at(history, END).batch(ONE_HOUR, baseline))
    assert said.ok.all() and np.array_equal(said.probabilities, baseline)
    assert (np.diff(said.quantiles) > 0).all()


def test_a_token_without_price_or_history_gets_a_reason_instead():
    history = market(days=40)
    history.close[-1, 0] = np.nan
    history.close[: 15 * 24, 2] = np.nan
    batch = Snapshot.at(history, END).batch(ONE_HOUR, np.full((3, 3), 1 / 3))
    said = climatology.Climatology().forecast(batch)
    assert said.ok.tolist() == [False, True, False]
    assert said.reasons == [NO_PRICE, "", NO_SCALE]
    assert np.isnan(said.probabilities[0]).all()
