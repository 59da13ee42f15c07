"""Subscriptions to events: stored prices go out on the live feed, and replies made of older rows are
dropped.
"""

from typing import Any

from django.dispatch import receiver

from core.api import hot
from markets.events import candles_stored, prices_changed, quotes_stored
from markets.feed import push_prices
from markets.services.streaming.rhythm import Every

SHOWS_QUOTES = ("/api/v1/market/solana", "/api/v1/market/trending")
_dropping = Every(5.0)


@receiver(prices_changed)
def push_changed_prices(token_ids: list[int], **_: Any) -> None:
    push_prices(token_ids)


@receiver(prices_changed)
def drop_replies_with_older_prices(**_: Any) -> None:
    """Not each second: a client may keep them for as long anyway."""
    if _dropping.is_due():
        drop_older_replies()


@receiver([quotes_stored, candles_stored])
def drop_older_replies(**_: Any) -> None:
    for beginning in SHOWS_QUOTES:
        hot.drop(beginning)
