"""Engines that learn: they learn what is there, invent nothing, and keep the engine's promise."""

import sys
from dataclasses import replace
from subprocess import run

import numpy as np
import pytest

from core.lib.errors import NotEnoughHistory
from predictions.engines import sight
from predictions.engines.odds import blend
from predictions.evaluation import scores, skill
from predictions.evaluation.coverage import coverage, inside
from tests.predictions.arithmetic.rows import NAMES, batch_of, came, rows, trained

POOL = trained()
MODEL = POOL.engines["ensemble"]
FRESH = rows(seed=1)
SAID = MODEL.forecast(batch_of(FRESH))


def skill_of(said, given):
    """Of the rows that it speaks about."""
    spoken, happened = said.probabilities[said.ok], came(given)[said.ok]
    even = np.full(spoken.shape, 1 / 3)
    return skill.point(scores.log_score(spoken, happened), scores.log_score(even, happened))


def test_what_decides_is_learned():
    assert skill_of(SAID, FRESH) > 0.03


def test_shuffled_labels_give_no_skill():
    given = rows(n=6000)
    mixed = np.random.default_rng(5).permutation(len(given["X"]))
    shuffled = {**given, "X": given["X"][mixed]}
    assert -0.02 < skill_of(trained(shuffled).engines["ensemble"].forecast(batch_of(FRESH)), FRESH) < 0.01


def test_a_feature_from_the_future_shows_at_once():
    def leaking(given):
        return {**given, "X": np.column_stack([given["X"][:, :2], given["log_return"]])}

    said = trained(leaking(rows(n=1000))).engines["ensemble"].forecast(batch_of(leaking(FRESH)))
    assert skill_of(said, FRESH) > 0.5


def test_probabilities_and_ranges_keep_the_promise():
    assert SAID.ok.all() and np.allclose(SAID.probabilities.sum(axis=1), 1, atol=1e-12)
    assert (SAID.probabilities > 0).all() and (np.diff(SAID.quantiles) > 0).all()


def test_eight_in_ten_outcomes_fall_inside_the_range():
    assert coverage(inside(SAID.quantiles, FRESH["log_return"])) == pytest.approx(0.8, abs=0.03)


def test_the_range_is_wider_where_it_is_lively():
    wide = SAID.quantiles[:, 2] - SAID.quantiles[:, 0]
    assert wide[FRESH["X"][:, 0] < -1].mean() > 1.5 * wide[FRESH["X"][:, 0] > 1].mean()


@pytest.mark.parametrize("name", POOL.engines)
def test_a_row_is_forecast_alike_alone_and_among_others(name):
    together = POOL.engines[name].forecast(batch_of(FRESH))
    for place in (0, 7, 2999):
        one = slice(place, place + 1)
        alone = {key: of[one] if isinstance(of, np.ndarray) else of for key, of in FRESH.items()}
        said = POOL.engines[name].forecast(batch_of(alone))
        assert np.array_equal(said.probabilities[0], together.probabilities[place])
        assert np.array_equal(said.quantiles[0], together.quantiles[place])


def test_features_are_found_by_name():
    turned = {**FRESH, "X": FRESH["X"][:, ::-1]}
    said = MODEL.forecast(batch_of(turned, names=NAMES[::-1]))
    assert np.array_equal(said.probabilities, SAID.probabilities)


def test_the_later_fifth_is_purged_of_what_reaches_into_it():
    from predictions.engines.lessons import parts

    given = rows(timeframe="1d")
    early, late = parts(given["as_of"], given["timeframe"])
    reach = given["as_of"][early].max() + 2 * 86_400
    assert reach <= given["as_of"][late].min() and late.sum() == pytest.approx(600, abs=2)


def test_training_twice_gives_the_same_state():
    first, second = (trained(rows(n=1000)).arrays() for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_too_few_rows_are_not_learned_from():
    with pytest.raises(NotEnoughHistory, match="too few"):
        trained(rows(n=300))


def test_another_timeframe_and_a_token_without_scale_get_reasons():
    from predictions.horizons import by_name

    batch = batch_of(FRESH)
    foreign = MODEL.forecast(replace(batch, timeframe=by_name["4h"]))
    assert not foreign.ok.any() and set(foreign.reasons) == {sight.WRONG_TIMEFRAME}
    scale = batch.scale.copy()
    scale[0] = np.nan
    assert MODEL.forecast(replace(batch, scale=scale)).ok.tolist()[:2] == [False, True]


def test_long_horizons_stay_near_the_baseline():
    own, base = np.array([[0.6, 0.2, 0.2]]), np.full((1, 3), 1 / 3)
    half = blend(own, base, 0.5)
    assert half.sum() == pytest.approx(1) and 1 / 3 < half[0, 0] < 0.6
    assert np.allclose(blend(own, base, 1.0), own)


def test_serving_never_imports_the_library():
    code = "import sys, predictions.engines.artifacts, predictions.engines.learning; print('sklearn' in sys.modules)"
    found = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_from_seven_days_on_no_direction_is_claimed():
    given = rows(n=1000, timeframe="7d")
    pool = trained(given)
    assert pool.engines["boosting"].shrink == pool.engines["linear"].shrink == 0
    assert pool.engines["volatility"].residuals[1] == pytest.approx(0, abs=1e-12)
    for name in ("ensemble", "boosting", "volatility", "linear"):
        said = pool.engines[name].forecast(batch_of(given))
        assert said.ok.mean() > 0.9
        assert np.allclose(said.probabilities[said.ok, 0], said.probabilities[said.ok, 1])
