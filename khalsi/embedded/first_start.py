"""What happens once the server is up: at the first start the history comes in, with a bar; later ones go on."""

import sys
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import connection
from tqdm import tqdm

from core.jobs.slots import claim, finish, may_take, report_progress, running
from core.lib.clock import floor_to, market_now
from core.models import JobRun
from khalsi.celery import app
from markets.services.backfill import backfill_essential
from markets.services.candles import fetch_closed_candles
from markets.services.fetching import fetch_quotes
from markets.services.first_history import claim_first_history
from predictions.horizons import TIMEFRAMES
from predictions.services.forecasting import make_forecasts
from predictions.services.tallying import keep_tallies

log = structlog.get_logger(__name__)
QUARTER = 900
JOB = "first-backfill"
may_take(JOB, timedelta(days=1))
Say = Callable[[str], None]


def bring_up_to_date(say: Say) -> None:
    """Quotes, the history that forecasts need, and the first forecasts; every step is resumed after an interruption."""
    try:
        _bring_up_to_date(say)
    except Exception as error:  # a dead source at start must not end the server: the schedule tries again
        log.warning("start_incomplete", error=type(error).__name__, detail=str(error))
        say(f"Not everything could be fetched yet ({error}). The schedule goes on trying; see /status.")
    finally:
        connection.close()


def _bring_up_to_date(say: Say) -> None:
    say("Fetching prices …")
    fetch_quotes(market_now())
    run = claim(JOB)
    if run is not None:  # without a slot a claim is never refused
        with running(run):
            _backfill_with_bar(run)
    fetch_closed_candles(market_now())
    first = claim_first_history()
    say("Making forecasts …")
    keep_tallies(market_now())
    made = _make_forecasts_now()
    if first is not None:  # what follows here is what others are told to do then
        finish(first, JobRun.State.DONE, f"{made} forecasts")
    say(
        f"{made} new forecasts are published." if made else "No new forecast now; /status says what is there."
    )
    for task in ("markets.fetch_trending", "markets.backfill", "predictions.score"):
        app.send_task(task)


def _make_forecasts_now() -> int:
    """All timeframes at the newest quarter hour, whatever their rhythm: somebody is waiting for the first ones."""
    now = market_now()
    runs = make_forecasts(
        floor_to(now, QUARTER), now, [timeframe.name for timeframe in TIMEFRAMES], market_now
    )
    return sum(run.forecasts for run in runs)


def _backfill_with_bar(run: JobRun) -> None:
    bar = tqdm(
        total=1.0,
        desc="Back-fill",
        file=sys.stderr,
        bar_format="{desc} {percentage:3.0f}% |{bar}| {postfix} {elapsed}",
        mininterval=0.2 if sys.stderr.isatty() else 5.0,
    )

    def progress(done: int, total: int, text: str) -> None:
        bar.n = done / max(total, 1)
        bar.set_postfix_str(text, refresh=False)
        bar.update(0)
        report_progress(run, bar.n, text)

    with bar:
        backfill_essential(market_now(), progress)
        bar.n = 1.0
        bar.refresh()
