"""Alerts: conditions that users set, events when they come true, and the inbox that tells of them."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        from alerts import receivers  # noqa: F401  subscribes to lower apps' events
