"""The forecasters' jobs: words in, a service call, a line of log out. Each can run twice and be lost."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import partial

import structlog
from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerAway

from core.jobs.slots import claim, finish, running
from core.jobs.tasks import JobTask
from core.lib.clock import floor_to, iso, market_now, wall_now
from core.models import JobRun
from predictions import horizons
from predictions.models import ForecastRun
from predictions.selectors.chain import newest_link
from predictions.services import (
    forecasting,
    head_file,
    promotion,
    publishing,
    scoring,
    sweeping,
    tallying,
    training_jobs,
)
from predictions.services.backtesting import running as running_parts

log = structlog.get_logger(__name__)
QUARTER = 900
JUDGED_AT_HOUR = 0
"""Once a day it is asked whose monthly look is due; who has earned it becomes champion."""
TALLIED_BEFORE = 250
"""So many tokens may be counted before a run, which must not be late for more of them: a year takes 0.1 s a token."""


def forecast_now(now: datetime) -> None:
    """Staff's wish: every timeframe at the newest quarter hour, whatever its own rhythm."""
    forecast.delay(as_of=iso(floor_to(now, QUARTER)), every_timeframe=True)


def begin_training(timeframes: Sequence[str] | None) -> tuple[JobRun, bool]:
    """The run to watch, and whether it was begun now; else one was running already, which the wish joins."""
    run, is_new = training_jobs.ask_for_training(timeframes)
    if is_new:
        transaction.on_commit(partial(_send_training, run, timeframes))
    return run, is_new


def _send_training(run: JobRun, timeframes: Sequence[str] | None) -> None:
    try:
        train.delay(timeframes=list(timeframes) if timeframes else None, run_id=run.pk)
    except BrokerAway:
        finish(run, JobRun.State.FAILED, "The job queue could not be reached; ask again.")
        raise


@shared_task(base=JobTask, name="predictions.forecast")
def forecast(as_of: str, every_timeframe: bool = False) -> None:
    """The timeframes due at `as_of`. The first to come claims the slot; whoever comes later, since more
    candles arrived, adds only what the first could not make.
    """
    moment = datetime.fromisoformat(as_of)
    timeframes = [one.name for one in horizons.TIMEFRAMES] if every_timeframe else None
    run = claim("forecast", moment)
    with running(run) if run else nullcontext():
        tallying.keep_tallies(moment, deeper=False, at_most=TALLIED_BEFORE)
        made = _made(forecasting.make_forecasts(moment, market_now(), timeframes, market_now))
        if run:
            run.detail = made


@shared_task(base=JobTask, name="predictions.sweep")
def sweep(slot: str = "") -> None:
    """Makes the newest run if a lost message left it out; the run itself does nothing twice."""
    run = claim("sweep", _moment(slot))
    if run is None:
        return
    with running(run):
        missed = sweeping.missed_run(market_now())
        run.detail = "nothing was missed"
        if missed is not None:
            log.info("missed_run_found", as_of=iso(missed))
            tallying.keep_tallies(missed, deeper=False, at_most=TALLIED_BEFORE)
            run.detail = _made(forecasting.make_forecasts(missed, market_now(), clock=market_now))


@shared_task(base=JobTask, name="predictions.score")
def score(slot: str = "") -> None:
    run = claim("score", _moment(slot))
    if run is None:
        return
    with running(run):
        scored = scoring.score_matured(market_now())
        run.detail = f"{scored} scored"
        if scored:
            publishing.add_up_record(in_parts=False)
    log.info("forecasts_scored", detail=run.detail)


@shared_task(base=JobTask, name="predictions.tally")
def tally(slot: str = "") -> None:
    run = claim("tally", _moment(slot))
    if run is None:
        return
    with running(run):
        run.detail = f"{tallying.keep_tallies(market_now())} tokens counted"
        publishing.add_up_record(in_parts=True)
        if run.slot and run.slot.hour == JUDGED_AT_HOUR:
            promoted = promotion.promote_those_who_earned(market_now())
            run.detail += "".join(f"; {version} promoted" for version in promoted)
    if training_jobs.first_training_is_due(wall_now()):
        train.delay()


@shared_task(base=JobTask, name="predictions.keep_heads")
def keep_heads(slot: str = "") -> None:
    """The last head of each day goes into the daily file, and into the log, which is a witness too."""
    run = claim("record-heads", _moment(slot))
    if run is None:
        return
    with running(run):
        run.detail = f"{head_file.write_day_heads(wall_now())} days written"
    newest = newest_link()
    if newest is not None:
        log.info("record_head", position=newest.position, head=newest.head)


@shared_task(base=JobTask, name="predictions.train")
def train(slot: str = "", timeframes: list[str] | None = None, run_id: int | None = None) -> None:
    """Learns in a child process. `run_id` is the run that somebody who asked for it watches."""
    training_jobs.train_in_child(timeframes, slot=_moment(slot), run_id=run_id)


@shared_task(base=JobTask, name="predictions.publish")
def publish(timeframe: str) -> None:
    publishing.publish_forecasts(timeframe, market_now())


@shared_task(base=JobTask, name="predictions.publish_summaries")
def publish_summaries() -> None:
    publishing.publish_summaries(market_now())


def _made(runs: list[ForecastRun]) -> str:
    for run in runs:
        log.info(
            "forecasts_made",
            timeframe=run.timeframe,
            as_of=iso(run.as_of),
            forecasts=run.forecasts,
            late=run.late,
        )
    return ", ".join(f"{run.timeframe} {run.forecasts}" for run in runs)


def _moment(slot: str) -> datetime | None:
    return datetime.fromisoformat(slot) if slot else None


@shared_task(base=JobTask, name="predictions.backtest_shard", max_retries=0)
def backtest_shard(folder: str, number: int) -> None:
    """One part of a back-test that somebody spreads over the workers: see `manage.py backtest --celery`."""
    running_parts.run_elsewhere(folder, number)
