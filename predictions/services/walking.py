"""Walk-forward tests of an engine on a history, by the very code that serves: for back-tests and for
training.
"""

from collections.abc import Callable

import numpy as np

from core.lib.errors import NotEnoughHistory
from predictions.engines import rules, training
from predictions.engines.base import Batch, Engine
from predictions.engines.batches import example_batch, pick_rows
from predictions.engines.boosting import Boosting
from predictions.engines.climatology import Climatology
from predictions.evaluation import walk_forward
from predictions.evaluation.skill import Skill
from predictions.evaluation.walk_forward import Fold, Report, Said, Split
from predictions.features.examples import Examples, counting_instants, examples
from predictions.features.frame import History
from predictions.horizons import DAY, Timeframe

MOST_ROWS = 150_000
"""More rows bring little, and the panel of features must fit into memory."""
FOLDS = 4
TESTED_SHARE = 0.5
VERSION = "walk-forward"

Teacher = Callable[[Examples, Batch, Split], Engine]
"""Makes the engine that is tested in one fold, from what had matured when the fold began."""


def examples_of(history: History, timeframe: Timeframe, most: int = MOST_ROWS) -> Examples:
    """Rows at the instants that count, or at each second or third of them where there would be too many."""
    rows = len(counting_instants(history, timeframe)) * len(history.tokens)
    return examples(history, timeframe, counting_instants(history, timeframe, max(1, -(-rows // most))))


def plan_of(rows: Examples, folds: int = FOLDS) -> list[Fold]:
    """The later half of the time, in equal parts: before each, the engine learns anew."""
    if not len(rows):
        return []
    first, last = int(rows.as_of[0]), int(rows.as_of[-1]) + 1
    start = (first + int((last - first) * (1 - TESTED_SHARE))) // DAY * DAY
    return walk_forward.folds(start, last, max(DAY, -(-(last - start) // folds)))


def learn(rows: Examples, version: str = VERSION) -> Boosting:
    """The boosting from matured rows; scikit-learn is imported here and nowhere in a web process."""
    return training.train(
        rows.X,
        rows.log_return,
        rows.band,
        rows.as_of,
        rows.timeframe,
        scale=rows.scale,
        activity=rows.activity,
        feature_names=rows.names,
        version=version,
    )


ENGINES: dict[str, Teacher] = {
    "climatology": lambda rows, batch, split: Climatology(),
    "rules": lambda rows, batch, split: rules.fit(
        pick_rows(batch, split.train), rows.log_return[split.train], VERSION
    ),
    "boosting": lambda rows, batch, split: learn(rows.pick(split.train)),
}


def walk(
    rows: Examples,
    history: History,
    teacher: Teacher,
    plan: list[Fold],
    done: Callable[[Fold], None] | None = None,
) -> Report:
    """How the engine would have done against the baseline, learning anew before each fold."""
    batch = example_batch(rows, history)

    def say(split: Split) -> Said:
        asked = pick_rows(batch, split.test)
        try:
            answer = teacher(rows, batch, split).forecast(asked)
        except NotEnoughHistory:
            nothing = np.full((int(split.test.sum()), 3), np.nan)
            return Said(nothing, nothing)
        return Said(answer.probabilities, answer.quantiles)

    said = walk_forward.walk_forward(rows, plan, say, done)
    tested = np.isin(np.arange(len(rows)), _tested(rows, plan))
    return walk_forward.report(rows, tested, said, Said(batch.baseline, batch.baseline_quantiles))


def scores_shown(report: Report) -> dict[str, object]:
    """A report as plain JSON, for the registry and for files."""
    return {
        "n": report.n,
        "void": report.void,
        "abstained": report.abstained,
        "independent_n": round(report.independent, 1),
        "log_score": _rounded(report.log_score),
        "brier": _rounded(report.brier),
        "skill": _interval(report.log_interval),
        "skill_without_interval": _rounded(report.log_skill),
        "brier_skill": _interval(report.brier_interval),
        "pinball_skill": _interval(report.pinball_interval),
        "direction_accuracy": _rounded(report.direction),
        "coverage_80": _rounded(report.coverage_80),
        "ece": _rounded(report.calibration.ece),
        "calibration_slope": _rounded(report.calibration.slope),
    }


def _tested(rows: Examples, plan: list[Fold]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    if not plan:
        return np.empty(0, np.int64)
    return np.flatnonzero((rows.as_of >= plan[0].start) & (rows.as_of < plan[-1].end))


def _interval(found: Skill | None) -> dict[str, float | int] | None:
    if found is None:
        return None
    return {
        "value": round(found.value, 6),
        "low": round(found.low, 6),
        "high": round(found.high, 6),
        "blocks": found.blocks,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
