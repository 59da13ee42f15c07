"""Runs the parts of a back-test, here, in other processes or on Celery's workers, and keeps what each has said.

The state folder holds the plan, the market as arrays, and a file for each finished part. Whoever comes back
after a kill goes on with the parts that are missing; another plan, other candles or other code have another
folder.
"""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from core.lib.errors import BadInput, KhalsiError
from predictions.features.frame import History
from predictions.services.backtesting import parts as saying
from predictions.services.backtesting.markets import Market, load_history, save_history
from predictions.services.backtesting.parts import Said
from predictions.services.backtesting.plan import Part, Plan

PLAN, MARKET = "plan.json", "market.npz"
POLL_SECONDS = 0.5
Done = Callable[[Part], None]
Send = Callable[[str, int], object]
"""Hands (state folder, number of the part) to a worker somewhere else."""


class State:
    """The folder of one plan."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, roof: Path, plan: Plan, history: History, *, fresh: bool = False) -> "State":
        """The plan's own folder under `roof`, made where it is not there; emptied first if `fresh`."""
        state = cls(roof / plan.digest)
        if fresh:
            shutil.rmtree(state.folder, ignore_errors=True)
        state.folder.mkdir(parents=True, exist_ok=True)
        if not (state.folder / MARKET).exists():
            save_history(state.folder / MARKET, history)
        (state.folder / PLAN).write_text(plan.text)
        return state

    @property
    def plan(self) -> Plan:
        return Plan.of_text((self.folder / PLAN).read_text())

    def load(self, part: Part) -> Said | None:
        """None where the part has not been finished, or its file is damaged."""
        try:
            return saying.load(self.folder / part.file_name)
        except saying.DAMAGED:
            return None

    def said(self, name: str) -> list[Said]:
        """What all parts of a timeframe have said, in order of time."""
        found = []
        for part in (part for part in self.plan.parts() if part.name == name):
            said = self.load(part)
            if said is None:
                raise BadInput(f"{self.folder / part.file_name} is gone or damaged; start the command again.")
            found.append(said)
        return found

    def run(self, number: int) -> None:
        """Say what part `number` has to say, unless that was done before."""
        plan, market = _read(self.folder)
        part = plan.parts()[number]
        if self.load(part) is None:
            saying.save(self.folder / part.file_name, saying.say(market, plan, part))

    def failure(self, number: int) -> Path:
        """Where a worker elsewhere says what went wrong."""
        return self.folder / f"failed-{number}.txt"


@lru_cache(maxsize=1)
def _read(folder: Path) -> tuple[Plan, Market]:
    """Once a process."""
    plan = State(folder).plan
    return plan, Market.of(load_history(folder / MARKET), plan)


def finish(state: State, plan: Plan, done: Done, *, jobs: int = 1, send: Send | None = None) -> None:
    """Every part. `done` is called after each, those of an earlier run too."""
    parts = plan.parts()
    missing = []
    for number, part in enumerate(parts):
        if state.load(part) is None:
            missing.append(number)
        else:
            done(part)
    for number in _run(state, missing, jobs, send):
        done(parts[number])


def _run(state: State, numbers: Sequence[int], jobs: int, send: Send | None) -> Iterable[int]:
    if send is not None:
        return _elsewhere(state, numbers, send)
    return _here(state, numbers) if jobs == 1 or len(numbers) < 2 else _beside(state, numbers, jobs)


def _here(state: State, numbers: Sequence[int]) -> Iterator[int]:
    for number in numbers:
        state.run(number)
        yield number


def _beside(state: State, numbers: Sequence[int], jobs: int) -> Iterator[int]:
    """In fresh processes, with this one's environment: forked ones would share its locks and threads."""
    with ProcessPoolExecutor(min(jobs, len(numbers)), get_context("spawn")) as pool:
        try:
            waiting = {pool.submit(_run_part, str(state.folder), number): number for number in numbers}
            for future in as_completed(waiting):
                future.result()
                yield waiting[future]
        except BrokenExecutor as error:
            raise KhalsiError(
                "A process died, perhaps for want of memory. What is finished is kept; go on with fewer --jobs."
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _run_part(folder: str, number: int) -> None:
    State(Path(folder)).run(number)


def run_elsewhere(folder: str, number: int) -> None:
    """A worker's share: what goes wrong is left where the one who waits will find it."""
    state = State(Path(folder))
    try:
        state.run(number)
    except Exception as error:
        state.failure(number).write_text(f"{type(error).__name__}: {error}")
        raise


def _elsewhere(state: State, numbers: Sequence[int], send: Send) -> Iterator[int]:
    parts, waiting = state.plan.parts(), list(numbers)
    for number in waiting:
        state.failure(number).unlink(missing_ok=True)
        send(str(state.folder), number)
    while waiting:
        ready = [number for number in waiting if (state.folder / parts[number].file_name).exists()]
        waiting = [number for number in waiting if number not in ready]
        yield from ready
        for number in waiting:
            if state.failure(number).exists():
                raise KhalsiError(f"A worker failed: {state.failure(number).read_text()}")
        if waiting and not ready:
            time.sleep(POLL_SECONDS)
