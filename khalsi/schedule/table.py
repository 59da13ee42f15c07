"""The one table of what runs when, on which queue, and how late is too late. Staff may switch entries off."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from core.lib.clock import floor_to

MINUTE, QUARTER, HOUR, DAY = 60, 900, 3600, 86400


@dataclass(frozen=True)
class Job:
    """A job runs once for each slot: `offset` seconds after each multiple of `every` seconds of market time."""

    name: str
    task: str
    queue: str
    every: int
    offset: int
    too_late: int
    what: str

    def slot_at(self, now: datetime) -> datetime:
        """The newest slot that is due at `now`."""
        return floor_to(now - timedelta(seconds=self.offset), self.every)

    def due_after(self, slot: datetime) -> datetime:
        """When the slot after `slot` is due."""
        return slot + timedelta(seconds=self.every + self.offset)


def quotes_every() -> int:
    """Five minutes; six where the plan's calls would not last the month."""
    return 5 * MINUTE if settings.MARKET.coingecko_plan in {"pro", "sandbox"} else 6 * MINUTE


def jobs() -> tuple[Job, ...]:
    return (
        Job(
            "quotes",
            "markets.fetch_quotes",
            "fetch",
            quotes_every(),
            0,
            240,
            "Prices of all tokens, one request",
        ),
        Job(
            "candles",
            "markets.fetch_candles",
            "fetch",
            QUARTER,
            20,
            600,
            "Candles that closed at the quarter hour",
        ),
        Job(
            "candle-sweep",
            "markets.sweep_candles",
            "fetch",
            5 * MINUTE,
            200,
            240,
            "Candles that a lost message left out",
        ),
        Job("trending", "markets.fetch_trending", "fetch", HOUR, 90, 1800, "What people search for"),
        Job(
            "details", "markets.fetch_details", "fetch", DAY, 50 * MINUTE, 6 * HOUR, "Descriptions and links"
        ),
        Job(
            "gaps",
            "markets.fill_gaps",
            "fetch",
            HOUR,
            8 * MINUTE,
            1800,
            "Holes in the candles are found and filled",
        ),
        Job(
            "backfill", "markets.backfill", "fetch", 10 * MINUTE, 3 * MINUTE, 300, "History, deeper each time"
        ),
        Job(
            "score",
            "predictions.score",
            "forecast",
            5 * MINUTE,
            60,
            240,
            "Matured forecasts get their outcome",
        ),
        Job(
            "sweep",
            "predictions.sweep",
            "forecast",
            5 * MINUTE,
            150,
            240,
            "Runs that a lost message left out",
        ),
        Job(
            "imports",
            "portfolios.sweep_imports",
            "import",
            MINUTE,
            25,
            50,
            "Imports left behind by a dead worker",
        ),
        Job(
            "lost-runs",
            "core.close_lost_runs",
            "forecast",
            5 * MINUTE,
            200,
            240,
            "Runs whose worker was killed are closed",
        ),
        Job(
            "tally",
            "predictions.tally",
            "forecast",
            HOUR,
            6 * MINUTE,
            1800,
            "Class counts that the baseline is made of",
        ),
        Job(
            "record-heads",
            "predictions.keep_heads",
            "forecast",
            HOUR,
            5 * MINUTE,
            1800,
            "The last head of each day goes into the daily file",
        ),
        Job(
            "clean-up",
            "markets.clean_up",
            "fetch",
            HOUR,
            30 * MINUTE,
            1800,
            "Old quotes thinned, old 15m candles dropped",
        ),
        Job(
            "alerts",
            "alerts.sweep",
            "alert",
            MINUTE,
            25,
            50,
            "What a lost message left out, prices gone stale, alerts that end",
        ),
        Job(
            "clean-up-accounts",
            "accounts.clean_up",
            "deliver",
            HOUR,
            40 * MINUTE,
            1800,
            "Ended sessions and used links are forgotten",
        ),
        Job(
            "deliveries",
            "alerts.sweep_deliveries",
            "deliver",
            MINUTE,
            40,
            50,
            "Messages of alerts whose time has come",
        ),
        Job(
            "exchanges",
            "portfolios.sweep_connections",
            "deliver",
            MINUTE,
            10,
            50,
            "Exchange accounts that are due are read, each every five minutes",
        ),
        Job(
            "mail",
            "accounts.sweep_mail",
            "deliver",
            5 * MINUTE,
            30,
            240,
            "Mail that a lost message left behind",
        ),
        Job(
            "portfolio-books",
            "portfolios.sweep_books",
            "sync",
            5 * MINUTE,
            50,
            240,
            "Books of portfolios that a lost message left behind",
        ),
        Job(
            "market-worths",
            "portfolios.fill_in_worths",
            "sync",
            QUARTER,
            7 * MINUTE,
            600,
            "Worths of transactions that closes stored since then tell",
        ),
        Job(
            "train", "predictions.train", "train", 30 * DAY, 2 * HOUR, DAY, "Engines learn from what matured"
        ),
    )


def job_named(name: str) -> Job | None:
    return next((job for job in jobs() if job.name == name), None)
