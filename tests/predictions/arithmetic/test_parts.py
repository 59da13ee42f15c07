"""The parts of a pool, each against the library or by hand."""

from dataclasses import replace

import numpy as np
import pytest

from predictions.engines import growing, linear, persistence
from predictions.engines.ensemble import part_odds
from predictions.engines.odds import blend, sigmoid, three
from predictions.engines.sight import Seen, with_band
from predictions.evaluation import scores, skill
from predictions.horizons import by_name
from tests.predictions.arithmetic.rows import NAMES, batch_of, came, rows, trained

linear_model = pytest.importorskip("sklearn.linear_model")
POOL = trained()
FRESH = rows(seed=1)


def seen_of(given):
    batch = batch_of(given)
    X = with_band(batch.X, batch.band, batch.scale)
    return Seen(batch.timeframe, X, batch.scale, batch.band, batch.baseline, batch.baseline_quantiles)


def test_the_logistic_is_the_librarys():
    rng = np.random.default_rng(3)
    Z = rng.normal(size=(2000, 4))
    target = (rng.random(2000) < sigmoid(0.4 + Z @ [1.0, -0.5, 0.2, 0.0])).astype(float)
    own = linear.fit_logistic(Z, target, ridge=10.0)
    theirs = linear_model.LogisticRegression(C=1 / 10.0, tol=1e-12, max_iter=1000).fit(Z, target)
    assert own[1:] == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert own[0] == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_the_linear_part_says_what_the_librarys_logistic_would():
    part, seen = POOL.engines["linear"].sideways, seen_of(FRESH)
    model = linear_model.LogisticRegression()
    model.classes_, model.coef_ = np.array([0, 1]), part.coefficients[None, 1:]
    model.intercept_ = part.coefficients[:1]
    Z = linear.standardised(seen.X[:, part.columns], part.means, part.scales)
    assert np.abs(part.log_odds(seen.X) - model.decision_function(Z)).max() < 1e-9


def test_what_is_missing_counts_as_usual_in_the_linear_part():
    part, seen = POOL.engines["linear"].sideways, seen_of(FRESH)
    usual, missing = seen.X[:1].copy(), seen.X[:1].copy()
    usual[0, part.columns[0]], missing[0, part.columns[0]] = part.means[0], np.nan
    assert part.log_odds(usual) == pytest.approx(part.log_odds(missing), abs=1e-12)


@pytest.mark.parametrize("loss", ["log_loss", "poisson", "quantile"])
def test_grown_trees_say_what_the_library_says(loss):
    given = rows()
    X = np.where(np.random.default_rng(1).random(given["X"].shape) < 0.1, np.nan, given["X"])
    target = (came(given) == 2).astype(float) if loss == "log_loss" else given["activity"]
    recipe = growing.Recipe(loss, quantile=0.8 if loss == "quantile" else None)
    trees = growing.grow(X, target, recipe, 40, seed=0)
    model = growing._library(recipe, 40, len(X), 0, stopping=False).fit(X, target)
    said = model.decision_function(X) if loss == "log_loss" else model.predict(X)
    if loss == "poisson":
        said = np.log(said)
    assert np.abs(trees.predict(X) - said).max() < 1e-9


def test_volatility_turns_a_width_into_a_probability_by_what_returns_did():
    part, seen = POOL.engines["volatility"], seen_of(FRESH)
    within = np.abs(FRESH["log_return"]) <= FRESH["band"]
    said = part.probabilities(seen)[:, 2]
    for low, high in ((0.0, 0.25), (0.25, 0.4), (0.4, 1.0)):
        some = (said > low) & (said <= high)
        assert within[some].mean() == pytest.approx(said[some].mean(), abs=0.06)
    wider = part.probabilities(replace(seen, band=seen.band * 1.5))[:, 2]
    assert (wider > said).all()


@pytest.mark.parametrize(("name", "hours"), [("15m", 0.25), ("1h", 1), ("1d", 24), ("30d", 720)])
def test_persistence_looks_at_the_last_move_of_the_same_length(name, hours):
    frame = by_name[name]
    names = (persistence.LAST_RETURN[name],)
    scale, band = np.full(4, 0.01), np.full(4, 0.02)
    moved = np.array([0.03, -0.03, 0.01, np.nan]) / (0.01 * np.sqrt(hours))
    seen = Seen(frame, moved[:, None], scale, band, np.full((4, 3), 1 / 3), np.zeros((4, 3)))
    assert persistence.last_class(seen, names).tolist() == [0, 1, 2, persistence.UNKNOWN]


