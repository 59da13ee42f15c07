"""Scores, skill, calibration, coverage and thinning, each with an example a person can check."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictions.evaluation import calibration, coverage, scores, skill, thinning
from predictions.horizons import by_name


def test_log_score_by_hand_and_floored():
    found = scores.log_score([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0]], [0, 2])
    assert found.tolist() == pytest.approx([0.6931, 6.9078], abs=1e-4)


def test_brier_by_hand():
    """(0.5 − 1)² + 0.3² + 0.2² = 0.38."""
    assert scores.brier([[0.5, 0.3, 0.2]], [0]).tolist() == pytest.approx([0.38])


def test_pinball_by_hand():
    """Outcome 0.05 against −0.1, 0, 0.1: 0.1·0.15, 0.5·0.05, 0.1·0.05; their mean is 0.015."""
    assert scores.pinball([[-0.1, 0.0, 0.1]], [0.05]).tolist() == pytest.approx([0.015])


def test_direction_counts_a_tie_half_and_leaves_sideways_out():
    found = scores.direction(
        [[0.4, 0.3, 0.3], [0.4, 0.3, 0.3], [0.3, 0.3, 0.4], [0.4, 0.3, 0.3]], [0, 1, 1, 2]
    )
    assert found.tolist() == pytest.approx([1, 0, 0.5, np.nan], nan_ok=True)


@given(
    st.lists(st.floats(0.05, 1), min_size=3, max_size=3), st.lists(st.floats(0.05, 1), min_size=3, max_size=3)
)
def test_the_honest_probability_is_the_best_answer(truth, other):
    p, q = np.array(truth) / sum(truth), np.array(other) / sum(other)
    for score in (scores.log_score, scores.brier):
        expected = [sum(p[c] * score([said], [c])[0] for c in range(3)) for said in (p, q)]
        assert expected[0] <= expected[1] + 1e-12


def test_skill_is_what_is_saved_of_the_baseline():
    blocks = np.repeat(np.arange(40), 10)
    found = skill.skill(np.full(400, 0.9), np.full(400, 1.0), blocks)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1)) and found.blocks == 40


def test_below_thirty_blocks_it_is_too_early_to_say():
    assert skill.skill(np.ones(290), np.ones(290), np.repeat(np.arange(29), 10)) is None


def test_tokens_that_move_together_widen_the_interval():
    rng = np.random.default_rng(0)
    blocks = np.repeat(np.arange(50), 20)
    alone = 1 + 0.3 * rng.normal(size=1000)
    together = 1 + 0.3 * np.repeat(rng.normal(size=50), 20)
    wide = [skill.skill(ours, np.ones(1000), blocks) for ours in (alone, together)]
    assert wide[1].high - wide[1].low > 3 * (wide[0].high - wide[0].low)


def test_the_interval_is_the_same_each_time_and_from_sums_of_blocks():
    rng = np.random.default_rng(0)
    blocks, ours = np.repeat(np.arange(40), 5), rng.random(200)
    single = skill.skill(ours, np.ones(200), blocks)
    assert single == skill.skill(ours, np.ones(200), blocks)
    sums = skill.skill(ours.reshape(40, 5).sum(axis=1), np.full(40, 5.0), np.arange(40))
    assert (sums.low, sums.high) == pytest.approx((single.low, single.high))


def test_blocks_are_weeks_or_two_horizons():
    days = np.array([0, 6, 7, 60]) * 86_400
    assert skill.blocks_of(by_name["1h"], days).tolist() == [0, 0, 1, 8]
    assert skill.blocks_of(by_name["30d"], days).tolist() == [0, 0, 0, 1]


def test_calibration_by_hand():
    """Four times 0.45 with two hits, twice 0.55 with two: ECE = (|1.8 − 2| + |1.1 − 2|) ÷ 6."""
    found = calibration.of([0.45] * 4 + [0.55] * 2, [1, 1, 0, 0, 1, 1])
    assert [(one.bin, one.n) for one in found.bins if one.n] == [(4, 4), (5, 2)]
    assert found.bins[4].mean_probability == pytest.approx(0.45) and found.bins[4].observed == 0.5
    assert found.ece == pytest.approx(1.1 / 6) and found.slope == pytest.approx(5.0)


def test_honest_probabilities_have_slope_one_and_no_error():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.3, 0.6, 40_000)
    found = calibration.of(p, rng.random(40_000) < p)
    assert found.slope == pytest.approx(1, abs=0.1) and found.ece < 0.01
    assert all(one.low <= one.observed <= one.high for one in found.bins if one.n)


def test_of_nothing_there_is_no_calibration():
    found = calibration.of([], [])
    assert (found.n, found.ece, found.slope) == (0, None, None) and found.bins[0].observed is None


def test_the_favoured_class_is_the_one_that_is_judged():
    found = calibration.favoured([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]], [0, 1])
    assert found.n == 2 and found.bins[5].observed == 0.5


def test_coverage_counts_the_ends_as_inside():
    hit = coverage.inside([[-0.1, 0, 0.1]] * 4, [-0.1, 0.1, 0.11, 0])
    assert coverage.coverage(hit) == 0.75 and coverage.coverage([]) is None


def test_which_instants_count():
    at = np.array([0, 900, 3600, 86_400])
    assert thinning.counts(by_name["15m"], at).tolist() == [True] * 4
    assert thinning.counts(by_name["1d"], at).tolist() == [True, False, True, True]
    assert thinning.counts(by_name["7d"], at).tolist() == [True, False, False, True]
    assert thinning.counts_at(by_name["7d"], 86_400) and not thinning.counts_at(by_name["7d"], 3600)


def test_independent_outcomes_are_the_span_over_the_horizon():
    assert thinning.independent(by_name["7d"], np.arange(8) * 86_400) == 2
    assert thinning.independent(by_name["7d"], []) == 0
