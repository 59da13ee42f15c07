"""What owners say about what they read."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from alerts.models import Event, InboxItem
from alerts.selectors.alerts import event_of
from core.lib.errors import NotFound


def acknowledge(*, owner_id: UUID, event_id: UUID, now: datetime) -> Event:
    """Seen and dealt with; it counts as read, too. Doing it twice changes nothing. `now` is wall time."""
    with transaction.atomic():
        own = Event.objects.filter(id=event_id, owner_id=owner_id)
        own.filter(acknowledged_at=None).update(acknowledged_at=now)
        InboxItem.objects.filter(event_id=event_id, owner_id=owner_id, read_at=None).update(read_at=now)
        return event_of(owner_id, event_id)


def mark_read(*, owner_id: UUID, item_id: int, now: datetime) -> None:
    own = InboxItem.objects.filter(owner_id=owner_id, id=item_id)
    if not own.filter(read_at=None).update(read_at=now) and not own.exists():
        raise NotFound("You have no such message.")


def mark_all_read(*, owner_id: UUID, until: datetime, now: datetime) -> int:
    """Those that had come by `until`: what arrived while somebody read the page stays unread."""
    return InboxItem.objects.filter(owner_id=owner_id, read_at=None, created_at__lte=until).update(
        read_at=now
    )
