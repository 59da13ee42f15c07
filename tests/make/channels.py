"""Notification channels and what they are owed, from what matters alone."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from alerts.channels.signing import new_secret
from alerts.models import Alert, Attempt, DeliveredEvent, Delivery, Event, NotificationChannel
from alerts.services.delivering import owe
from alerts.services.sealed import ADDRESS, SECRET
from core.lib.clock import wall_now
from tests.make.alerts import an_alert
from tests.make.markets import a_token


def a_channel(
    owner: User,
    kind: str = "webhook",
    address: str = "https://hooks.example/secret-path",
    **fields: Any,
) -> NotificationChannel:
    """Confirmed, unless told otherwise."""
    now = wall_now()
    host = "hooks.example" if kind == "webhook" else f"{kind}.example"
    values = {
        "name": kind.title(),
        "created_at": now,
        "state": "active",
        "verified_at": now,
        "host": host,
        **fields,
    }
    channel = NotificationChannel(owner=owner, kind=kind, shown="…", **values)
    ADDRESS.put(channel, address)
    if kind == "webhook":
        SECRET.put(channel, new_secret())
    channel.save(force_insert=True)
    return channel


def owed(*events: Event) -> list[Delivery]:
    """What the channels of their alerts are owed for these."""
    known = set(Delivery.objects.values_list("id", flat=True))
    owe(events)
    return list(Delivery.objects.exclude(id__in=known).order_by("created_at", "id"))


def an_alert_on(channel: NotificationChannel, *more: NotificationChannel, **fields: Any) -> Alert:
    alert = an_alert(channel.owner, fields.pop("token", None) or a_token(), **fields)
    alert.channels.set([channel, *more])
    return alert


def a_dead_delivery(channel: NotificationChannel, *events: Event, **fields: Any) -> Delivery:
    """Given up after one attempt."""
    now = wall_now()
    values = {
        "purpose": "event",
        "state": "dead",
        "created_at": now,
        "due_at": now,
        "gives_up_at": now,
        "finished_at": now,
        "attempts": 1,
        "last_error": "The address answered 500",
        **fields,
    }
    delivery = Delivery.objects.create(channel=channel, owner=channel.owner, **values)
    for event in events:
        DeliveredEvent.objects.create(delivery=delivery, event=event, channel=channel)
    Attempt.objects.create(
        delivery=delivery, number=1, began_at=now, ended_at=now, result="later", status=500, said="500"
    )
    return delivery


def moments(start: datetime, count: int) -> list[datetime]:
    return [start + timedelta(seconds=number) for number in range(count)]
