"""The forecasters' jobs: plain words in, one service call, a line of log out. Each can run twice and be lost."""

from datetime import datetime

import structlog
from celery import shared_task

from core.jobs.slots import claim, running
from core.jobs.tasks import JobTask
from core.lib.clock import floor_to, iso, market_now
from predictions import horizons
from predictions.models import ForecastRun
from predictions.services import forecasting, publishing, scoring, sweeping, tallying, training_jobs

log = structlog.get_logger(__name__)
QUARTER = 900


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def forecast_now(now: datetime) -> None:
    """Staff's wish: every timeframe at the newest quarter hour, whatever its own rhythm."""
    forecast.delay(as_of=iso(floor_to(now, QUARTER)), every_timeframe=True)


@shared_task(base=JobTask, name="predictions.forecast", queue="forecast")
def forecast(as_of: str, every_timeframe: bool = False) -> None:
    """The timeframes due at `as_of`. The slot is claimed, except for staff, whose run adds only what is
    missing.
    """
    if every_timeframe:
        _report(
            forecasting.make_forecasts(moment(as_of), market_now(), [t.name for t in horizons.TIMEFRAMES])
        )
        return
    run = claim("forecast", moment(as_of))
    if run is None:
        return
    with running(run):
        run.detail = _report(forecasting.make_forecasts(moment(as_of), market_now()))


@shared_task(base=JobTask, name="predictions.sweep", queue="forecast")
def sweep(slot: str = "") -> None:
    """Makes the newest run if a lost message left it out; the run itself does nothing twice."""
    missed = sweeping.missed_run(market_now())
    if missed is not None:
        log.info("missed_run_found", as_of=iso(missed))
        _report(forecasting.make_forecasts(missed, market_now()))


@shared_task(base=JobTask, name="predictions.score", queue="forecast")
def score(slot: str = "") -> None:
    run = claim("score", moment(slot) if slot else None)
    if run is None:
        return
    with running(run):
        run.detail = f"{scoring.score_matured(market_now())} scored"
    log.info("forecasts_scored", detail=run.detail)


@shared_task(base=JobTask, name="predictions.tally", queue="forecast")
def tally(slot: str = "") -> None:
    run = claim("tally", moment(slot) if slot else None)
    if run is None:
        return
    with running(run):
        run.detail = f"{tallying.keep_tallies(market_now())} days counted"


@shared_task(base=JobTask, name="predictions.train", queue="train")
def train(slot: str = "", timeframes: list[str] | None = None, run_id: int | None = None) -> None:
    """Learns in a child process. `run_id` is the run that somebody who asked for it watches."""
    training_jobs.train_in_child(timeframes, slot=moment(slot) if slot else None, run_id=run_id)


@shared_task(base=JobTask, name="predictions.publish", queue="forecast")
def publish(timeframe: str) -> None:
    publishing.publish_forecasts(timeframe, market_now())


@shared_task(base=JobTask, name="predictions.publish_summaries", queue="forecast")
def publish_summaries() -> None:
    publishing.publish_summaries(market_now())


def _report(runs: list[ForecastRun]) -> str:
    for run in runs:
        log.info(
            "forecasts_made",
            timeframe=run.timeframe,
            as_of=iso(run.as_of),
            forecasts=run.forecasts,
            late=run.late,
        )
    return ", ".join(f"{run.timeframe} {run.forecasts}" for run in runs)
