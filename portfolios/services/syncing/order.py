"""Whose turn it is, as arithmetic and one query.

Workers are shared: one is always left for each exchange that has none at work, so an exchange that answers slowly can
hold up its own connections and nobody else's.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Q

from portfolios.models import Connection

MOST_LOOKED_AT = 10
State = Connection.State


def free_or_left(now: datetime) -> Q:
    """In no worker's hands, or in those of a dead one."""
    return Q(lease=None) | Q(leased_until__lt=now)


def may_take(exchange: str, at_work: Mapping[str, int], known: Collection[str], at_once: int) -> bool:
    """Whether one more worker may turn to `exchange`; `known` are the exchanges that have connections."""
    left = at_once - sum(at_work.values())
    if not at_work.get(exchange, 0):
        return left > 0
    kept = sum(1 for other in known if other != exchange and not at_work.get(other, 0))
    return left > kept


def next_ones(now: datetime, at_once: int) -> list[UUID]:
    """The first few whose turn it is: who is waited for, then what is due longest."""
    exchanges = open_exchanges(now, at_once)
    due = Connection.objects.filter(
        free_or_left(now), state=State.ACTIVE, due_at__lte=now, exchange__in=exchanges, owner__is_active=True
    )
    in_order = due.order_by(F("asked_at").asc(nulls_last=True), "due_at", "id")
    return list(in_order.values_list("id", flat=True)[:MOST_LOOKED_AT])


def open_exchanges(now: datetime, at_once: int) -> list[str]:
    """Those that one more worker may turn to."""
    at_work = workers_at(now)
    known = list(
        Connection.objects.filter(state=State.ACTIVE).order_by().values_list("exchange", flat=True).distinct()
    )
    return [exchange for exchange in known if may_take(exchange, at_work, known, at_once)]


def workers_at(now: datetime) -> dict[str, int]:
    held = Connection.objects.filter(lease__isnull=False, leased_until__gte=now).order_by()
    return {row["exchange"]: row["count"] for row in held.values("exchange").annotate(count=Count("id"))}


def workers_wanted(now: datetime) -> int:
    """How many more could be at work: as many as connections wait, and no more than may be at once."""
    waiting = Connection.objects.filter(
        free_or_left(now), state=State.ACTIVE, due_at__lte=now, owner__is_active=True
    ).count()
    return max(0, min(waiting, settings.SYNC_AT_ONCE - sum(workers_at(now).values())))
