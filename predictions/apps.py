"""Forecasts: made on schedule, published before the fact, scored in the open."""

from django.apps import AppConfig


class PredictionsConfig(AppConfig):
    name = "predictions"

    def ready(self) -> None:
        from predictions import receivers  # noqa: F401  subscribes to the market's events
