"""One collector at a time: whoever holds the lease of the stream's row, and for as long as it is renewed.

A collector that was killed loses it within `LEASE`. One that was only asleep finds it lost when it next stores, in the
same transaction, so nothing is written by two.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet

from core.jobs.market_time import refuse_another_market
from core.lib.clock import wall_now
from markets.models import StreamState

NAME = "binance"
LEASE = timedelta(seconds=10)


class LeaseLost(Exception):
    """Another collector has taken over."""


def take_lease(holder: str) -> bool:
    """Whether this process collects from now on. Raises Conflict where the database holds another market."""
    refuse_another_market(settings.MARKET.kind, settings.MARKET.identity)
    now = wall_now()
    StreamState.objects.get_or_create(name=NAME)
    free = Q(leased_until=None) | Q(leased_until__lt=now) | Q(holder=holder)
    state = StreamState.objects.filter(free, name=NAME)
    if not state.update(holder=holder, leased_until=now + LEASE):
        return False
    own = StreamState.objects.filter(name=NAME, holder=holder)
    own.exclude(opened_at=None, closed_at__isnull=False).update(opened_at=None, closed_at=now)
    return True


def renew_lease(holder: str, heard_at: datetime | None = None, refused: int = 0) -> None:
    """Raises LeaseLost."""
    facts = {"heard_at": heard_at} if heard_at else {}
    _change(holder, leased_until=wall_now() + LEASE, refused=F("refused") + refused, **facts)


def opened(holder: str) -> None:
    now = wall_now()
    _change(
        holder,
        opened_at=now,
        closed_at=None,
        heard_at=now,
        leased_until=now + LEASE,
        connections=F("connections") + 1,
    )


def lost(holder: str, why: str) -> None:
    """The connection is gone. Raises LeaseLost."""
    now = wall_now()
    StreamState.objects.filter(name=NAME, holder=holder, opened_at__isnull=False).update(closed_at=now)
    _change(holder, opened_at=None, last_error=why[:300], last_error_at=now, leased_until=now + LEASE)


def release(holder: str) -> None:
    """Another one need not wait."""
    _close(StreamState.objects.filter(name=NAME, holder=holder))


def release_whoever_holds() -> None:
    """Embedded start: the collector before this one died with its process."""
    _close(StreamState.objects.filter(name=NAME).exclude(holder=""))


def _close(states: QuerySet[StreamState]) -> None:
    states.filter(opened_at__isnull=False).update(opened_at=None, closed_at=wall_now())
    states.update(holder="", leased_until=None)


def _change(holder: str, **facts: object) -> None:
    if not StreamState.objects.filter(name=NAME, holder=holder).update(**facts):
        raise LeaseLost
