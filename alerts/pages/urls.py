"""Paths of the alert pages."""

from django.urls import path

from alerts.pages import alerts, channels, deliveries, inbox, unsubscribing

urlpatterns = [
    path("inbox", inbox.inbox, name="inbox"),
    path("inbox/unread", inbox.unread, name="inbox-unread"),
    path("inbox/read", inbox.read_all, name="inbox-read-all"),
    path("inbox/<int:item_id>/read", inbox.read, name="inbox-read"),
    path("alerts", alerts.alerts, name="alerts"),
    path("alerts/new", alerts.new, name="alert-new"),
    path("alerts/channels", channels.channels, name="alert-channels"),
    path("alerts/channels/new/<slug:kind>", channels.new, name="alert-channel-new"),
    path("alerts/channels/<uuid:channel_id>", channels.channel, name="alert-channel"),
    path("alerts/channels/<uuid:channel_id>/act", channels.act, name="alert-channel-act"),
    path("alerts/unsubscribe", unsubscribing.unsubscribe, name="alert-unsubscribe"),
    path("alerts/deliveries", deliveries.deliveries, name="alert-deliveries"),
    path("alerts/deliveries/<uuid:delivery_id>/again", deliveries.send_again, name="alert-delivery-again"),
    path("alerts/<uuid:alert_id>", alerts.edit, name="alert-edit"),
    path("alerts/<uuid:alert_id>/act", alerts.act, name="alert-act"),
]
