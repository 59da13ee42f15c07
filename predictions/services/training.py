"""Trains engines, on this market's own history or on folders of candles. In a child process: learning would hold up a
web process or a worker.

What is trained enters as challengers. Walk-forward scores are kept with it, and never mixed with live ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from core.lib.clock import wall_now
from core.lib.errors import NotEnoughHistory
from markets.models import Token
from predictions.engines.batches import example_batch
from predictions.engines.learning import learn
from predictions.engines.pool import Pool
from predictions.features.examples import Examples
from predictions.features.frame import History
from predictions.horizons import TIMEFRAMES, Timeframe, by_name
from predictions.models import EngineVersion
from predictions.services.histories import read_history
from predictions.services.registry import keep_pool, register, save_pool
from predictions.services.walking import (
    FOLDS,
    MOST_ROWS,
    examples_of,
    plan_of,
    refuse_too_short,
    scores_shown,
    walk,
)

log = structlog.get_logger(__name__)
MOST_DAYS, QUARTER_DAYS = 3 * 365, 400
WALKED_ROWS = 60_000
"""The scores come from trainings on fewer rows than the engines themselves: a third of the time, and modest."""
Progress = Callable[[float, str], None]
Histories = Callable[[Timeframe], History]
"""What each timeframe learns from."""


def silent(progress: float, detail: str) -> None:
    """For callers whom progress does not interest."""


def train(
    timeframes: Sequence[str] | None, now: datetime, progress: Progress = silent, of: Histories | None = None
) -> list[EngineVersion]:
    """New challengers of these timeframes (all if None). A timeframe with too little history is left out, and said.

    `of` gives another market's candles; the project's own are read where it is left out.
    """
    version = f"{wall_now():%Y%m%d-%H%M%S}"
    made: list[EngineVersion] = []

    def keep(taught: Taught) -> None:
        made.extend(register(keep_pool(taught.pool, taught.scores, now)))

    _each(timeframes, now, version, progress, of or _own(now), keep)
    return made


def train_initial(
    timeframes: Sequence[str] | None, until: datetime, progress: Progress, of: Histories, out: Path
) -> list[Path]:
    """Files to ship, one a timeframe, in the folder `out`. Same candles and libraries, same file; no database."""
    written: list[Path] = []

    def keep(taught: Taught) -> None:
        path = out / f"{taught.pool.timeframe.name}.npz"
        save_pool(path, taught.pool, taught.scores, until)
        written.append(path)

    _each(timeframes, until, f"initial-{until:%Y%m%d}", progress, of, keep)
    return written


def _own(now: datetime) -> Histories:
    history: list[History] = []

    def read(timeframe: Timeframe) -> History:
        if not history:
            history.append(own_history(now))
        return history[0]

    return read


def own_history(now: datetime) -> History:
    """All tokens, those that died too: choosing by who is here today would be looking ahead."""
    tokens = list(Token.objects.order_by("pk"))
    return read_history(tokens, now, days=MOST_DAYS, quarter_days=QUARTER_DAYS)


@dataclass(frozen=True, eq=False)
class Taught:
    """Engines that have learned together, and how each would have done walking forward (by engine name)."""

    pool: Pool
    scores: dict[str, dict[str, object]]


def teach(
    history: History,
    timeframe: Timeframe,
    now: datetime,
    version: str,
    done: Callable[[], None] | None = None,
) -> Taught:
    """Walk forward for the scores, then learn from everything that has matured. `done` is called after each part."""
    until = int(now.timestamp())
    rows = _matured(history, timeframe, until, MOST_ROWS)
    refuse_too_short(rows)
    walked = _matured(history, timeframe, until, WALKED_ROWS) if len(rows) > WALKED_ROWS else rows
    reports = walk(walked, history, plan_of(walked), lambda fold: done() if done else None)
    pool = learn(rows, example_batch(rows, history), version)
    return Taught(pool, {name: scores_shown(report) for name, report in reports.items()})


def _matured(history: History, timeframe: Timeframe, until: int, most: int) -> Examples:
    rows = examples_of(history, timeframe, most)
    return rows.pick(rows.matured(until))


def _each(
    timeframes: Sequence[str] | None,
    now: datetime,
    version: str,
    progress: Progress,
    of: Histories,
    keep: Callable[[Taught], None],
) -> None:
    wanted = [by_name[name] for name in timeframes] if timeframes else list(TIMEFRAMES)
    whole, left_out, trained = len(wanted) * (FOLDS + 1), [], 0
    for place, timeframe in enumerate(wanted):
        steps = _Steps(progress, place * (FOLDS + 1), whole, f"training {timeframe.name}")
        steps.say(f"reading candles for {timeframe.name}")
        try:
            keep(teach(of(timeframe), timeframe, now, version, steps.step))
            trained += 1
        except NotEnoughHistory as error:
            log.info("not_trained", timeframe=timeframe.name, reason=error.message)
            left_out.append(error.message)
    progress(1.0, " ".join([f"{trained} of {len(wanted)} timeframes trained.", *left_out]))


class _Steps:
    """Counts the parts of one timeframe's training within the whole."""

    def __init__(self, progress: Progress, done: int, whole: int, what: str) -> None:
        self._progress, self._done, self._whole, self._what = progress, done, whole, what

    def say(self, detail: str) -> None:
        self._progress(self._done / self._whole, detail)

    def step(self) -> None:
        self._done += 1
        self.say(self._what)
