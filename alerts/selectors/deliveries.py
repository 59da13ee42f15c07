"""Deliveries: which channels are owed something, and the log that their owner reads."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Prefetch, Q, QuerySet

from alerts.models import Attempt, Delivery, NotificationChannel

MOST_SWEPT = 1000
State, Purpose = Delivery.State, Delivery.Purpose


def channels_owed(now: datetime) -> list[UUID]:
    """Channels with a message that may go out now or whose worker died, those that wait longest first."""
    rested = Q(channel__rests_until=None) | Q(channel__rests_until__lte=now)
    may_go = Q(purpose=Purpose.VERIFY) | (rested & Q(channel__state=NotificationChannel.State.ACTIVE))
    due = may_go & Q(state=State.WAITING, due_at__lte=now)
    lost = Q(state=State.LEASED, leased_until__lt=now)
    found = Delivery.objects.filter(due | lost, owner__is_active=True)
    first = found.order_by().values("channel_id").annotate(first=Min("due_at")).order_by("first")
    return list(first.values_list("channel_id", flat=True)[:MOST_SWEPT])


def next_due(channel_id: UUID) -> datetime | None:
    """When the next message of this channel may go out, in the past where it may now; None where none waits for it."""
    channel = NotificationChannel.objects.get(id=channel_id)
    waiting = Delivery.objects.filter(channel=channel, state=State.WAITING, owner__is_active=True)
    asks = waiting.filter(purpose=Purpose.VERIFY).aggregate(first=Min("due_at"))["first"]
    tells = waiting.aggregate(first=Min("due_at"))["first"] if channel.state == channel.State.ACTIVE else None
    if tells and channel.rests_until:
        tells = max(tells, channel.rests_until)
    return min((due for due in (asks, tells) if due), default=None)


def kinds_of(channel_ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(NotificationChannel.objects.filter(id__in=list(channel_ids)).values_list("id", "kind"))


def deliveries_of(owner_id: UUID) -> QuerySet[Delivery]:
    """The log of one owner; the caller orders."""
    rows = Delivery.objects.filter(owner_id=owner_id).select_related("channel")
    return rows.prefetch_related("events", Prefetch("tries", Attempt.objects.order_by("number")))
