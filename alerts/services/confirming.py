"""A channel counts from here on: its owner has shown that it is his."""

from datetime import datetime

from accounts.services.audit import NOWHERE, Action, Origin, record
from alerts.models import Delivery, NotificationChannel


def confirm(channel: NotificationChannel, now: datetime, origin: Origin = NOWHERE) -> None:
    """What it failed at before is forgotten. Call it with the row held, inside a transaction."""
    channel.state, channel.verified_at = NotificationChannel.State.ACTIVE, now
    channel.sealed_code, channel.code_until, channel.code_tries = "", None, 0
    channel.off_at, channel.off_because = None, ""
    channel.failures, channel.rests_until = 0, None
    channel.last_error, channel.last_error_at = "", None
    channel.save()
    unsent = Delivery.objects.filter(channel=channel, purpose=Delivery.Purpose.VERIFY)
    unsent.filter(state=Delivery.State.WAITING).delete()
    note(Action.CHANNEL_CONFIRMED, channel, now, origin)


def note(
    action: Action, channel: NotificationChannel, now: datetime, origin: Origin, *, by_owner: bool = True
) -> None:
    """By its kind and id: its name is its owner's, its address a secret."""
    record(
        action,
        account_id=channel.owner_id,
        actor_id=channel.owner_id if by_owner else None,
        now=now,
        origin=origin,
        about=channel,
        detail=channel.get_kind_display(),
    )
