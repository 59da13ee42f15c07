"""The original formula, mended."""

from dataclasses import replace

import numpy as np
import pytest

from predictions.engines import rules
from predictions.engines.rules import Rules
from tests.predictions.arithmetic.rows import batch_of, rows


def asking(ratios, moves):
    """Volume ratios to the 7-day mean, and 24-hour price changes in per cent."""
    n = len(ratios)
    scale = 0.005
    X = np.column_stack(
        [np.log(ratios), np.log1p(np.array(moves) / 100) / (scale * np.sqrt(24)), np.zeros(n)]
    )
    given = rows(n=n)
    return batch_of(
        {**given, "X": X, "scale": np.full(n, scale)}, names=("rvol_1h_7d", "return_24h", "other")
    )


@pytest.mark.parametrize(
    ("ratio", "move", "up"),
    [(1.6, 3, 0.655), (1.6, -3, 0.52), (0.6, 3, 0.515), (0.6, -3, 0.38), (1.0, 0, 0.5), (1.4, 1.9, 0.5)],
)
def test_the_formula_by_hand(ratio, move, up):
    """½, + 0.08 above 1.5 times the volume or − 0.06 below 0.7, + 0.075 above 2 % or − 0.06 below −2 %."""
    assert rules.original_up(asking([ratio], [move]))[0] == pytest.approx(up)


def test_sideways_is_the_climatology_and_direction_is_mapped():
    """Log-odds of 0.655 are 0.641; a tenth of that is 0.516, and two thirds of it 0.344."""
    said = Rules().forecast(asking([1.6], [3])).probabilities[0]
    assert said.tolist() == pytest.approx([0.3440, 0.3227, 1 / 3], abs=1e-4)


def test_without_own_volume_it_abstains():
    batch = asking([1.0, 1.0], [0, 0])
    batch.X[0, 0] = np.nan
    batch.X[1, 1] = np.nan
    said = Rules().forecast(batch)
    assert said.reasons == [rules.NO_VOLUME, rules.NO_MOMENTUM] and not said.ok.any()


def test_the_slope_is_fitted_to_what_came():
    rng = np.random.default_rng(0)
    rising = rng.random(4000) < 0.5
    batch = asking(np.where(rising, 1.6, 0.6), np.where(rising, 3, -3))
    with_it = np.where(rng.random(4000) < 0.6, 1, -1) * np.where(rising, 0.05, -0.05)
    assert rules.fit(batch, with_it, "2").slope > 0.5
    assert rules.fit(batch, -with_it, "2").slope < 0
    assert abs(rules.fit(batch, rng.permutation(with_it), "2").slope) < 0.2


def test_fitting_on_nothing_keeps_the_default():
    batch = asking([1.0], [0])
    assert rules.fit(replace(batch), np.array([np.nan]), "2").slope == rules.DEFAULT_SLOPE
