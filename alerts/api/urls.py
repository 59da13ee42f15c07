"""Paths of alerts under `/api/v1/`."""

from alerts.api import channels, events, preview, views
from core.api.slash import api_path

urlpatterns = [
    api_path("alerts", views.Alerts.as_view()),
    api_path("alerts/preview", preview.PreviewAlert.as_view()),
    api_path("alerts/events", events.Events.as_view()),
    api_path("alerts/events/<uuid:event_id>/ack", events.Acknowledge.as_view()),
    api_path("alerts/channels", channels.Channels.as_view()),
    api_path("alerts/channels/<uuid:channel_id>", channels.OneChannel.as_view()),
    api_path("alerts/channels/<uuid:channel_id>/verify", channels.VerifyChannel.as_view()),
    api_path("alerts/channels/<uuid:channel_id>/test", channels.TryChannel.as_view()),
    api_path("alerts/channels/<uuid:channel_id>/secret", channels.ChannelSecret.as_view()),
    api_path("alerts/deliveries", channels.Deliveries.as_view()),
    api_path("alerts/deliveries/<uuid:delivery_id>/replay", channels.ReplayDelivery.as_view()),
    api_path("alerts/<uuid:alert_id>", views.OneAlert.as_view()),
    api_path("alerts/<uuid:alert_id>/test", views.TryAlert.as_view()),
]
