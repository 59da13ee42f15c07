"""Learning of a pool: every engine of one timeframe from the same matured rows.

Each part is fitted twice: on the earlier rows, to see on the later ones how far it may be trusted, and then
on all of them.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.lib.errors import NotEnoughHistory
from predictions.engines import lstm, lstm_learning, persistence, rules
from predictions.engines.base import QUANTILES, Batch, Engine, Floats
from predictions.engines.boosting import Boosting
from predictions.engines.ensemble import PARTS, WEIGHTS, Ensemble, part_odds, pooled
from predictions.engines.growing import Recipe, grow, grow_until_best, present
from predictions.engines.lessons import Lesson, parts
from predictions.engines.linear import Linear, Logistic
from predictions.engines.novelty import Novelty
from predictions.engines.odds import log_loss
from predictions.engines.persistence import Persistence
from predictions.engines.pool import Pool
from predictions.engines.sight import BAND_FEATURE, Sight
from predictions.engines.trees import Trees
from predictions.engines.volatility import LEVELS, Volatility, deviation, usual_deviation
from predictions.features.examples import Examples
from predictions.horizons import DEFINITIONS, SIDEWAYS

SLOPES = np.linspace(0.0, 1.5, 31)
SHRINKS = np.linspace(0.0, 1.0, 21)
SIDEWAYS_TREES = Recipe("log_loss")
DIRECTION_TREES = Recipe("log_loss", leaves=6, leaf_rows=1000, l2=50.0)
LIVELINESS_TREES = Recipe("poisson")
REACH_TREES = Recipe("quantile", quantile=0.8)
SIDEWAYS_RIDGE, DIRECTION_RIDGE = 10.0, 300.0
TRIALS = 48
"""Settings of this recipe that were tried on the recorded candles: the more, the more its scores flatter."""


def learn(rows: Examples, batch: Batch, version: str, *, seed: int = 0) -> Pool:
    """A pool from rows that have all matured, and the batch of the same rows. Raises NotEnoughHistory for too
    few.
    """
    if not len(rows):
        raise NotEnoughHistory(f"{rows.timeframe.name}: there are no matured rows to train on.")
    novelty = Novelty.of(rows.X, *parts(rows.as_of, rows.timeframe))
    sight = Sight(version, rows.timeframe, rows.names, novelty)
    lesson = Lesson.of(rows, batch, sight, seed)
    linear_draft, linear = _linear(lesson)
    volatility_draft, volatility = _volatility(lesson)
    boosting_draft, boosting = _boosting(lesson, volatility_draft, volatility)
    ensemble = _ensemble(
        lesson, (linear_draft, boosting_draft, volatility_draft), (linear, boosting, volatility)
    )
    trained: tuple[Engine, ...] = (ensemble, boosting, volatility, linear, _persistence(lesson))
    optional = _rules(rows, batch, version) | _lstm(lesson)
    engines = {engine.name: engine for engine in trained} | optional
    return Pool(engines, rows.timeframe, version, _header(rows, sight, engines))


def _linear(lesson: Lesson) -> tuple[Linear, Linear]:
    wide = _columns(lesson, is_volatility)
    sideways = [
        Logistic.of(lesson.X[rows], wide, lesson.sideways[rows], SIDEWAYS_RIDGE)
        for rows in (lesson.early, lesson.everything)
    ]
    moved, ways = lesson.came != SIDEWAYS, _columns(lesson, is_short_return)
    early, late = lesson.early & moved, lesson.late & moved
    if not lesson.direction_is_open or not len(ways) or early.sum() < 100 or not late.any():
        return (
            Linear(lesson.sight, sideways[0], Logistic.none(), 0.0),
            Linear(lesson.sight, sideways[1], Logistic.none(), 0.0),
        )
    draft, final = (
        Logistic.of(lesson.X[rows], ways, lesson.up[rows], DIRECTION_RIDGE) for rows in (early, moved)
    )
    odds = draft.log_odds(lesson.X[late]) - draft.coefficients[0]
    shrink = best(SHRINKS, [log_loss(s * odds, lesson.up[late]) for s in SHRINKS])
    return (
        Linear(lesson.sight, sideways[0], draft, shrink),
        Linear(lesson.sight, sideways[1], final, shrink),
    )


def _columns(lesson: Lesson, wanted: Callable[[str], bool]) -> NDArray[np.int64]:
    """Columns of the features that are wanted, where the rows have them."""
    named = [place for place, name in enumerate(lesson.sight.names) if wanted(name)]
    return np.array([place for place in named if place in present(lesson.X)], np.int64)


def is_volatility(name: str) -> bool:
    """Whether a feature tells how much a token or a leader moves, and not where to."""
    words = ("volatility", "mean_move", "parkinson", "garman_klass", "largest_move", "profile")
    return any(word in name for word in words) or name.startswith("range_") or name == BAND_FEATURE


def is_short_return(name: str) -> bool:
    """Whether a feature is a return over a day or less, of the token or of a leader."""
    return "return" in name and (name.endswith("m") or int(name.rsplit("_", 1)[1][:-1]) <= 24)


def _volatility(lesson: Lesson) -> tuple[Volatility, Volatility]:
    """From the earlier rows, and from all; both with the residuals of the earlier one's forecasts."""
    drafts, finals = _widths(lesson)
    # Long horizons have too few independent outcomes in a fifth of the time.
    rows = lesson.late if lesson.direction_is_open else lesson.everything
    wide = deviation(*drafts, lesson.some(rows))
    residual = lesson.log_return[rows] / wide
    if not lesson.direction_is_open:  # their median would only repeat which way those months went
        residual = residual - np.median(residual)
    found = np.quantile(residual, QUANTILES)
    if not (np.diff(found) > 0).all():
        raise NotEnoughHistory(
            f"{lesson.timeframe.name}: prices stand still; no range can be learned from them."
        )
    sizes = np.maximum.accumulate(np.quantile(np.abs(residual), LEVELS))
    return Volatility(lesson.sight, *drafts, sizes, found), Volatility(lesson.sight, *finals, sizes, found)


