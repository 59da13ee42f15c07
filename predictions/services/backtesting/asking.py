"""From what somebody asks for to a plan that can be carried out, or a sentence that says what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.lib.clock import from_seconds
from core.lib.errors import BadInput
from markets.candles.series import CandleSeries
from predictions.horizons import DAY, HOUR
from predictions.services.backtesting.markets import choose, finer, leader
from predictions.services.backtesting.plan import Plan, code_digest, data_digest, moment_of
from predictions.services.candle_folders import QUARTER, CandleFolders

WARM_UP = 365 * DAY
LEAST_YOUNG, MOST_YOUNG = 30, 90


@dataclass(frozen=True)
class Asked:
    """The arguments that decide what is said, as they were written."""

    timeframes: tuple[str, ...]
    tokens: tuple[str, ...]
    train_tokens: tuple[str, ...]
    hold_out: tuple[str, ...]
    first: str | None
    end: str | None
    retrain: str
    rows: int
    young: int
    closes_only: bool


def plan_of(folders: CandleFolders, asked: Asked) -> Plan:
    """Raises BadInput for what cannot be carried out."""
    if asked.young and not LEAST_YOUNG <= asked.young <= MOST_YOUNG:
        raise BadInput(f"--young: write a number of days from {LEAST_YOUNG} to {MOST_YOUNG}.")
    tested, taught = choose(
        folders, asked.tokens, asked.train_tokens, asked.hold_out, young=bool(asked.young)
    )
    first, end = _span(folders, tested, asked)
    plan = Plan(
        timeframes=asked.timeframes,
        tokens=tested,
        trained=taught,
        trained_fine=taught if asked.train_tokens else finer(folders, taught, first),
        btc=leader(folders, "BTC", first, end),
        eth=leader(folders, "ETH", first, end),
        first=first,
        end=end,
        retrain=asked.retrain,
        rows=asked.rows,
        young=asked.young,
        closes_only=asked.closes_only,
        data=data_digest(folders.files()),
        code=code_digest(),
    )
    plan.folds()  # refuses a rhythm of retraining that makes no sense
    return plan


def _span(folders: CandleFolders, tested: tuple[str, ...], asked: Asked) -> tuple[int, int]:
    grids = [(run.open_times, step) for step in (HOUR, QUARTER) for run in _runs(folders, tested, step)]
    begins = min(int(times[0]) + step for times, step in grids)
    ends = max(int(times[-1]) + step for times, step in grids)
    first = moment_of(asked.first) if asked.first else min(begins + WARM_UP, int(np.mean([begins, ends])))
    first = first if asked.first else first // DAY * DAY
    end = moment_of(asked.end, end=True) if asked.end else ends + 1
    if first >= end:
        raise BadInput(
            f"--from {from_seconds(first):%Y-%m-%d} lies behind --to {from_seconds(end - 1):%Y-%m-%d}."
        )
    if first > ends or end <= begins:
        raise BadInput(
            f"There are no candles between --from and --to; there are some from {from_seconds(begins):%Y-%m-%d} "
            f"to {from_seconds(ends):%Y-%m-%d}."
        )
    return first, min(end, ends + 1)


def _runs(folders: CandleFolders, names: Sequence[str], interval: int) -> list[CandleSeries]:
    return [run for name in names if (run := folders.series(name, interval)) is not None]
