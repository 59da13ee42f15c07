"""How each source fares: circuit, last success and error, calls left, refusals, and how old its data is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from core.net.budget import calls_left
from markets.freshness import Freshness, candle_freshness, quote_freshness
from markets.models import Candle, LatestQuote, RefusedReply, SourceState
from markets.providers.coingecko.plans import plan
from markets.selectors.calls import calls_last_minute, calls_this_month

KNOWN = ("coingecko", "binance")
_QUARTER = 900


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


def source_reports(now: datetime, wall: datetime) -> list[SourceReport]:
    """Every known source, also those that were never asked; `now` is market time."""
    states = {state.name: state for state in SourceState.objects.all()}
    names = [*KNOWN, *sorted(set(states) - set(KNOWN))]
    return [_report(states.get(name) or SourceState(name=name), now, wall) for name in names]


def _report(state: SourceState, now: datetime, wall: datetime) -> SourceReport:
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
    )


def requests_left(name: str, wall: datetime) -> int | None:
    if name != "coingecko":
        return None
    return calls_left(plan().budget, calls_last_minute(name, wall), calls_this_month(name, wall))


def _delivered(name: str, now: datetime) -> tuple[datetime | None, Freshness]:
    """The newest of what the source is there for: quotes from CoinGecko, quarter hours from an exchange."""
    if name == "coingecko":
        seen = LatestQuote.objects.order_by("-observed_at").values_list("observed_at", flat=True).first()
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
