"""Ranges hold what they promise: on a process whose quantiles are known, in calm and in wild times."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictions.engines import conformal
from predictions.engines.conformal import MOST, RangeState
from predictions.horizons import TIMEFRAMES, by_name

HOUR = by_name["1h"]
NORMAL_90 = 1.2815515655446004


def covered(deviations, *, stated=1.0, seed=0, timeframe=HOUR):
    """Which of normal outcomes (moments, tokens) lay inside a range that believes in deviation `stated`."""
    moments, tokens = deviations.shape
    came = np.random.default_rng(seed).normal(size=deviations.shape) * deviations
    state, columns = RangeState.fresh(tokens), np.arange(tokens)
    plain = np.tile([-NORMAL_90 * stated, 0.0, NORMAL_90 * stated], (tokens, 1))
    hits = np.empty(came.shape, bool)
    for moment in range(moments):
        spread = conformal.scaled(plain, state.log_factors(columns))
        hits[moment] = (came[moment] >= spread[:, 0]) & (came[moment] <= spread[:, 2])
        state.learn(timeframe, columns, hits[moment], tokens)
    return hits, state


def test_a_right_range_stays_as_it_is():
    hits, state = covered(np.ones((6000, 4)))
    assert hits.mean() == pytest.approx(0.8, abs=0.01)
    assert np.abs(state.log_factors(np.arange(4))).max() < 0.2


@pytest.mark.parametrize("truth", [0.5, 2.0])
def test_a_wrong_range_learns_its_width(truth):
    hits, state = covered(np.full((6000, 4), truth))
    assert hits[2000:].mean() == pytest.approx(0.8, abs=0.01)
    assert np.exp(state.log_factors(np.arange(4))).mean() == pytest.approx(truth, rel=0.1)


def test_coverage_comes_back_after_the_volatility_doubled():
    deviations = np.ones((8000, 4))
    deviations[4000:] = 2.0
    hits, _ = covered(deviations)
    assert hits[4000:4020].mean() < 0.7
    assert hits[4400:].mean() == pytest.approx(0.8, abs=0.01)
    assert hits.mean() == pytest.approx(0.8, abs=0.01)


def test_each_token_finds_its_own_width():
    truth = np.array([0.6, 1.0, 1.7])
    hits, state = covered(np.tile(truth, (9000, 1)))
    assert hits[3000:].mean(axis=0) == pytest.approx([0.8] * 3, abs=0.015)
    assert np.exp(state.log_factors(np.arange(3))) == pytest.approx(truth, rel=0.15)


def test_one_miss_moves_it_as_by_hand():
    state = RangeState.fresh(2)
    state.learn(HOUR, np.array([0, 1]), np.array([False, True]), 2)
    assert state.own == pytest.approx([0.01 * 0.8, -0.01 * 0.2], abs=1e-12)
    assert state.common == pytest.approx(0.01 * (0.8 - 0.2) / 2, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "overlapping"), [("15m", 1), ("1h", 1), ("4h", 4), ("1d", 24), ("7d", 7), ("30d", 30)]
)
def test_overlapping_forecasts_share_one_step(name, overlapping):
    assert conformal.rate(by_name[name]) == pytest.approx(0.02 / overlapping)


def test_it_never_passes_its_bounds():
    state = RangeState.fresh(1)
    for _ in range(2000):
        state.learn(HOUR, np.array([0]), np.array([False]), 1)
    assert state.log_factors(np.array([0])) == MOST
    for _ in range(2000):
        state.learn(HOUR, np.array([0]), np.array([True]), 1)
    assert state.log_factors(np.array([0])) < 0, "bounds leave no debt that would take years to pay"


@given(
    inside=st.lists(st.booleans(), min_size=2, max_size=12),
    cut=st.integers(1, 11),
    start=st.floats(-1, 1),
    timeframe=st.sampled_from(TIMEFRAMES),
    seed=st.integers(0, 99),
)
def test_how_outcomes_are_split_and_ordered_does_not_matter(inside, cut, start, timeframe, seed):
    n = len(inside)
    hits, grained = np.array(inside), round(start * 2**40) / 2**40
    together, parts = RangeState(np.full(n, grained), grained), RangeState(np.full(n, grained), grained)
    together.learn(timeframe, np.arange(n), hits, n)
    order = np.random.default_rng(seed).permutation(n)
    for some in (order[:cut], order[cut:]):
        if len(some):
            parts.learn(timeframe, some, hits[some], n)
    assert together.own.tobytes() == parts.own.tobytes()
    assert together.common == parts.common


@settings(max_examples=300)
@given(
    middle=st.floats(-0.5, 0.5),
    below=st.floats(1e-9, 1.0),
    above=st.floats(1e-9, 1.0),
    own=st.floats(-MOST, MOST),
    common=st.floats(-MOST, MOST),
    reference=st.floats(1e-12, 1e9),
)
def test_prices_always_ascend(middle, below, above, own, common, reference):
    plain = np.array([[middle - below, middle, middle + above]])
    spread = conformal.scaled(plain, conformal.log_factors(np.array([own]), common))
    low, median, high = conformal.prices(np.array([reference]), spread)[0]
    assert 0 < low < median < high
    assert spread[0, 1] == middle
