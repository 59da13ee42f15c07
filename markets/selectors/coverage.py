"""How far each token's stored candles reach, newest and oldest, whatever the length of the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from markets.models import Candle, Token


@dataclass(frozen=True)
class Newest:
    """The last candle: when it opened, and its close."""

    open_time: datetime
    close: float


def newest_candles(token_ids: Sequence[int], interval: int) -> dict[int, Newest]:
    """One step into the index for each token. Tokens without candles are left out."""
    candles = Candle.objects.filter(token=OuterRef("pk"), interval=interval).order_by("-open_time")
    rows = Token.objects.filter(pk__in=token_ids).annotate(
        newest_open=Subquery(candles.values("open_time")[:1]),
        newest_close=Subquery(candles.values("close")[:1]),
    )
    found = rows.values_list("pk", "newest_open", "newest_close")
    return {pk: Newest(opened, close) for pk, opened, close in found if opened is not None}


def oldest_candles(token_ids: Sequence[int], interval: int) -> dict[int, datetime]:
    """When the first stored candle of each token opened; tokens without candles are left out."""
    candles = Candle.objects.filter(token=OuterRef("pk"), interval=interval).order_by("open_time")
    rows = Token.objects.filter(pk__in=token_ids).annotate(
        oldest_open=Subquery(candles.values("open_time")[:1])
    )
    return {pk: opened for pk, opened in rows.values_list("pk", "oldest_open") if opened is not None}
