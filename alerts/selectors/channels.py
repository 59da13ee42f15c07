"""A user's own notification channels, and how they and their messages are shown."""

from typing import Any, TypedDict
from uuid import UUID

from django.db.models import QuerySet

from alerts.models import Attempt, Delivery, NotificationChannel
from core.lib.clock import iso
from core.lib.errors import NotFound


class ChannelShown(TypedDict):
    id: str
    kind: str
    name: str
    state: str
    address: str
    created_at: str
    verified_at: str | None
    off_because: str
    failures: int
    rests_until: str | None
    last_sent_at: str | None
    last_error: str
    last_error_at: str | None
    old_secret_until: str | None


class DeliveryShown(TypedDict):
    id: str
    channel_id: str
    channel: str
    kind: str
    purpose: str
    state: str
    event_ids: list[str]
    created_at: str
    due_at: str
    finished_at: str | None
    attempts: list[dict[str, Any]]
    last_error: str
    maybe_repeated: bool


def channels_of(owner_id: UUID) -> QuerySet[NotificationChannel]:
    """In the order in which they were added."""
    return NotificationChannel.objects.filter(owner_id=owner_id).order_by("created_at", "id")


def channel_of(owner_id: UUID, channel_id: UUID) -> NotificationChannel:
    channel = channels_of(owner_id).filter(id=channel_id).first()
    if channel is None:
        raise NotFound("There is no such channel.")
    return channel


def channel_shown(channel: NotificationChannel) -> ChannelShown:
    """What of the address may be seen; never what is sealed."""
    return {
        "id": str(channel.id),
        "kind": channel.kind,
        "name": channel.name,
        "state": channel.state,
        "address": channel.shown,
        "created_at": iso(channel.created_at),
        "verified_at": _iso(channel.verified_at),
        "off_because": channel.off_because,
        "failures": channel.failures,
        "rests_until": _iso(channel.rests_until),
        "last_sent_at": _iso(channel.last_sent_at),
        "last_error": channel.last_error,
        "last_error_at": _iso(channel.last_error_at),
        "old_secret_until": _iso(channel.old_secret_until),
    }


def delivery_shown(delivery: Delivery) -> DeliveryShown:
    """`channel`, `events` and `tries` should have been fetched with it."""
    return {
        "id": str(delivery.id),
        "channel_id": str(delivery.channel_id),
        "channel": delivery.channel.name,
        "kind": delivery.channel.kind,
        "purpose": delivery.purpose,
        "state": delivery.state,
        "event_ids": sorted(str(event.id) for event in delivery.events.all()),
        "created_at": iso(delivery.created_at),
        "due_at": iso(delivery.due_at),
        "finished_at": _iso(delivery.finished_at),
        "attempts": [_attempt(one) for one in sorted(delivery.tries.all(), key=lambda one: one.number)],
        "last_error": delivery.last_error,
        "maybe_repeated": delivery.maybe_repeated,
    }


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "number": one.number,
        "began_at": iso(one.began_at),
        "ended_at": _iso(one.ended_at),
        "result": one.result or "under_way",
        "status": one.status,
        "said": one.said,
    }


def _iso(moment: Any) -> str | None:
    return iso(moment) if moment else None
