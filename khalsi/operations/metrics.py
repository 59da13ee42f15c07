"""`GET /metrics`: the same figures as Prometheus reads them, the same from every process."""

import hmac
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from core.api.client_address import UNKNOWN, client_address
from core.api.meter import BOUNDS
from core.lib.clock import market_now
from khalsi.operations.figures import Figures, Store, figures
from markets.models import SourceState


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        return HttpResponse("Not from here: see METRICS_ALLOWED and METRICS_TOKEN.\n", "text/plain", 403)
    text = generate_latest(_Collected(figures(market_now())))
    return HttpResponse(text, CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    """From an address that is allowed, as the limits know addresses; or with the token."""
    said = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if settings.METRICS_TOKEN and hmac.compare_digest(said.encode(errors="replace"), wanted.encode()):
        return True
    address = client_address(request).partition("/")[0]
    return address != UNKNOWN and any(ip_address(address) in network for network in settings.METRICS_ALLOWED)


class _Collected:
    """A registry of one reading."""

    def __init__(self, read: Figures) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        read = self._read
        yield from _requests(read)
        yield from _limits(read)
        yield _gauge("khalsi_queue_tasks", "Tasks that wait in a queue.", "queue", read.queues)
        yield _gauge("khalsi_live_connections", "Sockets of the live feed.", "process", read.live)
        yield from _work(read)
        yield from _stores(store for store in (read.database, read.redis) if store)
        if read.disk:
            yield GaugeMetricFamily("khalsi_disk_free_bytes", "Free where DATA lies.", read.disk.free)
            yield GaugeMetricFamily("khalsi_data_bytes", "Files in DATA.", read.disk.used_by_data)
        if read.beat_silent is not None:
            seconds = read.beat_silent.total_seconds()
            yield GaugeMetricFamily("khalsi_scheduler_silent_seconds", "Since its last beat.", seconds)
        healthy = {one.name: int(one.state == SourceState.Circuit.CLOSED) for one in read.sources or ()}
        yield _gauge("khalsi_source_up", "1 while the source answers.", "source", healthy)


def _requests(read: Figures) -> Iterator[Metric]:
    count = CounterMetricFamily("khalsi_requests", "Requests answered.", labels=("surface", "class"))
    times = HistogramMetricFamily("khalsi_request_seconds", "Until the answer.", labels=("surface",))
    for traffic in read.totals or ():
        for name, number in traffic.by_class.items():
            count.add_metric((traffic.surface, name), number)
        seen, buckets = 0, []
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), traffic.within, strict=True):
            seen += number
            buckets.append((bound, seen))
        times.add_metric((traffic.surface,), buckets, sum_value=None)
    yield from (count, times)


def _limits(read: Figures) -> Iterator[Metric]:
    """Of the newest whole minute: the store forgets older ones, so there is no sum for ever."""
    gauge = GaugeMetricFamily(
        "khalsi_limited_per_minute", "Counted by a limit in its newest minute.", labels=("scope", "verdict")
    )
    newest = {minute.scope: minute for minute in read.limits or ()}
    for scope, minute in sorted(newest.items()):
        gauge.add_metric((scope, "passed"), minute.passed)
        gauge.add_metric((scope, "refused"), minute.refused)
    yield gauge


def _work(read: Figures) -> Iterator[Metric]:
    if read.jobs:
        yield GaugeMetricFamily("khalsi_jobs_running", "Runs under way.", len(read.jobs.running))
        yield GaugeMetricFamily("khalsi_dead_letters", "Failed for good, for staff.", read.jobs.dead_letters)
        yield _gauge("khalsi_jobs_failed_day", "Failed runs of a day.", "job", read.jobs.failed)
    if read.owed:
        yield GaugeMetricFamily("khalsi_mail_owed", "Mail not sent yet.", read.owed.mail)
        yield GaugeMetricFamily("khalsi_deliveries_owed", "Messages not sent yet.", read.owed.deliveries)
        yield GaugeMetricFamily("khalsi_deliveries_given_up", "Messages parked.", read.owed.given_up)


def _stores(stores: Iterable[Store]) -> Iterator[Metric]:
    held = {store.name: store for store in stores}
    seconds = {name: store.milliseconds / 1000 for name, store in held.items()}
    yield _gauge("khalsi_store_seconds", "A trivial question.", "store", seconds)
    sizes = {name: store.bytes_held for name, store in held.items()}
    yield _gauge("khalsi_store_bytes", "What it holds.", "store", sizes)
    links = {name: store.connections for name, store in held.items() if store.connections is not None}
    yield _gauge("khalsi_store_connections", "Connections to it.", "store", links)


def _gauge(name: str, what: str, label: str, values: dict[str, Any] | None) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, what, labels=(label,))
    for key, value in sorted((values or {}).items()):
        gauge.add_metric((key,), value)
    return gauge