def test_persistence_counts_what_followed_and_shrinks_by_thirty_outcomes():
    """After sideways: 60 sideways and 30 up are (60 + 10) ÷ 120 and (30 + 10) ÷ 120."""
    last, then = np.full(90, 2), np.array([2] * 60 + [0] * 30, np.int8)
    table = persistence.count(last, then, by_name["1h"])
    assert table[2].tolist() == pytest.approx([40 / 120, 10 / 120, 70 / 120])
    assert table[0].tolist() == pytest.approx([1 / 3] * 3) and np.allclose(table.sum(axis=1), 1)
    assert np.abs(persistence.count(last, then, by_name["30d"])[2] - 1 / 3).max() < 0.05


def test_the_ensemble_is_the_mean_of_its_parts_log_odds():
    mixed, seen = POOL.engines["ensemble"], seen_of(FRESH)
    assert mixed.weights.sum() == pytest.approx(1) and (mixed.weights >= 0).all()
    odds = part_odds(mixed.linear, mixed.boosting, mixed.volatility, seen)
    said = mixed.base + mixed.slope * ((odds * mixed.weights).sum(axis=1) - mixed.base)
    lean = sigmoid((mixed.linear.lean(seen.X) + mixed.boosting.lean(seen.X)) / 2)
    assert np.allclose(mixed.probabilities(seen), three(sigmoid(said), lean), atol=1e-12)


def test_the_ensemble_is_better_than_climatology_and_no_worse_than_its_parts():
    def skill_of(name):
        said = POOL.engines[name].forecast(batch_of(FRESH)).probabilities
        even = np.full(said.shape, 1 / 3)
        return skill.point(scores.log_score(said, came(FRESH)), scores.log_score(even, came(FRESH)))

    found = {name: skill_of(name) for name in POOL.engines}
    assert found["ensemble"] > 0.03
    assert found["ensemble"] > min(found[name] for name in ("linear", "boosting", "volatility"))
    assert abs(found["persistence"]) < 0.01, "nothing repeats here"


@pytest.mark.parametrize("name", ["7d", "14d", "30d"])
def test_from_seven_days_on_the_ensemble_is_half_climatology(name):
    given = rows(n=2500, timeframe=name)
    mixed = trained(given).engines["ensemble"]
    own = seen_of(given)
    base = np.tile([0.2, 0.3, 0.5], (len(own.X), 1))
    seen = replace(own, baseline=base)
    even = mixed.probabilities(replace(own, baseline=np.full_like(base, 1 / 3)))
    alone = even**2 / (even**2).sum(axis=1, keepdims=True)
    assert np.allclose(mixed.probabilities(seen), blend(alone, base, 0.5), atol=1e-9)


@pytest.mark.parametrize(("name", "share"), [("1h", 0.0), ("14d", 0.0), ("30d", 0.5)])
def test_the_range_is_the_volatility_engines_and_at_thirty_days_half_the_baselines(name, share):
    given = rows(n=2500, timeframe=name)
    mixed, seen = trained(given).engines["ensemble"], seen_of(given)
    own, usual = (q[:, 2] - q[:, 0] for q in (mixed.volatility.quantiles(seen), seen.baseline_quantiles))
    said = mixed.quantiles(seen)
    assert np.allclose(np.log(said[:, 2] - said[:, 0]), (1 - share) * np.log(own) + share * np.log(usual))
    assert (np.diff(said) > 0).all()


def test_below_seven_days_the_climatology_has_no_say():
    mixed, seen = POOL.engines["ensemble"], seen_of(FRESH)
    other = replace(seen, baseline=np.tile([0.2, 0.3, 0.5], (len(seen.X), 1)))
    assert np.array_equal(mixed.probabilities(seen), mixed.probabilities(other))


def test_all_of_a_pool_have_its_version_and_name():
    assert {engine.version for engine in POOL.engines.values()} == {"test"}
    assert all(engine.name == name for name, engine in POOL.engines.items())
    assert set(POOL.engines) == {"ensemble", "boosting", "volatility", "linear", "persistence"}, NAMES
