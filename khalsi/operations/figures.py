"""The figures of operations, each asked where it is known. One that cannot be had is None and stops no other."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.models import Count, Min

from accounts.models import Mail
from alerts.models import Delivery
from core.api.meter import Traffic, meter
from core.api.tally import Minute
from core.api.throttling import redis_link, tallies
from core.jobs.market_time import stored_market_clock
from core.lib.clock import wall_now
from core.live.process import who_is_connected
from core.models import DeadLetter, JobRun, SourceStamp
from markets.selectors.sources import SourceReport, source_reports

log = structlog.get_logger(__name__)

MINUTES_SHOWN = 60
LIMIT_HOURS = 3
FAILED_WITHIN = timedelta(days=1)
T = TypeVar("T")


@dataclass(frozen=True)
class Store:
    """A database or a Redis: how fast it answers a trivial question, and how much it holds."""

    name: str
    milliseconds: float
    bytes_held: int
    connections: int | None = None


@dataclass(frozen=True)
class Disk:
    free: int
    whole: int
    used_by_data: int

    @property
    def is_short(self) -> bool:
        return self.free < self.whole / 10


@dataclass(frozen=True)
class Jobs:
    running: list[JobRun]
    failed: dict[str, int]
    """Runs of the last day that failed and were not done since, by job."""
    dead_letters: int
    oldest_dead_letter: datetime | None


@dataclass(frozen=True)
class Owed:
    """What is to be sent and was not yet; `oldest` is when its oldest began to wait."""

    mail: int
    oldest_mail: datetime | None
    deliveries: int
    oldest_delivery: datetime | None
    given_up: int


@dataclass(frozen=True)
class Figures:
    at: datetime
    traffic: list[Traffic] | None
    totals: list[Traffic] | None
    limits: list[Minute] | None
    queues: dict[str, int] | None
    jobs: Jobs | None
    owed: Owed | None
    sources: list[SourceReport] | None
    beat: datetime | None
    live: dict[str, int] | None
    database: Store | None
    redis: Store | None
    disk: Disk | None

    @property
    def beat_silent(self) -> timedelta | None:
        return self.at - self.beat if self.beat else None


def figures(now: datetime) -> Figures:
    """`now` is market time, which data is judged by; everything else is wall time."""
    wall = wall_now()
    return Figures(
        at=wall,
        traffic=_known(lambda: meter().read(MINUTES_SHOWN)),
        totals=_known(meter().totals),
        limits=_known(lambda: tallies(LIMIT_HOURS)),
        queues=_known(_queues),
        jobs=_known(lambda: _jobs(wall)),
        owed=_known(_owed),
        sources=_known(lambda: source_reports(now, wall)),
        beat=_known(_last_beat),
        live=_known(lambda: _live(wall)),
        database=_known(_database),
        redis=_known(_redis) if settings.REDIS_URL else None,
        disk=_known(_disk),
    )


def _known(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except Exception as error:  # whatever is broken: who looks at this page wants to see the rest
        log.warning("figure_missing", error=type(error).__name__)
        return None


def _queues() -> dict[str, int]:
    """Tasks that wait; those that a worker has taken are its own."""
    with current_app.connection_for_read() as link:
        return {queue: int(link.default_channel._size(queue)) for queue in settings.QUEUES}


def _jobs(wall: datetime) -> Jobs:
    waiting = DeadLetter.objects.filter(state=DeadLetter.State.WAITING)
    failed = JobRun.objects.filter(state=JobRun.State.FAILED, started_at__gte=wall - FAILED_WITHIN)
    by_job = failed.order_by().values_list("job").annotate(Count("id"))
    return Jobs(
        running=list(JobRun.objects.filter(state=JobRun.State.RUNNING).order_by("started_at")),
        failed=dict(by_job),
        dead_letters=waiting.count(),
        oldest_dead_letter=waiting.aggregate(at=Min("failed_at"))["at"],
    )


def _owed() -> Owed:
    mail = Mail.objects.aggregate(count=Count("id"), oldest=Min("created_at"))
    waiting = Delivery.objects.filter(state__in=[Delivery.State.WAITING, Delivery.State.LEASED])
    deliveries = waiting.aggregate(count=Count("id"), oldest=Min("created_at"))
    return Owed(
        mail=mail["count"],
        oldest_mail=mail["oldest"],
        deliveries=deliveries["count"],
        oldest_delivery=deliveries["oldest"],
        given_up=Delivery.objects.filter(state=Delivery.State.DEAD).count(),
    )


def _last_beat() -> datetime | None:
    """In wall time: the scheduler writes down market time as often as it beats."""
    stamp, clock = SourceStamp.objects.first(), stored_market_clock()
    return clock.wall_for(stamp.reached) if stamp and clock else None


def _live(wall: datetime) -> dict[str, int]:
    return {report["process"]: report["sockets"] for report in who_is_connected(wall).reports}


def _database() -> Store:
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute("SELECT 1")
        took = (time.perf_counter() - began) * 1000
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            size = int(cursor.fetchone()[0])
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            return Store("PostgreSQL", took, size, int(cursor.fetchone()[0]))
        cursor.execute("PRAGMA page_count")
        pages = int(cursor.fetchone()[0])
        cursor.execute("PRAGMA page_size")
        return Store("SQLite", took, pages * int(cursor.fetchone()[0]))


def _redis() -> Store:
    link = redis_link()
    assert link is not None  # noqa: S101  asked only where REDIS_URL names one
    began = time.perf_counter()
    link.run("PING")
    took = (time.perf_counter() - began) * 1000
    said = {
        name: value
        for name, _, value in (line.partition(":") for line in link.run("INFO").decode().splitlines())
    }
    return Store("Redis", took, int(said["used_memory"]), int(said["connected_clients"]))


def _disk() -> Disk:
    whole, _, free = shutil.disk_usage(settings.DATA)
    used = sum(file.stat().st_size for file in settings.DATA.rglob("*") if file.is_file())
    return Disk(free=free, whole=whole, used_by_data=used)
