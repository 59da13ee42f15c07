"""The market's jobs: plain words in, one service call, a line of log out. Each can run twice and be lost.

A source that is away is no failed job: its state says so, and the next slot tries again. So nothing of
that kind ever becomes a dead letter.
"""

from collections.abc import Callable
from datetime import datetime

import structlog
from celery import shared_task
from django.conf import settings
from django.core.cache import cache

from core.jobs.slots import claim, running
from core.jobs.tasks import JobTask
from core.lib.clock import market_now, wall_now
from core.lib.errors import SourceFailure
from markets.models import TrendingToken
from markets.services import backfill as filling
from markets.services import (
    candle_sweep,
    candles,
    details,
    fetching,
    first_history,
    gaps,
    retention,
    trending,
)
from markets.services.backfill_points import SOON_SECONDS

log = structlog.get_logger(__name__)

TRIES_A_SLOT = 3
TRY_AGAIN_SECONDS = 20
BACKFILL_STEP_SECONDS = 10.0
BACKFILL_PAUSE_SECONDS = 10
_CHAIN = "markets:backfill-chain"
_CHAIN_ALIVE_SECONDS = 120


@shared_task(base=JobTask, name="markets.fetch_quotes")
def fetch_quotes(slot: str = "", tries: int = 1) -> None:
    if not _done("quotes", slot, _fetch_quotes):
        _try_again(fetch_quotes, slot, tries)


def _fetch_quotes() -> str:
    fetched = fetching.fetch_quotes(market_now())
    return (
        f"{len(fetched.token_ids)} new, {fetched.unchanged} unchanged, {len(fetched.refusals)} refused,"
        f" {len(fetched.missing)} without an answer"
    )


@shared_task(base=JobTask, name="markets.fetch_candles")
def fetch_candles(slot: str = "", tries: int = 1) -> None:
    """Tried again within the slot: forecasts wait for it."""
    if not _done("candles", slot, _fetch_candles):
        _try_again(fetch_candles, slot, tries)


def _fetch_candles() -> str:
    stored = candles.fetch_closed_candles(market_now())
    return ", ".join(f"{len(ids)} tokens of {interval} s" for interval, ids in stored.items())


@shared_task(base=JobTask, name="markets.sweep_candles")
def sweep_candles(slot: str = "") -> None:
    """Claims nothing: a worker that was killed may hold the claim of what is missing."""

    def sweep() -> str:
        found = candle_sweep.fetch_missed_candles(market_now())
        return ", ".join(f"{len(ids)} tokens of {interval} s" for interval, ids in found.items())

    _quietly("candle-sweep", sweep)


@shared_task(base=JobTask, name="markets.fetch_trending")
def fetch_trending(slot: str = "") -> None:
    _done("trending", slot, lambda: f"{trending.fetch_trending(market_now())} places")


@shared_task(base=JobTask, name="markets.fetch_details")
def fetch_details(slot: str = "", chained: bool = False) -> None:
    """As many as the minute's calls allow, and the rest a minute later."""
    left: list[float] = []

    def fetch() -> str:
        fetched = details.fetch_details(market_now())
        left.extend([fetched.retry_after] if fetched.retry_after else [])
        return f"{fetched.tokens} tokens"

    if chained:
        _quietly("details", fetch)
    else:
        _done("details", slot, fetch)
    if left and left[0] <= SOON_SECONDS:
        fetch_details.apply_async(kwargs={"chained": True}, countdown=left[0])


@shared_task(base=JobTask, name="markets.fill_gaps")
def fill_gaps(slot: str = "") -> None:
    _done("gaps", slot, lambda: f"{gaps.fill_gaps(market_now())} candles")


@shared_task(base=JobTask, name="markets.clean_up")
def clean_up(slot: str = "") -> None:
    def clean() -> str:
        removed = retention.clean_up(market_now(), wall_now())
        return f"{removed.quotes} quotes, {removed.candles} candles, {removed.others} others"

    _done("clean-up", slot, clean)


@shared_task(base=JobTask, name="markets.backfill")
def backfill(slot: str = "", chained: bool = False) -> None:
    """One step of the back-fill, and then the next behind whatever else waits in the queue, until it is done.

    There is one chain of steps at a time; it dies with a step that meets a source that is away, or is lost.
    """
    if not chained and cache.get(_CHAIN):
        return
    cache.set(_CHAIN, True, _CHAIN_ALIVE_SECONDS)
    more = _Step()
    if chained:
        _quietly("backfill", more)
    else:
        _done("backfill", slot, more)
    if more.is_left:
        backfill.apply_async(kwargs={"chained": True}, countdown=BACKFILL_PAUSE_SECONDS)
    else:
        cache.delete(_CHAIN)


class _Step:
    """A bounded time of back-filling; `is_left` tells whether it was cut short."""

    is_left = False

    def __call__(self) -> str:
        now = market_now()
        filled = filling.backfill_essential(now, seconds=BACKFILL_STEP_SECONDS)
        if not filled.is_cut:
            _tell_of_first_history()
            filled = filling.backfill_deep(now, seconds=BACKFILL_STEP_SECONDS)
        self.is_left = not filled.is_done
        return "goes on in steps" if self.is_left else "nothing more to fetch"


def _tell_of_first_history() -> None:
    """Nobody waits an hour for the first trends, or a quarter of a day for the first forecasts of a month."""
    if first_history.tell_of_first_history(market_now()) and not TrendingToken.objects.exists():
        fetch_trending.delay()


def _done(job: str, slot: str, work: Callable[[], str]) -> bool:
    """Claim the slot and work; False where the source was away. A slot that somebody has counts as done."""
    run = claim(job, datetime.fromisoformat(slot) if slot else None)
    if run is None:
        return True

    def closed() -> str:
        with running(run):
            run.detail = work()
        return run.detail

    return _quietly(job, closed)


def _quietly(job: str, work: Callable[[], str]) -> bool:
    try:
        log.info("job_done", job=job, detail=work())
    except SourceFailure as failure:
        log.warning("source_away", job=job, error=type(failure).__name__, why=failure.message)
        return False
    return True


def _try_again(task: JobTask, slot: str, tries: int) -> None:
    if slot and tries < TRIES_A_SLOT:
        wait = max(1.0, TRY_AGAIN_SECONDS / settings.MARKET.speed)
        task.apply_async(kwargs={"slot": slot, "tries": tries + 1}, countdown=wait)
