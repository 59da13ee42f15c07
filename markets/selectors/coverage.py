"""How far each token's stored candles reach, newest and oldest, whatever the length of the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from markets.models import Candle, Token


@dataclass(frozen=True)
class Edge:
    """The first or last candle: when it opened, and its close."""

    open_time: datetime
    close: float

    @property
    def opens(self) -> int:
        return int(self.open_time.timestamp())


def newest_candles(token_ids: Sequence[int], interval: int) -> dict[int, Edge]:
    """One step into the index for each token. Tokens without candles are left out."""
    return _edges(token_ids, interval, "-open_time")


def oldest_candles(token_ids: Sequence[int], interval: int) -> dict[int, Edge]:
    return _edges(token_ids, interval, "open_time")


def reaches(token_ids: Sequence[int], interval: int) -> dict[int, tuple[datetime, datetime]]:
    """When the oldest and the newest candle opened, in one query; tokens without candles are left out."""
    opens = Candle.objects.filter(token=OuterRef("pk"), interval=interval).values("open_time")
    rows = Token.objects.filter(pk__in=token_ids).annotate(
        oldest=Subquery(opens.order_by("open_time")[:1]), newest=Subquery(opens.order_by("-open_time")[:1])
    )
    found = rows.values_list("pk", "oldest", "newest")
    return {pk: (oldest, newest) for pk, oldest, newest in found if newest is not None}


def _edges(token_ids: Sequence[int], interval: int, order: str) -> dict[int, Edge]:
    candles = Candle.objects.filter(token=OuterRef("pk"), interval=interval).order_by(order)
    rows = Token.objects.filter(pk__in=token_ids).annotate(
        edge_open=Subquery(candles.values("open_time")[:1]), edge_close=Subquery(candles.values("close")[:1])
    )
    found = rows.values_list("pk", "edge_open", "edge_close")
    return {pk: Edge(opened, close) for pk, opened, close in found if opened is not None}
