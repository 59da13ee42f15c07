"""The page *Operations* of the staff site: one look at what comes in, what waits and what is broken."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from core.api.meter import BOUNDS, Traffic, quantile
from core.api.tally import Minute
from core.lib.clock import market_now
from khalsi.health import SCHEDULER_SILENT_AFTER
from khalsi.operations.figures import MINUTES_SHOWN, Figures, figures
from markets.models import SourceState

CLASSES = ("2xx", "3xx", "4xx", "5xx")
WAITS_TOO_LONG = timedelta(minutes=10)
MANY_WAIT = 200


@dataclass
class Surface:
    """The last hour of one surface."""

    name: str
    by_class: Counter[str] = field(default_factory=Counter)
    within: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)

    @property
    def classes(self) -> list[int]:
        return [self.by_class[name] for name in CLASSES]

    @property
    def requests(self) -> int:
        return sum(self.by_class.values())

    @property
    def per_minute(self) -> float:
        return self.requests / MINUTES_SHOWN

    @property
    def p50(self) -> float | None:
        return quantile(self.within, 0.5)

    @property
    def p95(self) -> float | None:
        return quantile(self.within, 0.95)


@dataclass(frozen=True)
class Scope:
    name: str
    passed: int
    refused: int


@never_cache
def operations(request: HttpRequest) -> HttpResponse:
    read = figures(market_now())
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Operations",
        "figures": read,
        "surfaces": surfaces(read.traffic or ()),
        "per_minute": requests_by_minute(read),
        "scopes": scopes(read.limits or ()),
        "faults": faults(read),
        "classes": CLASSES,
        "live_total": sum((read.live or {}).values()),
        "many": MANY_WAIT,
        "is_distributed": bool(settings.REDIS_URL),
    }
    return TemplateResponse(request, "admin/operations.html", context)


def surfaces(traffic: Iterable[Traffic]) -> list[Surface]:
    found: dict[str, Surface] = {}
    for minute in traffic:
        surface = found.setdefault(minute.surface, Surface(minute.surface))
        surface.by_class.update(minute.by_class)
        surface.within = tuple(one + more for one, more in zip(surface.within, minute.within, strict=True))
    return sorted(found.values(), key=lambda surface: -surface.requests)


def requests_by_minute(read: Figures) -> list[int]:
    """Of every surface together, the oldest minute of the last hour first; the running one is left out."""
    newest = read.at.replace(second=0, microsecond=0)
    counts: Counter[int] = Counter()
    for minute in read.traffic or ():
        counts[int((newest - minute.at).total_seconds() // 60)] += sum(minute.by_class.values())
    return [counts[back] for back in range(MINUTES_SHOWN, 0, -1)]


def scopes(limits: Iterable[Minute]) -> list[Scope]:
    """Whose limit was hit most often comes first."""
    passed: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for minute in limits:
        passed[minute.scope] += minute.passed
        refused[minute.scope] += minute.refused
    names = sorted(passed | refused, key=lambda name: (-refused[name], -passed[name], name))
    return [Scope(name, passed[name], refused[name]) for name in names]


def faults(read: Figures) -> list[str]:
    """What needs a look, in plain words."""
    found = []
    if read.beat_silent is None or read.beat_silent > SCHEDULER_SILENT_AFTER:
        found.append("The scheduler is silent: nothing is being started.")
    if read.database is None:
        found.append("The database does not answer.")
    broken = sum(minute.by_class.get("5xx", 0) for minute in read.traffic or ())
    if broken:
        found.append(
            f"{broken} {'reply' if broken == 1 else 'replies'} of 500 or above in the last hour; the log names each."
        )
    full = [name for name, waiting in (read.queues or {}).items() if waiting > MANY_WAIT]
    if full:
        found.append(f"More than {MANY_WAIT} tasks wait in: {', '.join(full)}.")
    if read.jobs and read.jobs.dead_letters:
        letters = read.jobs.dead_letters
        tasks = "task failed for good and waits" if letters == 1 else "tasks failed for good and wait"
        found.append(f"{letters} {tasks} for you among the dead letters.")
    open_ = [one.name for one in read.sources or () if one.state != SourceState.Circuit.CLOSED]
    if open_:
        found.append(f"Sources in trouble: {', '.join(open_)}.")
    oldest = read.owed and min(filter(None, (read.owed.oldest_mail, read.owed.oldest_delivery)), default=None)
    if oldest and read.at - oldest > WAITS_TOO_LONG:
        found.append("Mail or messages have waited for more than ten minutes.")
    if read.disk and read.disk.is_short:
        found.append("Less than a tenth of the disk is free.")
    return found