def _widths(lesson: Lesson) -> tuple[tuple[Trees, Trees], tuple[Trees, Trees]]:
    """Liveliness and reach, from the earlier rows and from all."""
    far = np.abs(lesson.log_return) / usual_deviation(lesson.seen.scale, lesson.timeframe)
    drafts, finals = [], []
    for target, recipe in ((lesson.activity, LIVELINESS_TREES), (far, REACH_TREES)):
        count, draft = grow_until_best(lesson.X, target, lesson.early, lesson.late, recipe, lesson.seed)
        drafts.append(draft)
        finals.append(grow(lesson.X, target, recipe, count, lesson.seed))
    return (drafts[0], drafts[1]), (finals[0], finals[1])


def _boosting(lesson: Lesson, *volatility: Volatility) -> tuple[Boosting, Boosting]:
    sideways, slope = _sideways(lesson)
    direction, shrink = _direction(lesson)
    first, second = (
        Boosting(lesson.sight, side, way, slope, shrink, wide)
        for side, way, wide in zip(sideways, direction, volatility, strict=True)
    )
    return first, second


def _sideways(lesson: Lesson) -> tuple[tuple[Trees, Trees], float]:
    target, late = lesson.sideways, lesson.late
    count, draft = grow_until_best(lesson.X, target, lesson.early, late, SIDEWAYS_TREES, lesson.seed)
    base, said = draft.start[0], draft.predict(lesson.X[late])
    slope = best(SLOPES, [log_loss(base + s * (said - base), target[late]) for s in SLOPES])
    return (draft, grow(lesson.X, target, SIDEWAYS_TREES, count, lesson.seed)), slope


def _direction(lesson: Lesson) -> tuple[tuple[Trees, Trees], float]:
    moved = lesson.came != SIDEWAYS
    early, late = lesson.early & moved, lesson.late & moved
    if not lesson.direction_is_open or early.sum() < 100 or not late.any():
        return (Trees.none(), Trees.none()), 0.0
    count, draft = grow_until_best(lesson.X, lesson.up, early, late, DIRECTION_TREES, lesson.seed)
    odds = draft.predict(lesson.X[late]) - draft.start[0]
    shrink = best(SHRINKS, [log_loss(s * odds, lesson.up[late]) for s in SHRINKS])
    final = grow(lesson.X[moved], lesson.up[moved], DIRECTION_TREES, count, lesson.seed)
    return (draft, final), shrink


Parts = tuple[Linear, Boosting, Volatility]


def _ensemble(lesson: Lesson, drafts: Parts, finals: Parts) -> Ensemble:
    weights = np.array([WEIGHTS[part] for part in PARTS])
    late = lesson.late
    mixed = pooled(part_odds(*drafts, lesson.some(late)), weights)
    share = float(np.clip(lesson.sideways[lesson.early].mean(), 0.01, 0.99))
    base = float(np.log(share / (1 - share)))
    losses = [log_loss(base + s * (mixed - base), lesson.sideways[late]) for s in SLOPES]
    return Ensemble(lesson.sight, *finals, weights, base, best(SLOPES, losses))


def _persistence(lesson: Lesson) -> Persistence:
    last = persistence.last_class(lesson.seen, lesson.sight.names)
    return Persistence(lesson.sight, persistence.count(last, lesson.came, lesson.timeframe))


def _rules(rows: Examples, batch: Batch, version: str) -> dict[str, Engine]:
    """The original formula with a fitted slope, where its indicators are computed."""
    if not set(rules.INDICATORS) <= set(rows.names):
        return {}
    return {rules.ENGINE: rules.fit(batch, rows.log_return, version)}


def _lstm(lesson: Lesson) -> dict[str, Engine]:
    """Where its extra is installed, and the returns and volatilities that it reads are computed."""
    if not lstm_learning.installed() or not set(lstm.READ) <= set(lesson.sight.names):
        return {}
    return {lstm.ENGINE: lstm_learning.learn_lstm(lesson)}


def best(choices: Floats, losses: list[float]) -> float:
    return float(choices[int(np.argmin(losses))])


def _header(rows: Examples, sight: Sight, engines: dict[str, Engine]) -> dict[str, Any]:
    return {
        "engines": list(engines),
        "version": sight.version,
        "timeframe": rows.timeframe.name,
        "definitions": DEFINITIONS,
        "features": list(rows.names),
        "own_features": [BAND_FEATURE],
        "tokens": sorted({str(rows.tokens[column]) for column in np.unique(rows.token)}),
        "span_from": int(rows.as_of.min()),
        "span_to": int(rows.as_of.max()),
        "rows": len(rows),
        "data_digest": data_digest(rows),
        "trials": TRIALS,
        "scores": {},
    }


def data_digest(rows: Examples) -> str:
    """Of all that was learned from: other rows, another digest."""
    content = hashlib.sha256()
    columns: tuple[NDArray[Any], ...] = (
        rows.as_of,
        rows.token,
        rows.X,
        rows.scale,
        rows.log_return,
        rows.activity,
    )
    for column in columns:
        content.update(np.ascontiguousarray(column).tobytes())
    return content.hexdigest()
