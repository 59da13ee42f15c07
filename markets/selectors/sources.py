"""How each source fares: circuit, last success and error, calls left, refusals, and how old its data is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db.models import Max, Q
from django.db.models.functions import Coalesce

from core.net.budget import calls_left
from markets.freshness import Freshness, candle_freshness, quote_freshness
from markets.models import Candle, LatestQuote, RefusedReply, SourceState, StreamState
from markets.providers.coingecko.plans import plan
from markets.selectors.calls import calls_last_minute, calls_this_month

KNOWN = ("coingecko", "binance")
_QUARTER = 900
STREAM_MISSED_AFTER = timedelta(minutes=1)
"""A reconnect is no news; an absence that lasts is."""


@dataclass(frozen=True)
class StreamReport:
    """A source's live stream. All times are wall time; `since` is when it was opened, or lost."""

    state: Literal["open", "closed"]
    since: datetime | None
    last_message_at: datetime | None
    reconnects: int
    refused: int
    last_error: str
    last_error_at: datetime | None
    is_missed: bool


@dataclass(frozen=True)
class SourceReport:
    """Times of calls are wall time; `data_observed_at` and `freshness` are of what it delivered, in
    market time.

    `requests_left` is None where the source names no bound.
    """

    name: str
    source: str
    state: str
    failures: int
    last_success_at: datetime | None
    last_error_at: datetime | None
    last_error_class: str
    last_error: str
    retry_at: datetime | None
    refused: int
    requests_left: int | None
    data_observed_at: datetime | None
    freshness: Freshness
    stream: StreamReport | None


def source_reports(now: datetime, wall: datetime) -> list[SourceReport]:
    """Every known source, also those that were never asked; `now` is market time."""
    states = {state.name: state for state in SourceState.objects.all()}
    streams = {state.name: state for state in StreamState.objects.all()}
    names = [*KNOWN, *sorted(set(states) - set(KNOWN))]
    return [
        _report(states.get(name) or SourceState(name=name), streams.get(name), now, wall) for name in names
    ]


def _report(state: SourceState, stream: StreamState | None, now: datetime, wall: datetime) -> SourceReport:
    observed_at, freshness = _delivered(state.name, now)
    return SourceReport(
        name=state.name,
        source=settings.MARKET.stamp(state.name),
        state=state.state,
        failures=state.failures,
        last_success_at=state.last_success_at,
        last_error_at=state.last_error_at,
        last_error_class=state.last_error_class,
        last_error=state.last_error,
        retry_at=state.retry_at,
        refused=state.refused,
        requests_left=requests_left(state.name, wall),
        data_observed_at=observed_at,
        freshness=freshness,
        stream=stream_report(stream, wall),
    )


def stream_report(stream: StreamState | None, wall: datetime) -> StreamReport | None:
    """None where nobody ever collected, or none is wanted any more."""
    if stream is None or not settings.MARKET.stream_url:
        return None
    is_open, since = stream.is_open(wall), stream.since(wall)
    return StreamReport(
        state="open" if is_open else "closed",
        since=since,
        last_message_at=stream.heard_at,
        reconnects=max(stream.connections - 1, 0),
        refused=stream.refused,
        last_error=stream.last_error,
        last_error_at=stream.last_error_at,
        is_missed=not is_open and since is not None and wall - since > STREAM_MISSED_AFTER,
    )


def missed_stream(wall: datetime) -> StreamReport | None:
    """The stream that has been away for so long that people should know."""
    reports = (stream_report(state, wall) for state in StreamState.objects.all())
    return next((report for report in reports if report and report.is_missed), None)


def requests_left(name: str, wall: datetime) -> int | None:
    if name != "coingecko":
        return None
    return calls_left(plan().budget, calls_last_minute(name, wall), calls_this_month(name, wall))


def _delivered(name: str, now: datetime) -> tuple[datetime | None, Freshness]:
    """The newest of what the source is there for: quotes from CoinGecko, quarter hours from an exchange."""
    if name == "coingecko":
        polled = LatestQuote.objects.filter(Q(streamed=False) | Q(market_observed_at__isnull=False))
        seen = polled.aggregate(at=Max(Coalesce("market_observed_at", "observed_at")))["at"]
        return seen, quote_freshness(seen, now)
    quarters = Candle.objects.filter(interval=_QUARTER).order_by("-open_time")
    opened = quarters.values_list("open_time", flat=True).first()
    closed = opened + timedelta(seconds=_QUARTER) if opened else None
    return closed, candle_freshness(opened, _QUARTER, now)


def troubled_sources() -> list[str]:
    """Those that are failing just now, or have never answered."""
    rows = SourceState.objects.order_by("name").values_list("name", "state", "failures")
    return [name for name, state, failures in rows if state != SourceState.Circuit.CLOSED or failures]


def newest_refusals(limit: int = 20) -> list[RefusedReply]:
    return list(RefusedReply.objects.order_by("-id")[:limit])
