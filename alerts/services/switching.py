"""A channel that fails for good is switched off, and its owner told by other ways: the inbox and his account's mail."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.models.preferences import Preferences
from accounts.services.mail import Kind, owe
from alerts.models import Delivery, InboxItem, NotificationChannel

State = NotificationChannel.State


@transaction.atomic
def switch_off(channel_id: UUID, *, because: str, now: datetime, by_mail: bool = True) -> bool:
    """Once: False where it was off already, or was never confirmed. What waits for it is given up, and may be sent
    again once the channel is confirmed anew."""
    on = NotificationChannel.objects.filter(id=channel_id, state=State.ACTIVE)
    if not on.update(state=State.OFF, off_at=now, off_because=because[:300], rests_until=None):
        return False
    channel = NotificationChannel.objects.select_related("owner").get(id=channel_id)
    give_up_waiting(channel, f"The channel was switched off. {because}", now)
    _tell(channel, because, now, by_mail=by_mail)
    return True


def give_up_waiting(channel: NotificationChannel, because: str, now: datetime) -> int:
    waiting = Delivery.objects.filter(channel=channel, state=Delivery.State.WAITING)
    return waiting.exclude(purpose=Delivery.Purpose.VERIFY).update(
        state=Delivery.State.DEAD, finished_at=now, last_error=because[:300]
    )


def _tell(channel: NotificationChannel, because: str, now: datetime, *, by_mail: bool) -> None:
    notice = f"Your channel {channel.name} was switched off. {because}"
    InboxItem.objects.create(owner=channel.owner, notice=notice[:300], created_at=now)
    if by_mail and _wants_mail(channel.owner):
        owe(channel.owner, Kind.CHANNEL_OFF, now=now, detail=notice[:300])


def _wants_mail(owner: User) -> bool:
    return Preferences.of(owner.preferences).wants_mail("channels")
