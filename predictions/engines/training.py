"""Training of the gradient boosting. scikit-learn is imported here, and only inside the functions that need
it.

Everything is fitted inside the rows given, which must all have matured: the last fifth of their time decides
how many trees there are, the slope, the shrinkage and the residuals; the trees are then grown again on all of
it. Between both parts lie h + 1 day, so that no outcome of the earlier part reaches into the later.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.lib.errors import NotEnoughHistory
from predictions.engines.base import QUANTILES, Floats
from predictions.engines.boosting import BAND_FEATURE, ENGINE, Boosting, deviation, sigmoid, with_band
from predictions.engines.trees import Trees
from predictions.features.examples import EMBARGO
from predictions.features.history import Seconds
from predictions.horizons import DEFINITIONS, DIRECTION_UNPROVEN, SIDEWAYS, UP, Timeframe, classify

LEAST_ROWS = 400
MOST_TREES, FEWEST_TREES = 200, 10
LEARNING_RATE, LEAVES, LEAF_ROWS = 0.05, 15, 400
VALIDATION_SHARE = 0.2
SLOPES = np.linspace(0.0, 1.5, 31)
SHRINKS = np.linspace(0.0, 1.0, 21)

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Recipe:
    """What one of the three sets of trees is grown with."""

    loss: str
    leaves: int = LEAVES
    leaf_rows: int = LEAF_ROWS
    l2: float = 1.0


_SIDEWAYS = Recipe("log_loss")
_DIRECTION = Recipe("log_loss", leaves=6, leaf_rows=1000, l2=50.0)
_LIVELINESS = Recipe("poisson")


def train(
    X: Floats,
    log_return: Floats,
    band: Floats,
    as_of: Seconds,
    timeframe: Timeframe,
    *,
    scale: Floats,
    activity: Floats,
    feature_names: tuple[str, ...],
    version: str,
    seed: int = 0,
) -> Boosting:
    """A trained state from N matured rows (see `features.examples`). Raises NotEnoughHistory for too few of
    them.
    """
    use = np.isfinite(log_return) & np.isfinite(activity) & (scale > 0)
    early, late = _parts(as_of, use, timeframe)
    if early.sum() < LEAST_ROWS or late.sum() < LEAST_ROWS // 4:
        raise NotEnoughHistory(
            f"{timeframe.name}: {int(use.sum())} matured rows are too few to train on; wait for more candles."
        )
    table = with_band(X, band, np.where(scale > 0, scale, 1.0))
    came = classify(np.where(use, log_return, 0.0), band)
    sideways, slope = _sideways(table, came, early, late, use, seed)
    direction, shrink = Trees.none(), 0.0
    if timeframe.name not in DIRECTION_UNPROVEN:
        direction, shrink = _direction(table, came, early, late, use, seed)
    liveliness, residuals = _range(table, log_return, activity, scale, timeframe, (early, late, use), seed)
    return Boosting(
        version=version,
        timeframe=timeframe,
        feature_names=feature_names,
        sideways=sideways,
        direction=direction,
        liveliness=liveliness,
        sideways_fit=slope,
        direction_shrink=shrink,
        residuals=residuals,
        header=_header(version, timeframe, feature_names, as_of[use], X[use]),
    )


def _parts(as_of: Seconds, use: Mask, timeframe: Timeframe) -> tuple[Mask, Mask]:
    """Earlier rows to grow on and the last fifth of time to decide on, with a purge between them."""
    if not use.any():
        return use, use
    first, last = int(as_of[use].min()), int(as_of[use].max())
    border = last - int((last - first) * VALIDATION_SHARE)
    return use & (as_of + timeframe.seconds + EMBARGO <= border), use & (as_of > border)


def _sideways(
    X: Floats, came: NDArray[np.int8], early: Mask, late: Mask, use: Mask, seed: int
) -> tuple[Trees, tuple[float, float]]:
    target = (came == SIDEWAYS).astype(np.float64)
    count, draft = _grow_until_best(X, target, early, late, _SIDEWAYS, seed)
    base = draft.start[0]
    slope = _best(
        SLOPES, [_log_loss(base + s * (draft.predict(X[late]) - base), target[late]) for s in SLOPES]
    )
    final = _grow(X[use], target[use], _SIDEWAYS, count, seed)
    return final, (float(final.start[0]), slope)


def _direction(
    X: Floats, came: NDArray[np.int8], early: Mask, late: Mask, use: Mask, seed: int
) -> tuple[Trees, float]:
    moved, target = came != SIDEWAYS, (came == UP).astype(np.float64)
    if (early & moved).sum() < LEAST_ROWS // 4 or not (late & moved).any():
        return Trees.none(), 0.0
    count, draft = _grow_until_best(X, target, early & moved, late & moved, _DIRECTION, seed)
    odds = draft.predict(X[late & moved]) - draft.start[0]
    shrink = _best(SHRINKS, [_log_loss(s * odds, target[late & moved]) for s in SHRINKS])
    return _grow(X[use & moved], target[use & moved], _DIRECTION, count, seed), shrink


def _range(
    X: Floats,
    log_return: Floats,
    activity: Floats,
    scale: Floats,
    timeframe: Timeframe,
    parts: tuple[Mask, Mask, Mask],
    seed: int,
) -> tuple[Trees, tuple[float, float, float]]:
    early, late, use = parts
    count, draft = _grow_until_best(X, activity, early, late, _LIVELINESS, seed)
    unproven = timeframe.name in DIRECTION_UNPROVEN
    rows = use if unproven else late  # long horizons have too few independent outcomes in a fifth
    residual = log_return[rows] / np.maximum(deviation(draft, X[rows], scale[rows], timeframe), 1e-12)
    if unproven:  # the median of some months would only repeat which way those months went
        residual = residual - np.median(residual)
    low, middle, high = (float(q) for q in np.quantile(residual, QUANTILES))
    if not low < middle < high:
        raise NotEnoughHistory(f"{timeframe.name}: prices stand still; no range can be learned from them.")
    return _grow(X[use], activity[use], _LIVELINESS, count, seed), (low, middle, high)


def _grow_until_best(
    X: Floats, target: Floats, early: Mask, late: Mask, recipe: Recipe, seed: int
) -> tuple[int, Trees]:
    """How many trees are best on the later rows, and that many grown on the earlier ones."""
    kept = _present(X[early])
    model = _library(recipe, MOST_TREES, int(early.sum()), seed, stopping=True)
    model.fit(X[early][:, kept], target[early], X_val=X[late][:, kept], y_val=target[late])
    count = max(FEWEST_TREES, int(np.argmax(model.validation_score_)))
    return count, Trees.of_library(model, kept, count)


def _grow(X: Floats, target: Floats, recipe: Recipe, count: int, seed: int) -> Trees:
    kept = _present(X)
    model = _library(recipe, count, len(X), seed, stopping=False)
    return Trees.of_library(model.fit(X[:, kept], target), kept)


def _present(X: Floats) -> NDArray[np.int64]:
    """Columns that hold anything: the library refuses those that are missing throughout."""
    return np.flatnonzero(np.isfinite(X).any(axis=0))


def _library(recipe: Recipe, count: int, rows: int, seed: int, *, stopping: bool) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    chosen = {
        "max_iter": count,
        "learning_rate": LEARNING_RATE,
        "max_leaf_nodes": recipe.leaves,
        "min_samples_leaf": max(20, min(recipe.leaf_rows, rows // 50)),
        "l2_regularization": recipe.l2,
        "early_stopping": stopping,
        "n_iter_no_change": 20,
        "random_state": seed,
    }
    if recipe.loss == "log_loss":
        return HistGradientBoostingClassifier(**chosen)
    return HistGradientBoostingRegressor(loss=recipe.loss, **chosen)


def _log_loss(log_odds: Floats, target: Floats) -> float:
    said = np.clip(sigmoid(log_odds), 1e-6, 1 - 1e-6)
    return float(-np.mean(target * np.log(said) + (1 - target) * np.log(1 - said)))


def _best(choices: Floats, losses: list[float]) -> float:
    return float(choices[int(np.argmin(losses))])


def _header(
    version: str, timeframe: Timeframe, names: tuple[str, ...], as_of: Seconds, X: Floats
) -> dict[str, Any]:
    return {
        "engine": ENGINE,
        "version": version,
        "timeframe": timeframe.name,
        "definitions": DEFINITIONS,
        "features": list(names),
        "own_features": [BAND_FEATURE],
        "span_from": int(as_of.min()),
        "span_to": int(as_of.max()),
        "rows": len(as_of),
        "scores": {},
    }
