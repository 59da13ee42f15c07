"""What a share link shows: percentages alone, no amount and no date of anything that was booked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import QuerySet

from core.lib.errors import NotFound
from portfolios.models import Portfolio, ShareLink
from portfolios.selectors.performance.bookings import first_booking
from portfolios.selectors.performance.figures import performance
from portfolios.selectors.spread import spread
from portfolios.selectors.valuing import valuation

DAYS = (7, 30, 90, 365)
KEPT_SECONDS = 300


@dataclass(frozen=True)
class Share:
    name: str
    percent: float


@dataclass(frozen=True)
class Return:
    """Time-weighted; None where the portfolio is younger, or nobody can know."""

    days: int
    percent: float | None


@dataclass(frozen=True)
class Shared:
    """`observed_at` is of the oldest price in it."""

    tokens: tuple[Share, ...]
    categories: tuple[Share, ...]
    returns: tuple[Return, ...]
    observed_at: datetime | None
    has_stale: bool
    has_unpriced: bool


def links_of(portfolio: Portfolio) -> QuerySet[ShareLink]:
    return ShareLink.objects.filter(portfolio=portfolio).order_by("-made_at", "id")


def link_by(digest: str, wall: datetime) -> ShareLink:
    """Raises NotFound where there is none that counts: unknown, over and taken back are told alike."""
    counting = ShareLink.objects.filter(digest=digest, ended_at=None, ends_at__gt=wall)
    link = counting.select_related("portfolio").first()
    if link is None:
        raise NotFound("This link leads nowhere, or is over.")
    return link


def shared(portfolio: Portfolio, now: datetime) -> Shared:
    """At most five minutes old: who has the link may ask often, and returns are long work."""
    key = f"portfolios:shared:{portfolio.pk}:{portfolio.revision}"
    known: Shared | None = cache.get(key)
    if known is None:
        known = _shared(portfolio, now)
        cache.set(key, known, KEPT_SECONDS)
    return known


def _shared(portfolio: Portfolio, now: datetime) -> Shared:
    valued = valuation(portfolio, now)
    parts = spread(valued)
    return Shared(
        tokens=tuple(Share(one.name, _percent(float(one.share))) for one in parts.tokens),
        categories=tuple(Share(one.name, _percent(float(one.share))) for one in parts.categories),
        returns=tuple(_return(portfolio, days, now) for days in DAYS),
        observed_at=valued.observed_at,
        has_stale=bool(valued.stale),
        has_unpriced=bool(valued.unpriced),
    )


def _return(portfolio: Portfolio, days: int, now: datetime) -> Return:
    since, first = now - timedelta(days=days), first_booking(portfolio)
    if first is None or first > since:
        return Return(days, None)
    found = performance(portfolio, since=since, benchmark="none", now=now)
    total = found.time_weighted if found else None
    return Return(days, None if total is None else _percent(total))


def _percent(share: float) -> float:
    return round(share * 100, 1)
