"""Trains engines, on this market's own history or on folders of candles. In a child process: learning would hold up a
web process or a worker.

What is trained enters as challengers. Walk-forward scores are kept with it, and never mixed with live ones.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import structlog

from core.lib.clock import wall_now
from markets.models import Token
from predictions.features.frame import History
from predictions.horizons import TIMEFRAMES, Timeframe, by_name
from predictions.models import EngineVersion
from predictions.services.histories import read_history
from predictions.services.registry import keep_pool, register, save_pool
from predictions.services.teaching import (
    STEPS,
    Histories,
    Result,
    Step,
    Taught,
    teach_beside,
    teach_each,
)

log = structlog.get_logger(__name__)
MOST_DAYS, QUARTER_DAYS = 3 * 365, 400
Progress = Callable[[float, str], None]
Teacher = Callable[[Sequence[Timeframe], str, Step], Iterator[Result]]
"""Teaches these timeframes as this version, and tells each step."""


def silent(progress: float, detail: str) -> None:
    """For callers whom progress does not interest."""


def train(
    timeframes: Sequence[str] | None,
    now: datetime,
    progress: Progress = silent,
    teacher: Teacher | None = None,
) -> list[EngineVersion]:
    """New challengers of these timeframes (all if None). A timeframe with too little history is left out, and said.

    `teacher` has another market's candles; the project's own are read where it is left out.
    """
    made: list[EngineVersion] = []

    def keep(taught: Taught) -> None:
        made.extend(register(keep_pool(taught.pool, taught.scores, now)))

    _each(timeframes, f"{wall_now():%Y%m%d-%H%M%S}", progress, teacher or one_by_one(_own(now), now), keep)
    return made


def train_initial(
    timeframes: Sequence[str] | None, until: datetime, progress: Progress, teacher: Teacher, out: Path
) -> list[Path]:
    """Files to ship, one a timeframe, in the folder `out`. Same candles and libraries, same file; no database."""
    written: list[Path] = []

    def keep(taught: Taught) -> None:
        path = out / f"{taught.pool.timeframe.name}.npz"
        save_pool(path, taught.pool, taught.scores, until)
        written.append(path)

    _each(timeframes, f"initial-{until:%Y%m%d}", progress, teacher, keep)
    return written


def one_by_one(of: Histories, now: datetime) -> Teacher:
    """In this process."""

    def teacher(wanted: Sequence[Timeframe], version: str, step: Step) -> Iterator[Result]:
        return teach_each(of, wanted, now, version, step)

    return teacher


def side_by_side(paths: Sequence[Path], now: datetime, jobs: int) -> Teacher:
    """In as many processes, from folders of candles."""

    def teacher(wanted: Sequence[Timeframe], version: str, step: Step) -> Iterator[Result]:
        return teach_beside(paths, wanted, now, version, step, jobs)

    return teacher


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


def _each(
    timeframes: Sequence[str] | None,
    version: str,
    progress: Progress,
    teacher: Teacher,
    keep: Callable[[Taught], None],
) -> None:
    wanted = [by_name[name] for name in timeframes] if timeframes else list(TIMEFRAMES)
    left_out, steps = [], _Steps(progress, len(wanted) * STEPS)
    progress(0.0, "reading candles")
    for timeframe, result in teacher(wanted, version, steps.step):
        if isinstance(result, str):
            log.info("not_trained", timeframe=timeframe.name, reason=result)
            left_out.append(result)
            steps.skip(timeframe)
        else:
            keep(result)
    progress(
        1.0, " ".join([f"{len(wanted) - len(left_out)} of {len(wanted)} timeframes trained.", *left_out])
    )


class _Steps:
    """Counts the parts of all timeframes' training."""

    def __init__(self, progress: Progress, whole: int) -> None:
        self._progress, self._whole = progress, whole
        self._done: dict[str, int] = {}

    def step(self, timeframe: Timeframe) -> None:
        self._set(timeframe, self._done.get(timeframe.name, 0) + 1)

    def skip(self, timeframe: Timeframe) -> None:
        self._set(timeframe, STEPS)

    def _set(self, timeframe: Timeframe, done: int) -> None:
        self._done[timeframe.name] = done
        self._progress(sum(self._done.values()) / self._whole, f"training {timeframe.name}")
