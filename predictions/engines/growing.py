"""Growing of trees. scikit-learn is imported here, and only inside the functions that need it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Floats
from predictions.engines.trees import Trees

MOST_TREES, FEWEST_TREES = 200, 10
LEARNING_RATE = 0.05
LEAST_PRESENT = 0.05
"""Share of the rows that must have a feature: one that came late tells when it was, not what comes of it."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Recipe:
    """What one set of trees is grown with. `columns`: share of the features that each split may choose from."""

    loss: str
    leaves: int = 15
    leaf_rows: int = 400
    l2: float = 1.0
    columns: float = 0.3
    quantile: float | None = None


def grow_until_best(
    X: Floats, target: Floats, early: Mask, late: Mask, recipe: Recipe, seed: int
) -> tuple[int, Trees]:
    """How many trees are best on the later rows, and that many grown on the earlier ones."""
    kept = present(X[early])
    model = _library(recipe, MOST_TREES, int(early.sum()), seed, stopping=True)
    model.fit(X[early][:, kept], target[early], X_val=X[late][:, kept], y_val=target[late])
    count = max(FEWEST_TREES, int(np.argmax(model.validation_score_)))
    return count, Trees.of_library(model, kept, count)


def grow(X: Floats, target: Floats, recipe: Recipe, count: int, seed: int) -> Trees:
    kept = present(X)
    model = _library(recipe, count, len(X), seed, stopping=False)
    return Trees.of_library(model.fit(X[:, kept], target), kept)


def present(X: Floats) -> NDArray[np.int64]:
    """Columns that enough rows have."""
    return np.flatnonzero(np.isfinite(X).mean(axis=0) >= LEAST_PRESENT)


def _library(recipe: Recipe, count: int, rows: int, seed: int, *, stopping: bool) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    chosen = {
        "max_iter": count,
        "learning_rate": LEARNING_RATE,
        "max_leaf_nodes": recipe.leaves,
        "min_samples_leaf": max(20, min(recipe.leaf_rows, rows // 50)),
        "l2_regularization": recipe.l2,
        "max_features": recipe.columns,
        "early_stopping": stopping,
        "n_iter_no_change": 20,
        "random_state": seed,
    }
    if recipe.loss == "log_loss":
        return HistGradientBoostingClassifier(**chosen)
    return HistGradientBoostingRegressor(loss=recipe.loss, quantile=recipe.quantile, **chosen)
