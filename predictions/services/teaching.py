"""Teaches the engines of a timeframe from a history: here, or several timeframes at once in other processes.

Knows no database: what comes of it is kept by `training`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import Any

from core.lib.errors import KhalsiError, NotEnoughHistory
from predictions.engines.batches import example_batch
from predictions.engines.learning import learn
from predictions.engines.pool import Pool
from predictions.features.examples import Examples
from predictions.features.frame import History
from predictions.horizons import Timeframe, by_name
from predictions.services.candle_folders import CandleFolders
from predictions.services.training_candles import lesson_of
from predictions.services.walking import (
    FOLDS,
    MOST_ROWS,
    examples_of,
    plan_of,
    refuse_too_short,
    scores_shown,
    walk,
)

WALKED_ROWS = 60_000
"""The scores come from trainings on fewer rows than the engines themselves: a third of the time, and modest."""
STEPS = FOLDS + 1
"""Parts of one timeframe's teaching, of which each is told when it is done."""
LISTEN_SECONDS = 0.5

Step = Callable[[Timeframe], None]
Histories = Callable[[Timeframe], History]
"""What each timeframe learns from."""


@dataclass(frozen=True, eq=False)
class Taught:
    """Engines that have learned together, and how each would have done walking forward (by engine name)."""

    pool: Pool
    scores: dict[str, dict[str, object]]


Result = tuple[Timeframe, Taught | str]
"""Or the sentence that says why nothing could be learned."""


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
    if done:
        done()
    return Taught(pool, {name: scores_shown(report) for name, report in reports.items()})


def _matured(history: History, timeframe: Timeframe, until: int, most: int) -> Examples:
    rows = examples_of(history, timeframe, most)
    return rows.pick(rows.matured(until))


def teach_each(
    of: Histories, wanted: Sequence[Timeframe], now: datetime, version: str, step: Step
) -> Iterator[Result]:
    """One timeframe after the other, in this process."""
    for timeframe in wanted:
        yield timeframe, _taught_or_why(of, timeframe, now, version, partial(step, timeframe))


def teach_beside(
    paths: Sequence[Path], wanted: Sequence[Timeframe], now: datetime, version: str, step: Step, jobs: int
) -> Iterator[Result]:
    """As many timeframes at once as there are `jobs`, from folders of candles, in the order in which they are done.

    In fresh processes with this one's environment: forked ones would share its locks and threads. Each takes about
    a gigabyte.
    """
    context = get_context("spawn")
    heard = context.Queue()
    with ProcessPoolExecutor(min(jobs, len(wanted)), context, _listen, (heard,)) as pool:
        waiting = {
            pool.submit(_teach_there, tuple(paths), timeframe.name, now, version): timeframe
            for timeframe in wanted
        }
        try:
            while waiting:
                ready = wait(waiting, LISTEN_SECONDS, FIRST_COMPLETED).done
                _pass_on(heard, step)
                for future in ready:
                    yield waiting.pop(future), _result(future)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _pass_on(heard: Any, step: Step) -> None:
    while True:
        try:
            step(by_name[heard.get_nowait()])
        except Empty:
            return


def _result(future: Future[Taught | str]) -> Taught | str:
    try:
        return future.result()
    except BrokenExecutor as error:
        raise KhalsiError(
            "A process died, perhaps for want of memory; try again with fewer --jobs."
        ) from error


_say: list[Any] = []


def _listen(heard: Any) -> None:
    """In each process, before anything else: where its steps are told."""
    _say[:] = [heard]


def _teach_there(paths: tuple[Path, ...], name: str, now: datetime, version: str) -> Taught | str:
    def of(timeframe: Timeframe) -> History:
        return lesson_of(_folders(paths), timeframe)

    return _taught_or_why(of, by_name[name], now, version, lambda: _say[0].put(name))


@lru_cache(maxsize=1)
def _folders(paths: tuple[Path, ...]) -> CandleFolders:
    """Read once a process."""
    return CandleFolders(paths)


def _taught_or_why(
    of: Histories, timeframe: Timeframe, now: datetime, version: str, done: Callable[[], None]
) -> Taught | str:
    try:
        return teach(of(timeframe), timeframe, now, version, done)
    except NotEnoughHistory as error:
        return error.message
