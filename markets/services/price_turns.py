"""Peaks and dips of the streamed price: stored beside the newest prices, and forgotten when they are stale."""

from collections.abc import Sequence
from datetime import datetime

from markets.freshness import QUOTE_LIMIT
from markets.models import PriceTurn
from markets.providers.base import Tick
from markets.services.bulk import insert_missing

_FIELDS = ["token", "observed_at", "price_usd", "source"]


def store_turns(turns: Sequence[tuple[int, Tick]], source: str) -> None:
    """With the token that each is of. They were found plausible."""
    insert_missing(PriceTurn, _FIELDS, [[pk, turn.observed_at, turn.price_usd, source] for pk, turn in turns])


def forget_turns(now: datetime) -> int:
    """`now` is market time. Nobody acts on a stale price, so nobody looks further back."""
    return PriceTurn.objects.filter(observed_at__lt=now - QUOTE_LIMIT).delete()[0]
