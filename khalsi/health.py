"""Is everything well? One line from each part; stale data is `degraded`, a missing database `unhealthy`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from alerts.health import alerts_check
from core.lib.clock import iso, market_clock, market_now, wall_now
from core.models import SourceStamp
from khalsi import VERSION
from markets.health import market_source_check
from predictions.health import models_check

HEALTHY, DEGRADED, UNHEALTHY = "healthy", "degraded", "unhealthy"
SCHEDULER_SILENT_AFTER = timedelta(seconds=30)
_STARTED = time.monotonic()


@dataclass(frozen=True)
class Finding:
    status: str
    detail: str


def _database(now: datetime) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding(HEALTHY, connection.vendor)


def _cache(now: datetime) -> Finding:
    cache.set("health", "1", 10)
    return Finding(
        HEALTHY if cache.get("health") == "1" else UNHEALTHY, "redis" if settings.REDIS_URL else "memory"
    )


def _channel_layer(now: datetime) -> Finding:
    return Finding(HEALTHY, type(get_channel_layer()).__name__)


def scheduler_check(now: datetime) -> Finding:
    """The scheduler writes down market time every few seconds; silence means that nothing is being started."""
    stamp = SourceStamp.objects.first()
    if stamp is None:
        return Finding(DEGRADED, "never started")
    silent = wall_now() - market_clock().wall_for(stamp.reached)
    if silent > SCHEDULER_SILENT_AFTER:
        return Finding(DEGRADED, f"silent for {int(silent.total_seconds())} s")
    return Finding(HEALTHY, "running")


def _market_source(now: datetime) -> Finding:
    return Finding(**market_source_check(now))


def _models(now: datetime) -> Finding:
    return Finding(**models_check(now))


def _alerts(now: datetime) -> Finding:
    return Finding(**alerts_check(now))


# Only what cannot answer at all without it makes the whole unhealthy; everything else degrades it.
CHECKS: dict[str, tuple[Callable[[datetime], Finding], str]] = {
    "database": (_database, UNHEALTHY),
    "cache": (_cache, DEGRADED),
    "channel_layer": (_channel_layer, DEGRADED),
    "market_source": (_market_source, DEGRADED),
    "scheduler": (scheduler_check, DEGRADED),
    "models": (_models, DEGRADED),
    "alerts": (_alerts, DEGRADED),
}


def _run(check: Callable[[datetime], Finding], worst: str, now: datetime) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        finding = check(now)
    except Exception as error:  # a check that fails is a finding, whatever it failed with
        finding = Finding(worst, type(error).__name__)
    latency = round((time.perf_counter() - began) * 1000, 2)
    return {"status": finding.status, "detail": finding.detail, "latency_ms": latency}


def examine(now: datetime) -> dict[str, Any]:
    checks = {name: _run(check, worst, now) for name, (check, worst) in CHECKS.items()}
    found = {check["status"] for check in checks.values()}
    status = UNHEALTHY if UNHEALTHY in found else DEGRADED if DEGRADED in found else HEALTHY
    return {
        "success": status != UNHEALTHY,
        "status": status,
        "timestamp": iso(wall_now()),
        "version": VERSION,
        "uptime": round(time.monotonic() - _STARTED, 1),
        "checks": checks,
    }


def _asked_only(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Other methods are 405 before anybody asks them for a token of a page."""
    return csrf_exempt(require_safe(view))


def _answer(body: dict[str, Any]) -> JsonResponse:
    status = 200 if body["success"] else 503
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


@_asked_only
def health(request: HttpRequest) -> JsonResponse:
    """Everything, with the time each check took."""
    return _answer(examine(market_now()))


@_asked_only
def live(request: HttpRequest) -> JsonResponse:
    """The process is up; asks nothing of anybody else."""
    return _answer({"success": True, "status": HEALTHY})


@_asked_only
def ready(request: HttpRequest) -> JsonResponse:
    """Ready for traffic: the database answers."""
    finding = _run(_database, UNHEALTHY, market_now())
    return _answer({"success": finding["status"] == HEALTHY, "status": finding["status"]})
