"""Correlation of holdings, against numpy's own and by hand."""

import numpy as np
import pytest

from portfolios.accounting.together import (
    LEAST_DAYS,
    correlations,
    daily_log_returns,
    groups,
    joined,
    nearest_valid,
)

DRAWN = np.random.default_rng(7)


def test_returns_are_logarithms_and_a_missing_close_leaves_both_its_days_out() -> None:
    closes = np.array([[100.0], [110.0], [np.nan], [121.0]])
    returns = daily_log_returns(closes)[:, 0]
    assert returns[0] == pytest.approx(np.log(1.1))
    assert np.isnan(returns[1:]).all()


def test_whole_columns_correlate_as_numpy_says() -> None:
    returns = DRAWN.standard_normal((90, 5)) @ DRAWN.standard_normal((5, 5)) / 100
    assert correlations(returns) == pytest.approx(np.corrcoef(returns, rowvar=False), abs=1e-12)


def test_a_pair_is_measured_over_the_days_that_both_have() -> None:
    returns = DRAWN.standard_normal((90, 2))
    returns[:20, 0], returns[70:, 1] = np.nan, np.nan
    both = returns[20:70]
    assert correlations(returns)[0, 1] == pytest.approx(np.corrcoef(both, rowvar=False)[0, 1])


def test_with_too_few_days_in_common_nothing_is_said() -> None:
    returns = DRAWN.standard_normal((90, 2))
    returns[LEAST_DAYS - 1 :, 0] = np.nan
    assert np.isnan(correlations(returns)[0, 1])


def test_what_stands_still_moves_with_nothing() -> None:
    returns = np.column_stack([DRAWN.standard_normal(90), np.full(90, 0.001)])
    assert correlations(returns)[0, 1] == 0


def test_three_that_move_as_one_are_told_together() -> None:
    alike = np.array([[1, 0.9, 0.85, 0.1], [0.9, 1, 0.8, 0.2], [0.85, 0.8, 1, 0.3], [0.1, 0.2, 0.3, 1]])
    assert groups(alike, [0.2, 0.3, 0.1, 0.4]) == [[1, 0, 2]]


def test_a_chain_of_pairs_is_no_group_of_three() -> None:
    """The ends of the chain do not move alike, so the middle joins the larger end alone."""
    chain = np.array([[1, 0.9, 0.5], [0.9, 1, 0.9], [0.5, 0.9, 1]])
    assert groups(chain, [0.4, 0.3, 0.3]) == [[0, 1]]


def test_small_groups_and_unknown_correlations_are_not_told() -> None:
    assert groups(np.ones((2, 2)), [0.1, 0.1]) == []
    unknown = np.array([[1, np.nan], [np.nan, 1]])
    assert groups(unknown, [0.5, 0.5]) == []
    assert joined(unknown, [0.4, 0.6]) == [1]


def test_correlations_that_do_not_fit_together_are_mended() -> None:
    """A moves with B, B with C, but A against C: no three columns of numbers are so."""
    impossible = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    mended = nearest_valid(impossible)
    assert np.linalg.eigvalsh(mended).min() > 0
    assert np.diag(mended) == pytest.approx(1)
    valid = np.array([[1, 0.5], [0.5, 1]])
    assert nearest_valid(valid) == pytest.approx(valid)
