"""The staff's view of alerts: what users wait for, what came of it, and who was told. Read only."""

from alerts.admin.alerts import AlertAdmin, EventAdmin
from alerts.admin.deliveries import DeliveryAdmin, NotificationChannelAdmin

__all__ = ["AlertAdmin", "DeliveryAdmin", "EventAdmin", "NotificationChannelAdmin"]
