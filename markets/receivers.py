"""Subscriptions to events: stored prices go out on the live feed, and replies made of older rows are
dropped.
"""

from typing import Any

from django.dispatch import receiver

from core.api import hot
from markets.events import candles_stored, quotes_stored
from markets.feed import push_prices

SHOWS_QUOTES = ("/api/v1/market/solana", "/api/v1/market/trending")


@receiver(quotes_stored)
def push_stored_prices(token_ids: list[int], **_: Any) -> None:
    push_prices(token_ids)


@receiver([quotes_stored, candles_stored])
def drop_older_replies(**_: Any) -> None:
    for beginning in SHOWS_QUOTES:
        hot.drop(beginning)
