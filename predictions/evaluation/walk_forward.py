"""Walk-forward: learn from what had matured, forecast what follows, move on, learn again.

Splits are by time over all tokens at once. Between the newest row learned from and the first one tested lie
at least h and a day, so no outcome that was learned reaches into the test. Engines are handed in as a
function; this module knows none.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.evaluation import calibration, coverage, scores, skill
from predictions.evaluation.thinning import independent
from predictions.features.examples import Examples
from predictions.horizons import Timeframe, classify

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Fold:
    """Train on what had matured by `start`; test on forecasts made in [start, end). Seconds since 1970."""

    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Said:
    """`probabilities` (N, 3) and `quantiles` (N, 3) of log returns; NaN rows where the engine abstained."""

    probabilities: Floats
    quantiles: Floats


@dataclass(frozen=True, eq=False)
class Split:
    fold: Fold
    train: Mask
    test: Mask


Forecaster = Callable[[Split], Said]
"""Learns from the rows of `train` and forecasts those of `test`, in their order."""


def folds(first: int, last: int, every_seconds: int) -> list[Fold]:
    """Consecutive folds over [first, last), the last one shorter where it must be."""
    starts = range(first, last, every_seconds)
    return [Fold(start, min(start + every_seconds, last)) for start in starts]


def split(rows: Examples, fold: Fold) -> Split:
    """Rows to learn from (matured a day before the fold starts) and rows to test on."""
    test = (rows.as_of >= fold.start) & (rows.as_of < fold.end)
    return Split(fold, rows.matured(fold.start), test)


def walk_forward(
    rows: Examples, plan: list[Fold], forecaster: Forecaster, done: Callable[[Fold], None] | None = None
) -> Said:
    """What was said about each of `rows`; NaN where no fold tests it. `done` is called after each fold."""
    said = Said(np.full((len(rows), 3), np.nan), np.full((len(rows), 3), np.nan))
    for fold in plan:
        parts = split(rows, fold)
        if parts.test.any():
            found = forecaster(parts)
            said.probabilities[parts.test], said.quantiles[parts.test] = found.probabilities, found.quantiles
        if done is not None:
            done(fold)
    return said


@dataclass(frozen=True)
class Report:
    """Of scored forecasts: `n`, `void` (no outcome), `abstained`; means, skill and calibration; None where
    too early.
    """

    timeframe: Timeframe
    n: int
    void: int
    abstained: int
    independent: float
    log_score: float | None
    brier: float | None
    log_skill: float | None
    log_interval: skill.Skill | None
    brier_interval: skill.Skill | None
    pinball_interval: skill.Skill | None
    direction: float | None
    coverage_80: float | None
    calibration: calibration.Calibration


def report(rows: Examples, asked: Mask, said: Said, baseline: Said, *, seed: int = 0) -> Report:
    """Scores of an engine against the baseline on the rows that were asked for and answered by both."""
    chosen = np.flatnonzero(asked)
    mine, usual = (Said(one.probabilities[chosen], one.quantiles[chosen]) for one in (said, baseline))
    rows = rows.pick(chosen)
    return judge(rows.timeframe, rows.as_of, rows.log_return, rows.band, mine, usual, seed=seed)


def judge(
    timeframe: Timeframe,
    as_of: NDArray[np.int64],
    log_return: Floats,
    band: Floats,
    said: Said,
    baseline: Said,
    *,
    seed: int = 0,
) -> Report:
    """The same of N forecasts made at `as_of`; `log_return` is NaN where there was no outcome (void)."""
    answered = np.isfinite(said.probabilities).all(axis=1) & np.isfinite(baseline.probabilities).all(axis=1)
    scored = answered & np.isfinite(log_return)
    moved, p, base = log_return[scored], said.probabilities[scored], baseline.probabilities[scored]
    came = classify(moved, band[scored])
    blocks = skill.blocks_of(timeframe, as_of[scored])
    ours, theirs = scores.log_score(p, came), scores.log_score(base, came)
    spread, plain = said.quantiles[scored], baseline.quantiles[scored]
    ways = scores.direction(p, came)
    return Report(
        timeframe=timeframe,
        n=int(scored.sum()),
        void=int((answered & ~scored).sum()),
        abstained=int((~answered).sum()),
        independent=independent(timeframe, as_of[scored]),
        log_score=_mean(ours),
        brier=_mean(scores.brier(p, came)),
        log_skill=skill.point(ours, theirs),
        log_interval=skill.skill(ours, theirs, blocks, seed=seed),
        brier_interval=skill.skill(scores.brier(p, came), scores.brier(base, came), blocks, seed=seed),
        pinball_interval=skill.skill(
            scores.pinball(spread, moved), scores.pinball(plain, moved), blocks, seed=seed
        ),
        direction=_mean(ways[np.isfinite(ways)]),
        coverage_80=coverage.coverage(coverage.inside(spread, moved)),
        calibration=calibration.favoured(p, came),
    )


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None
