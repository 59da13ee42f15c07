"""Tokens, their quotes and candles, and the sources they come from."""

from django.apps import AppConfig


class MarketsConfig(AppConfig):
    name = "markets"

    def ready(self) -> None:
        from markets import receivers  # noqa: F401  subscribes to this app's events
