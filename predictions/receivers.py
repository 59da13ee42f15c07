"""Subscriptions to events: new candles wake the forecasters; new forecasts and prices renew hot replies."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from core.lib.clock import iso
from markets.events import candles_stored, history_there, quotes_stored
from predictions import tasks
from predictions.events import forecasts_published
from predictions.feed import push_forecasts
from predictions.horizons import by_name
from predictions.models import ForecastRun


@receiver(candles_stored)
def forecast_from_new_candles(closed_at: datetime, **_: Any) -> None:
    """Quarters and hours are announced apart; whichever comes second adds what the first could not make."""
    tasks.forecast.delay(as_of=iso(closed_at))


@receiver(history_there)
def make_first_forecasts(reached: datetime, **_: Any) -> None:
    """Long timeframes have their turn every few hours; whoever has just begun need not wait for it."""
    if set(by_name) - set(ForecastRun.objects.values_list("timeframe", flat=True).distinct()):
        tasks.forecast_now(reached)


@receiver(forecasts_published)
def publish_new_forecasts(timeframe: str, forecast_ids: list[int], **_: Any) -> None:
    push_forecasts(timeframe, forecast_ids)
    tasks.publish.delay(timeframe=timeframe)


@receiver(quotes_stored)
def publish_new_prices(**_: Any) -> None:
    tasks.publish_summaries.delay()
