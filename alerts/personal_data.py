"""What alerts keep about a person."""

from typing import Any
from uuid import UUID

from alerts.models import Alert, Delivery, Event, InboxItem, NotificationChannel


def stored_about(user_id: UUID) -> dict[str, Any]:
    """Each part is one value, or rows."""
    of_owner = {"owner_id": user_id}
    return {
        "alerts": Alert.objects.filter(**of_owner).order_by("created_at").values(
            "id", "token__coingecko_id", "portfolio_id", "kind", "params", "repeat", "cooldown_seconds", "hysteresis",
            "expires_at", "snoozed_until", "quiet_from", "quiet_to", "note", "state", "last_event_at",
            "created_at", "changed_at",
        ),
        "alert_events": Event.objects.filter(**of_owner).order_by("created_at").values(
            "id", "alert_id", "token__coingecko_id", "portfolio_id", "kind", "fired_at", "created_at", "sentence",
            "note", "values", "deliver_after", "is_test", "acknowledged_at",
        ),
        "inbox": InboxItem.objects.filter(**of_owner).order_by("id").values(
            "id", "event_id", "notice", "created_at", "read_at"
        ),
        "notification_channels": NotificationChannel.objects.filter(**of_owner).order_by("created_at").values(
            "id", "kind", "name", "state", "shown", "created_at", "verified_at", "off_at", "off_because",
            "last_sent_at", "last_error", "last_error_at",
        ),
        "deliveries": Delivery.objects.filter(**of_owner).order_by("created_at").values(
            "id", "channel_id", "purpose", "state", "created_at", "due_at", "attempts", "finished_at",
            "last_error", "maybe_repeated",
        ),
    }  # fmt: skip
