"""A worker takes the next message of a channel for a while. What a dead worker held is taken up again."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet

from alerts.models import Attempt, Delivery, NotificationChannel

LEASE = timedelta(seconds=60)
"""Longer than any channel takes to answer or to be given up."""
MOST_OF_A_HOST = 3
"""So many messages to one host of a user's webhook are under way at a time: a slow one holds few workers."""
State = Delivery.State
_UNKNOWN = "The worker died over it; the message may have arrived."


def lease(channel_id: UUID, now: datetime) -> Delivery | None:
    """The message that now belongs to the caller; None where none is due, or one of this channel is under way."""
    channel = NotificationChannel.objects.filter(id=channel_id, owner__is_active=True).first()
    if channel is None or _is_crowded(channel, now):
        return None
    try:
        with transaction.atomic():
            delivery = _taken_over(channel, now) or _next(channel, now)
            if delivery is not None:
                Attempt.objects.create(delivery=delivery, number=delivery.attempts, began_at=now)
            return delivery
    except IntegrityError:  # another worker took one of this channel in the same moment
        return None


def _taken_over(channel: NotificationChannel, now: datetime) -> Delivery | None:
    """What a dead worker held: it is tried again, and its log says that it may arrive twice."""
    held = Delivery.objects.filter(channel=channel, state=State.LEASED, leased_until__lt=now)
    found = _take(held.values_list("id", flat=True).first(), held, now)
    if found is None:
        return None
    Attempt.objects.filter(delivery=found, result="").update(
        result=Attempt.Result.UNKNOWN, said=_UNKNOWN, ended_at=now
    )
    Delivery.objects.filter(id=found.id).update(maybe_repeated=True)
    found.maybe_repeated = True
    return found


def _next(channel: NotificationChannel, now: datetime) -> Delivery | None:
    due = Delivery.objects.filter(
        _may_go(channel, now), channel=channel, state=State.WAITING, due_at__lte=now
    )
    first = due.order_by("due_at", "created_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        first = first.select_for_update(skip_locked=True)
    return _take(first.values_list("id", flat=True).first(), due, now)


def _may_go(channel: NotificationChannel, now: datetime) -> Q:
    """A confirmation goes to a channel in any state; everything else waits for one that is active and rested."""
    is_rested = channel.rests_until is None or channel.rests_until <= now
    if channel.state == NotificationChannel.State.ACTIVE and is_rested:
        return Q()
    return Q(purpose=Delivery.Purpose.VERIFY)


def _take(delivery_id: UUID | None, among: QuerySet[Delivery], now: datetime) -> Delivery | None:
    """Whoever changes the row has it."""
    if delivery_id is None:
        return None
    taken = among.filter(id=delivery_id).update(
        state=State.LEASED, lease=uuid4(), leased_until=now + LEASE, attempts=F("attempts") + 1
    )
    return Delivery.objects.select_related("channel").get(id=delivery_id) if taken else None


def _is_crowded(channel: NotificationChannel, now: datetime) -> bool:
    """Whether enough workers wait for this host already."""
    if channel.kind != NotificationChannel.Kind.WEBHOOK:
        return False
    under_way = Delivery.objects.filter(
        state=State.LEASED, leased_until__gte=now, channel__kind=channel.kind, channel__host=channel.host
    )
    return under_way.count() >= MOST_OF_A_HOST


def release_leases(now: datetime) -> int:
    """Embedded start: whoever held a message died with the process, so nobody needs to wait for him."""
    return Delivery.objects.filter(state=State.LEASED, leased_until__gt=now).update(
        leased_until=now - timedelta(seconds=1)
    )
