"""The chain as it is shown: its newest link, the heads of days that are over, and how much it digests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from predictions.models import Forecast, Outcome, RecordLink
from predictions.record import written

Kind = RecordLink.Kind
Rows = QuerySet[Any]


@dataclass(frozen=True)
class DayHead:
    """The newest head when a day (UTC, wall time) was over."""

    day: date
    position: int
    head: str

    @property
    def line(self) -> str:
        return f"{self.day.isoformat()},{self.position},{self.head}"


FILE_HEADER = "date,position,head"


@dataclass(frozen=True)
class Totals:
    links: int
    forecasts: int
    outcomes: int


def as_written(link: RecordLink) -> written.Link:
    return written.Link(
        link.previous,
        link.position,
        link.kind,
        link.timeframe,
        link.moment,
        link.linked_at,
        link.rows,
        link.content,
    )


def newest_link() -> RecordLink | None:
    return links().first()


def links() -> QuerySet[RecordLink]:
    """Newest first, without the digests of their rows."""
    return RecordLink.objects.order_by("-position").defer("row_digests")


def totals() -> Totals:
    """As the links say; rows older than the chain are counted where they stand."""
    sums = RecordLink.objects.aggregate(
        links=Count("pk"),
        forecasts=Sum("rows", filter=Q(kind=Kind.FORECASTS), default=0),
        outcomes=Sum("rows", filter=Q(kind=Kind.OUTCOMES), default=0),
        genesis=Count("pk", filter=Q(kind=Kind.GENESIS)),
    )
    if sums.pop("genesis"):
        sums["forecasts"] += Forecast.objects.filter(link=None).count()
        sums["outcomes"] += Outcome.objects.filter(link=None).count()
    return Totals(**sums)


def day_heads(now: datetime, after: date | None = None) -> list[DayHead]:
    """One for each day (UTC) that is over at `now` and brought links, oldest first; or those later than `after`."""
    today = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
    found = RecordLink.objects.filter(linked_at__lt=today)
    if after is not None:
        found = found.filter(
            linked_at__gte=datetime.combine(after, datetime.min.time(), UTC) + timedelta(days=1)
        )
    days = found.annotate(day=TruncDate("linked_at", tzinfo=UTC)).values("day").annotate(last=Max("position"))
    last = {row["last"]: row["day"] for row in days}
    heads = RecordLink.objects.filter(pk__in=last).order_by("position").values_list("position", "head")
    return [DayHead(last[position], position, head) for position, head in heads]


def heads_file(heads: list[DayHead]) -> Iterator[str]:
    yield f"{FILE_HEADER}\n"
    for head in heads:
        yield f"{head.line}\n"
