"""Portfolios: what users booked, the lots that follow from it, and the exchange accounts that it comes from."""

from django.apps import AppConfig


class PortfoliosConfig(AppConfig):
    name = "portfolios"

    def ready(self) -> None:
        from portfolios import receivers  # noqa: F401  subscribes to lower apps' events
