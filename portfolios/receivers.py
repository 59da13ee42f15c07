"""Subscriptions to events: when prices are stored or transactions change, listeners hear what their portfolios are
worth; what is too large for a request is worked out by a worker, and a worker is woken when somebody waits for an
exchange.

A message that the queue does not take is no loss: the next price asks again, and the sweep finds what is behind.
"""

from typing import Any
from uuid import UUID

import redis
import structlog
from django.dispatch import receiver
from kombu.exceptions import OperationalError as BrokerAway

from markets.events import prices_changed
from portfolios import tasks
from portfolios.events import books_behind, connections_due, transactions_changed

log = structlog.get_logger(__name__)


@receiver([prices_changed, transactions_changed])
def value_portfolios_of_listeners(**_: Any) -> None:
    try:
        tasks.push_values_soon()
    except (BrokerAway, redis.RedisError, OSError) as error:
        log.warning("portfolios_not_valued", error=type(error).__name__)


@receiver(books_behind)
def work_out_books(owner_id: UUID, **_: Any) -> None:
    try:
        tasks.work_out_books.delay(str(owner_id))
    except (BrokerAway, redis.RedisError, OSError) as error:
        log.warning("books_wait_for_the_sweep", error=type(error).__name__)


@receiver(connections_due)
def wake_syncers(**_: Any) -> None:
    try:
        tasks.wake_syncers()
    except (BrokerAway, redis.RedisError, OSError) as error:
        log.warning("connections_wait_for_the_sweep", error=type(error).__name__)
