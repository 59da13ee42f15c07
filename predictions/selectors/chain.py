"""The chain as it is shown: its newest link, how much it digests, and the heads of days that are over."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypedDict

from django.core.cache import cache
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from predictions.models import Forecast, Outcome, RecordLink
from predictions.record import written

Kind = RecordLink.Kind
Rows = QuerySet[Any]
FILE_HEADER = "date,position,head"
FILE_PATH = "/record/heads.csv"
_KEPT_SECONDS = 86_400


@dataclass(frozen=True)
class DayHead:
    """The newest head when a day (UTC, wall time) was over."""

    day: date
    position: int
    head: str

    @property
    def line(self) -> str:
        return f"{self.day.isoformat()},{self.position},{self.head}"


@dataclass(frozen=True)
class Totals:
    """How much the chain digests."""

    links: int
    forecasts: int
    outcomes: int


class LinkShown(TypedDict):
    """A link with everything that its head digests, times to the microsecond."""

    position: int
    kind: str
    timeframe: str | None
    moment: str
    rows: int
    content: str
    previous: str | None
    head: str
    linked_at: str


class HeadShown(TypedDict):
    """The newest link (nulls while there is none), what the chain digests in all, and where to check it."""

    position: int
    head: str | None
    linked_at: str | None
    links: int
    forecasts: int
    outcomes: int
    form: int
    daily_heads: str
    how_to_check: str


_HOW_TO_CHECK = (
    "Note position and head now. Later, ask /api/v1/predictions/record/links?since=POSITION: the head there must be the"
    " one that you noted, and every head the SHA-256 of /record/links/POSITION/head.txt, which holds the head before it"
    " and the SHA-256 of /record/links/POSITION/rows.txt, the rows as they were stored."
)


def as_written(link: RecordLink) -> written.Link:
    """What the link's head digests."""
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


def links() -> QuerySet[RecordLink]:
    """Newest first, without the digests of their rows."""
    return RecordLink.objects.order_by("-position").defer("row_digests")


def newest_link() -> RecordLink | None:
    return links().first()


def head_reply() -> HeadShown:
    newest, sums = newest_link(), totals()
    return {
        "position": newest.position if newest else 0,
        "head": newest.head if newest else None,
        "linked_at": written.moment_text(newest.linked_at) if newest else None,
        "links": sums.links,
        "forecasts": sums.forecasts,
        "outcomes": sums.outcomes,
        "form": written.FORM,
        "daily_heads": FILE_PATH,
        "how_to_check": _HOW_TO_CHECK,
    }


def noted_head() -> str:
    """Position and head, as one notes them; "0" while there is none."""
    newest = newest_link()
    return f"{newest.position} {newest.head}" if newest else "0"


def link_shown(link: RecordLink) -> LinkShown:
    return {
        "position": link.position,
        "kind": link.kind,
        "timeframe": link.timeframe or None,
        "moment": written.moment_text(link.moment),
        "rows": link.rows,
        "content": link.content,
        "previous": link.previous or None,
        "head": link.head,
        "linked_at": written.moment_text(link.linked_at),
    }


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


def day_heads(now: datetime) -> list[DayHead]:
    """One for each day (UTC) that is over at `now` (wall time) and brought links, oldest first."""
    today = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
    over = RecordLink.objects.filter(linked_at__lt=today)
    days = over.annotate(day=TruncDate("linked_at", tzinfo=UTC)).values("day").annotate(last=Max("position"))
    day_of = {row["last"]: row["day"] for row in days}
    heads = RecordLink.objects.filter(pk__in=day_of).order_by("position").values_list("position", "head")
    return [DayHead(day_of[position], position, head) for position, head in heads]


def kept_day_heads(now: datetime) -> list[DayHead]:
    """The same, looked up once a day: what is over does not change."""
    name = f"record-heads:{now.astimezone(UTC).date().isoformat()}"
    found: list[DayHead] | None = cache.get(name)
    if found is None:
        found = day_heads(now)
        cache.set(name, found, _KEPT_SECONDS)
    return found


def heads_file(heads: Iterable[DayHead]) -> Iterator[str]:
    """The lines of the daily file, each with its line feed."""
    yield f"{FILE_HEADER}\n"
    for head in heads:
        yield f"{head.line}\n"
