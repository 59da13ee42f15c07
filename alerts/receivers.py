"""Subscriptions to events: new prices, candles and forecasts wake the evaluators; new events go to their owners,
and messages that are owed wake the workers.

A message that the queue does not take is no loss: the sweep finds what it would have told.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.dispatch import receiver
from kombu.exceptions import OperationalError as BrokerAway

from alerts import feed, tasks
from alerts.events import bot_was_told, deliveries_owed, events_stored
from alerts.models import Gauge, InboxItem
from markets.events import candles_stored, prices_changed
from portfolios.events import connection_needs_attention
from predictions.events import forecasts_published

log = structlog.get_logger(__name__)


@receiver(prices_changed)
def watch_prices(token_ids: list[int], **_: Any) -> None:
    _ask(Gauge.Feed.QUOTES, token_ids)
    _ask(Gauge.Feed.PORTFOLIOS, token_ids)


@receiver(candles_stored)
def watch_candles(token_ids: list[int], **_: Any) -> None:
    _ask(Gauge.Feed.CANDLES, token_ids)


@receiver(forecasts_published)
def watch_forecasts(**_: Any) -> None:
    _ask(Gauge.Feed.FORECASTS, None)


@receiver(events_stored)
def show_events(event_ids: list[UUID], **_: Any) -> None:
    feed.show_events(event_ids)


@receiver(deliveries_owed)
def wake_deliverers(channel_ids: list[UUID], at: datetime | None, **_: Any) -> None:
    try:
        tasks.wake_deliverers(channel_ids, at)
    except BrokerAway as error:
        log.warning("deliveries_wait_for_the_sweep", error=type(error).__name__)


@receiver(bot_was_told)
def ask_the_bot(**_: Any) -> None:
    try:
        tasks.learn_chats.delay()
    except BrokerAway as error:
        log.warning("the_bot_is_asked_by_the_sweep", error=type(error).__name__)


@receiver(connection_needs_attention)
def tell_in_the_inbox(owner_id: UUID, notice: str, now: datetime, **_: Any) -> None:
    """Inside the transaction that stopped the connection: its owner is told with it, or neither happens."""
    InboxItem.objects.create(owner_id=owner_id, notice=notice, created_at=now)


def _ask(which: Gauge.Feed, token_ids: list[int] | None) -> None:
    try:
        tasks.evaluate.delay(which.value, token_ids)
    except BrokerAway as error:
        log.warning("alerts_wait_for_the_sweep", error=type(error).__name__)
