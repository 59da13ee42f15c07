"""Subscriptions to events: published forecasts go out on the live feed."""

from typing import Any

from django.dispatch import receiver

from predictions.events import forecasts_published
from predictions.feed import push_forecasts


@receiver(forecasts_published)
def push_published_forecasts(timeframe: str, forecast_ids: list[int], **_: Any) -> None:
    push_forecasts(timeframe, forecast_ids)
