"""Where an alert goes beside the inbox: to notification channels of its own owner."""

from collections.abc import Collection
from uuid import UUID

from alerts.models import Alert, NotificationChannel
from core.lib.errors import BadInput


def choose_channels(alert: Alert, channel_ids: Collection[UUID] | None) -> None:
    """In the caller's transaction. None stands for those that count now. Raises BadInput for what is nobody's or
    another's."""
    own = NotificationChannel.objects.filter(owner_id=alert.owner_id)
    if channel_ids is None:
        alert.channels.set(own.filter(state=NotificationChannel.State.ACTIVE))
        return
    chosen = list(own.filter(id__in=list(channel_ids)))
    if len(chosen) < len(set(channel_ids)):
        raise BadInput.at("channels", "Choose among your own channels.")
    alert.channels.set(chosen)
