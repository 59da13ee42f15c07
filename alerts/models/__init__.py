"""Tables of alerts: what is watched, what users wait for, what happened, and who is told of it where."""

from alerts.models.alert import Alert
from alerts.models.channel import NotificationChannel
from alerts.models.delivery import Attempt, DeliveredEvent, Delivery
from alerts.models.event import Event, InboxItem
from alerts.models.gauge import Gauge

__all__ = [
    "Alert",
    "Attempt",
    "DeliveredEvent",
    "Delivery",
    "Event",
    "Gauge",
    "InboxItem",
    "NotificationChannel",
]
