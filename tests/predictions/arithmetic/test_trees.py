"""Trees as arrays give the library's figures."""

import numpy as np
import pytest

from predictions.engines.trees import ROWS_AT_ONCE, Trees

sklearn_ensemble = pytest.importorskip("sklearn.ensemble")


def holed(n=3000, columns=6, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, columns))
    X[rng.random(X.shape) < 0.2] = np.nan
    return X, np.nan_to_num(X[:, 0]) + np.isnan(X[:, 1]) + 0.3 * rng.normal(size=n)


def test_a_classifier_is_repeated_with_missing_values_and_all():
    X, y = holed()
    model = sklearn_ensemble.HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=15, random_state=0)
    trees = Trees.of_library(model.fit(X, y > 0.5), np.arange(6))
    assert np.abs(trees.predict(X) - model.decision_function(X)).max() < 1e-9


def test_a_regressor_is_repeated_also_for_values_never_seen():
    X, y = holed()
    model = sklearn_ensemble.HistGradientBoostingRegressor(loss="poisson", max_iter=30, random_state=0)
    trees = Trees.of_library(model.fit(X, np.abs(y)), np.arange(6))
    fresh = np.vstack([holed(seed=1)[0] * 10, np.full((1, 6), np.nan), [[np.inf, -np.inf, 0, 0, 0, 0]]])
    assert np.abs(np.exp(trees.predict(fresh)) - model.predict(fresh)).max() < 1e-9


def test_columns_left_out_of_training_keep_their_place():
    X, y = holed()
    kept = np.array([0, 1, 3])
    model = sklearn_ensemble.HistGradientBoostingRegressor(max_iter=10, random_state=0).fit(X[:, kept], y)
    assert np.abs(Trees.of_library(model, kept).predict(X) - model.predict(X[:, kept])).max() < 1e-9


def test_rows_do_not_depend_on_their_neighbours():
    X, y = holed(n=ROWS_AT_ONCE + 5)
    trees = Trees.of_library(
        sklearn_ensemble.HistGradientBoostingRegressor(max_iter=10, random_state=0).fit(X, y), np.arange(6)
    )
    assert np.array_equal(trees.predict(X)[-5:], trees.predict(X[-5:]))


def test_no_trees_say_nothing():
    assert Trees.none().predict(np.ones((3, 2))).tolist() == [0, 0, 0]


def test_trees_that_point_outside_are_refused():
    X, y = holed(500)
    model = sklearn_ensemble.HistGradientBoostingRegressor(max_iter=3, random_state=0).fit(X, y)
    arrays = Trees.of_library(model, np.arange(6)).arrays("t")
    arrays["t.left"] = arrays["t.left"] + 1000
    with pytest.raises(ValueError, match="outside"):
        Trees.of_arrays("t", arrays)
