"""Subscriptions to events: stored prices go out on the live feed."""

from typing import Any

from django.dispatch import receiver

from markets.events import quotes_stored
from markets.feed import push_prices


@receiver(quotes_stored)
def push_stored_prices(token_ids: list[int], **_: Any) -> None:
    push_prices(token_ids)
