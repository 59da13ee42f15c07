"""Walk-forward tests of engines on a history, by the very code that serves: for the scores that a training
keeps.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from core.lib.errors import NotEnoughHistory
from predictions.engines.base import Batch, Engine
from predictions.engines.batches import example_batch, pick_rows
from predictions.evaluation import walk_forward
from predictions.evaluation.skill import Skill
from predictions.evaluation.walk_forward import Fold, Mask, Report, Said
from predictions.features.examples import Examples, counting_instants, examples
from predictions.features.frame import History, Seconds
from predictions.horizons import DAY, HOUR, Timeframe

MOST_ROWS = 150_000
"""More rows bring little, and the panel of features must fit into memory."""
LEAST_DAYS = 90
FOLDS = 4
TESTED_SHARE = 0.5
VERSION = "walk-forward"

Teacher = Callable[[Examples, Batch], Mapping[str, Engine]]
"""Makes the engines that are tested in one fold, from rows that had all matured when the fold began."""


def examples_of(history: History, timeframe: Timeframe, most: int = MOST_ROWS) -> Examples:
    """Rows at the instants that count, or at a share of them where there would be too many.

    The share is picked by a hash of the moment: each third hour alone would never see most hours of the day.
    """
    instants = counting_instants(history, timeframe)
    close = history.quarters.close if history.quarters and timeframe.seconds < HOUR else history.close
    rows = float(np.isfinite(close).sum()) * len(instants) / max(1, len(close))
    kept = instants if rows <= most else instants[_lot(instants) < most / rows]
    return examples(history, timeframe, kept)


def _lot(instants: Seconds) -> NDArray[np.float64]:
    """A number in [0, 1) for each moment, the same whenever it is asked for (the mixing of SplitMix64)."""
    mixed = instants.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def refuse_too_short(rows: Examples) -> None:
    """Raises NotEnoughHistory below 90 days: what they teach does worse than the climatology."""
    days = (int(rows.as_of[-1]) - int(rows.as_of[0])) / DAY if len(rows) else 0.0
    if days < LEAST_DAYS:
        raise NotEnoughHistory(
            f"{rows.timeframe.name}: {days:.0f} days can be learned from, {LEAST_DAYS} are needed."
        )


def plan_of(rows: Examples, folds: int = FOLDS) -> list[Fold]:
    """The later half of the time, in equal parts: before each, the engine learns anew."""
    if not len(rows):
        return []
    first, last = int(rows.as_of[0]), int(rows.as_of[-1]) + 1
    start = (first + int((last - first) * (1 - TESTED_SHARE))) // DAY * DAY
    return walk_forward.folds(start, last, max(DAY, -(-(last - start) // folds)))


def learned(rows: Examples, batch: Batch, version: str = VERSION) -> Mapping[str, Engine]:
    """All engines that these rows can teach; the learning library is imported here and nowhere in a web
    process.
    """
    from predictions.engines.learning import learn

    return learn(rows, batch, version).engines


def walk(
    rows: Examples,
    history: History,
    plan: list[Fold],
    done: Callable[[Fold], None] | None = None,
    teacher: Teacher = learned,
) -> dict[str, Report]:
    """How each engine would have done against the baseline, learning anew before each fold: one training
    teaches all of them.
    """
    batch = example_batch(rows, history)
    said: dict[str, Said] = {}
    for fold in plan:
        parts = walk_forward.split(rows, fold)
        if parts.test.any():
            asked = pick_rows(batch, parts.test)
            for name, engine in _taught(rows, batch, parts.train, teacher).items():
                answer = engine.forecast(asked)
                mine = said.setdefault(name, _nothing(len(rows)))
                mine.probabilities[parts.test], mine.quantiles[parts.test] = (
                    answer.probabilities,
                    answer.quantiles,
                )
        if done is not None:
            done(fold)
    tested = np.isin(np.arange(len(rows)), _tested(rows, plan))
    usual = Said(batch.baseline, batch.baseline_quantiles)
    return {name: walk_forward.report(rows, tested, mine, usual) for name, mine in said.items()}


def _taught(rows: Examples, batch: Batch, train: Mask, teacher: Teacher) -> Mapping[str, Engine]:
    try:
        return teacher(rows.pick(train), pick_rows(batch, train))
    except NotEnoughHistory:
        return {}


def _nothing(rows: int) -> Said:
    return Said(np.full((rows, 3), np.nan), np.full((rows, 3), np.nan))


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
