"""Messages are owed in the transaction that stores their events; the queue is only woken, after it.

A machine is told of every event by itself. People are told of a storm at once: events of one moment share a message,
a channel that got many within a minute hears of the next ones together when the minute is over, and what falls into
quiet hours comes as one message after them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count

from alerts import events as announced
from alerts.channels import CHANNELS
from alerts.models import Alert, DeliveredEvent, Delivery, Event, NotificationChannel
from alerts.services.delivering.backoff import GIVEN_UP_AFTER, SOON

STORM = 5
"""So many messages in a minute, and the next ones are told together."""
CALM = timedelta(minutes=1)
_NEXT = timedelta(microseconds=1)
Purpose, State = Delivery.Purpose, Delivery.State


def owe(events: Sequence[Event]) -> None:
    """One delivery for each event and chosen channel, several events in one where people read them.

    Call it inside the transaction that stores the events; they have their ids and owners.
    """
    if not events:
        return
    by_channel = _by_channel(events)
    if not by_channel:
        return
    now = max(event.created_at for event in events)
    apart = {channel: told for channel, told in by_channel.items() if CHANNELS[channel.kind].tells_apart}
    together = {channel: told for channel, told in by_channel.items() if channel not in apart}
    _owe_apart(apart, now)
    _owe_together(together, now)
    wake(channel.id for channel in by_channel)


def owe_message(channel: NotificationChannel, purpose: Delivery.Purpose, now: datetime) -> Delivery:
    """A test or a confirmation, which tells of no event."""
    delivery = _delivery(channel, purpose, now, now)
    delivery.save(force_insert=True)
    wake([channel.id])
    return delivery


def wake(channel_ids: Iterable[UUID], at: datetime | None = None) -> None:
    """Say after commit that there is work, now or at a moment soon; a sweep finds what is not heard."""
    ids = list(channel_ids)
    transaction.on_commit(lambda: announced.deliveries_owed.send(sender=Delivery, channel_ids=ids, at=at))


def _by_channel(events: Sequence[Event]) -> dict[NotificationChannel, list[Event]]:
    """Each active channel with the events of the alerts that chose it, in their order."""
    links = Alert.channels.through.objects.filter(
        alert_id__in={event.alert_id for event in events if event.alert_id},
        notificationchannel__state=NotificationChannel.State.ACTIVE,
    ).select_related("notificationchannel")
    chosen: dict[UUID, list[NotificationChannel]] = defaultdict(list)
    for link in links:
        chosen[link.alert_id].append(link.notificationchannel)
    found: dict[NotificationChannel, list[Event]] = defaultdict(list)
    for event in events:
        for channel in chosen.get(event.alert_id, ()) if event.alert_id else ():
            found[channel].append(event)
    return found


def _owe_apart(by_channel: dict[NotificationChannel, list[Event]], now: datetime) -> None:
    """In the order in which they happened: each is made a microsecond after the one before."""
    pairs = [
        (_delivery(channel, Purpose.EVENT, now + place * _NEXT, event.deliver_after or now), [event])
        for channel, told in by_channel.items()
        for place, event in enumerate(sorted(told, key=lambda event: event.fired_at))
    ]
    _store(pairs)


def _owe_together(by_channel: dict[NotificationChannel, list[Event]], now: datetime) -> None:
    """One message for each time at which a channel may be told; a message that waits for later takes more in."""
    busy = _busy(by_channel, now)
    new, joined = [], []
    for channel, told in by_channel.items():
        by_due: dict[datetime, list[Event]] = defaultdict(list)
        for event in told:
            by_due[max(event.deliver_after or now, now)].append(event)
        for earliest, some in by_due.items():
            due = now + CALM if earliest == now and channel.id in busy else earliest
            gathering = _gathering(channel, now, earliest) if due > now else None
            if gathering:
                joined.append((gathering, some))
            else:
                purpose = Purpose.DIGEST if len(some) > 1 or due > now else Purpose.EVENT
                new.append((_delivery(channel, purpose, now, due), some))
    _store(new)
    _tell(joined)
    for delivery, _ in new:
        if now < delivery.due_at <= now + SOON:
            wake([delivery.channel_id], at=delivery.due_at)


def _busy(channels: Iterable[NotificationChannel], now: datetime) -> set[UUID]:
    """Channels that got so many messages in the last minute that this is a storm."""
    recent = Delivery.objects.filter(channel__in=list(channels), created_at__gt=now - CALM)
    counted = recent.order_by().values("channel_id").annotate(count=Count("id"))
    return {row["channel_id"] for row in counted if row["count"] >= STORM}


def _gathering(channel: NotificationChannel, now: datetime, earliest: datetime) -> Delivery | None:
    """A message of this channel that is not due yet and was never tried; held, so that nobody leases it meanwhile.

    It goes out within a minute from `earliest`: other alerts have other quiet hours, which delay nobody's storm, and
    what is to wait for its own end goes along with nothing sooner.
    """
    waiting = Delivery.objects.filter(
        channel=channel,
        state=State.WAITING,
        purpose=Purpose.DIGEST,
        attempts=0,
        due_at__gt=now,
        due_at__range=(earliest, earliest + CALM),
    )
    if connection.features.has_select_for_update:
        waiting = waiting.select_for_update()
    return waiting.order_by("due_at").first()


def _delivery(
    channel: NotificationChannel, purpose: Delivery.Purpose, now: datetime, due: datetime
) -> Delivery:
    return Delivery(
        channel=channel,
        owner_id=channel.owner_id,
        purpose=purpose,
        created_at=now,
        due_at=due,
        gives_up_at=due + GIVEN_UP_AFTER,
    )


def _store(pairs: Sequence[tuple[Delivery, list[Event]]]) -> None:
    Delivery.objects.bulk_create([delivery for delivery, _ in pairs], batch_size=500)
    _tell(pairs)


def _tell(pairs: Sequence[tuple[Delivery, list[Event]]]) -> None:
    DeliveredEvent.objects.bulk_create(
        [
            DeliveredEvent(delivery=delivery, event=event, channel_id=delivery.channel_id)
            for delivery, told in pairs
            for event in told
        ],
        batch_size=500,
    )
