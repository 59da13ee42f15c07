"""Whether Khalsi is well: its sources, its jobs, the age of what it shows, and what failed for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_celery_beat.models import PeriodicTask

from core.lib.clock import market_now, wall_now
from core.models import DeadLetter, JobRun
from khalsi.schedule.table import Job, jobs
from markets.freshness import candle_freshness, quote_freshness, trending_freshness
from markets.models import Candle, LatestQuote, RefusedReply, SourceState, Token, TrendingToken
from markets.selectors.sources import SourceReport, newest_refusals, source_reports
from predictions.horizons import TIMEFRAMES
from predictions.models import ForecastRun, Outcome

REFUSALS_SHOWN = 8


@dataclass(frozen=True)
class JobLine:
    """`next_at` is market time; the runs' own times are wall time."""

    job: Job
    enabled: bool
    run: JobRun | None
    next_at: datetime


@dataclass(frozen=True)
class Age:
    """When a kind of data was last true; freshness is empty where nothing says how fresh it must be."""

    name: str
    at: datetime | None
    freshness: str


@dataclass(frozen=True)
class Backfill:
    tokens: int
    started: int
    complete: int
    oldest: datetime | None

    @property
    def share(self) -> float:
        return self.complete / self.tokens if self.tokens else 0.0


@dataclass(frozen=True)
class Status:
    now: datetime
    wall: datetime
    sources: list[SourceReport]
    refusals: list[RefusedReply]
    jobs: list[JobLine]
    running: list[JobRun]
    ages: list[Age]
    backfill: Backfill
    dead_letters: int

    @property
    def faults(self) -> list[str]:
        """What is not as it should be, in plain words."""
        open_ = [source.name for source in self.sources if source.state != SourceState.Circuit.CLOSED]
        stale = [age.name.lower() for age in self.ages if age.freshness == "stale"]
        away = [source.name for source in self.sources if source.stream and source.stream.is_missed]
        failed = [line.job.name for line in self.jobs if line.run and line.run.state == JobRun.State.FAILED]
        return [
            *([f"Source in trouble: {', '.join(open_)}."] if open_ else []),
            *([f"No live prices from {', '.join(away)}; polling goes on."] if away else []),
            *([f"Late or not there yet: {', '.join(stale)}."] if stale else []),
            *([f"Last run failed: {', '.join(failed)}."] if failed else []),
            *([f"Failed for good, waiting for staff: {self.dead_letters}."] if self.dead_letters else []),
        ]


def status(request: HttpRequest) -> HttpResponse:
    shown = status_at(market_now(), wall_now())
    return render(request, "khalsi/status.html", {"status": shown, "now": shown.now})


def status_at(now: datetime, wall: datetime) -> Status:
    return Status(
        now=now,
        wall=wall,
        sources=source_reports(now, wall),
        refusals=newest_refusals(REFUSALS_SHOWN),
        jobs=_jobs(now),
        running=list(JobRun.objects.filter(state=JobRun.State.RUNNING).order_by("started_at")),
        ages=_ages(now),
        backfill=_backfill(),
        dead_letters=DeadLetter.objects.filter(state=DeadLetter.State.WAITING).count(),
    )


def _jobs(now: datetime) -> list[JobLine]:
    enabled = dict(PeriodicTask.objects.values_list("name", "enabled"))
    return [
        JobLine(
            job=job,
            enabled=enabled.get(job.name, False),
            run=JobRun.objects.filter(job=job.name).order_by("-started_at").first(),
            next_at=job.due_after(job.slot_at(now)),
        )
        for job in jobs()
    ]


def _ages(now: datetime) -> list[Age]:
    quote = LatestQuote.objects.aggregate(at=Max("observed_at"))["at"]
    trending = TrendingToken.objects.aggregate(at=Max("observed_at"))["at"]
    ages = [
        Age("Prices", quote, quote_freshness(quote, now)),
        _candles("Quarter-hour candles", 900, now),
        _candles("Hourly candles", 3600, now),
        *(_forecasts(timeframe.name, timeframe.stored_every, now) for timeframe in TIMEFRAMES),
        Age("Scores of matured forecasts", Outcome.objects.aggregate(at=Max("resolved_at"))["at"], ""),
    ]
    if trending or settings.MARKET.kind != "replay":  # a replay has no trending list, which is no fault
        ages.insert(3, Age("Trending tokens", trending, trending_freshness(trending, now)))
    return ages


def _candles(name: str, interval: int, now: datetime) -> Age:
    opened = Candle.objects.filter(interval=interval).aggregate(at=Max("open_time"))["at"]
    closed = opened and opened + timedelta(seconds=interval)
    return Age(name, closed, candle_freshness(opened, interval, now))


def _forecasts(timeframe: str, every: int, now: datetime) -> Age:
    """A run may take until the next is due."""
    at = ForecastRun.objects.filter(timeframe=timeframe).aggregate(at=Max("as_of"))["at"]
    fresh = at is not None and now <= at + timedelta(seconds=2 * every)
    return Age(f"Forecasts {timeframe}", at, "live" if fresh else "stale")


def _backfill() -> Backfill:
    active = Token.objects.active().order_by()
    return Backfill(
        tokens=active.count(),
        started=active.filter(candles_from__isnull=False).count(),
        complete=active.filter(candles_complete=True).count(),
        oldest=active.aggregate(at=Min("candles_from"))["at"],
    )
