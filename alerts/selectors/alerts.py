"""A user's own alerts and events; another's are not there."""

from uuid import UUID

from django.db.models import QuerySet

from alerts.models import Alert, Event
from core.lib.errors import NotFound


def alerts_of(owner_id: UUID) -> QuerySet[Alert]:
    """Newest first, each with its token and owner."""
    own = Alert.objects.filter(owner_id=owner_id).select_related("token", "portfolio", "owner", "gauge")
    return own.prefetch_related("channels").order_by("-created_at", "id")


def alert_of(owner_id: UUID, alert_id: UUID, *, lock: bool = False) -> Alert:
    """Raises NotFound where there is none, or it is somebody else's."""
    own = alerts_of(owner_id).filter(id=alert_id)
    alert = (own.select_for_update(of=("self",)) if lock else own).first()
    if alert is None:
        raise NotFound("You have no such alert.")
    return alert


def events_of(owner_id: UUID) -> QuerySet[Event]:
    """With the token of each; the caller orders."""
    return Event.objects.filter(owner_id=owner_id).select_related("token", "portfolio")


def event_of(owner_id: UUID, event_id: UUID) -> Event:
    event = events_of(owner_id).filter(id=event_id).first()
    if event is None:
        raise NotFound("You have no such event.")
    return event
