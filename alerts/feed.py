"""Alert frames on the topic `user`. They are hints: the inbox holds every event, shown or not."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from alerts.models import Event
from alerts.selectors.shown import event_shown
from core.live.publish import send
from core.live.topic import USER, stream_name


def show_events(event_ids: Iterable[UUID]) -> None:
    """A frame for each event, to its owner alone: one message an owner, however many there are. Each is known by its
    event's id, so that one told twice is heard once."""
    frames: dict[UUID, list[tuple[str, Any]]] = defaultdict(list)
    for event in Event.objects.filter(id__in=list(event_ids)).prefetch_related("token").order_by("fired_at"):
        frames[event.owner_id].append((str(event.id), {"type": "alert", **event_shown(event)}))
    for owner_id, those in frames.items():
        send(stream_name(USER, str(owner_id)), those)
