"""Keeps the class counts that climatology is made of: each whole UTC day is counted once its outcomes are
known.

A day is counted from the candles of a short window; history is counted anew only where older candles arrived.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import OuterRef, Subquery

from core.lib.clock import wall_now
from markets.candles.cleaning import Cleaned
from markets.models import Candle, Token
from predictions.engines import climatology
from predictions.features.frame import History
from predictions.horizons import TIMEFRAMES, Timeframe
from predictions.models import ClassTally, TallyMark
from predictions.services.histories import history_of, read_candles

HOUR, QUARTER = 3600, 900
BATCH_TOKENS = 20
LOOK_BACK_DAYS = 8
"""Days counted again each time, since gaps of the last seven days may have been filled meanwhile."""
WARM_UP_DAYS = 91
"""The longest horizon, and the sixty days that its scale looks back."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Due:
    """A token whose counting is behind: the first day to count, None for all."""

    token: Token
    first: date | None
    hours_from: datetime | None
    quarters_from: datetime | None


def keep_tallies(now: datetime, *, deeper: bool = True, at_most: int | None = None) -> int:
    """Count what is complete by `now`; gives the number of tokens that were counted.

    Without `deeper`, tokens whose back-fill went further back stay as they are: those are counted by the
    hourly job.
    """
    due = _due(now, deeper)[:at_most]
    for first in sorted({item.first for item in due}, key=lambda day: day or _EPOCH):
        for batch in _batches([item for item in due if item.first == first]):
            _count(batch, first, now)
    return len(due)


def _due(now: datetime, deeper: bool) -> list[Due]:
    yesterday = _day_of(now) - timedelta(days=1)
    marks = {mark.token_id: mark for mark in TallyMark.objects.all()}
    tokens: Iterable[Any] = (
        Token.objects.active().by_rank().annotate(first_hour=_first(HOUR), first_quarter=_first(QUARTER))
    )
    due = []
    for token in tokens:
        mark = marks.get(token.pk)
        if mark is None or (deeper and _went_deeper(token, mark)):
            due.append(Due(token, None, token.first_hour, token.first_quarter))
        elif mark.through < yesterday:
            due.append(Due(token, _next_day(mark, yesterday), mark.hours_from, mark.quarters_from))
    return [item for item in due if item.hours_from is not None]


def _next_day(mark: TallyMark, yesterday: date) -> date | None:
    """After a long pause the short window no longer reaches back far enough."""
    recent = mark.through >= yesterday - timedelta(days=LOOK_BACK_DAYS)
    return yesterday - timedelta(days=LOOK_BACK_DAYS) if recent else None


def _first(interval: int) -> Subquery:
    candles = Candle.objects.filter(token=OuterRef("pk"), interval=interval).order_by("open_time")
    return Subquery(candles.values("open_time")[:1])


def _went_deeper(token: Any, mark: TallyMark) -> bool:
    pairs = ((token.first_hour, mark.hours_from), (token.first_quarter, mark.quarters_from))
    return any(found is not None and (known is None or found < known) for found, known in pairs)


def _batches(due: Sequence[Due]) -> Iterator[Sequence[Due]]:
    for start in range(0, len(due), BATCH_TOKENS):
        yield due[start : start + BATCH_TOKENS]


def _count(batch: Sequence[Due], first: date | None, now: datetime) -> None:
    """Count the days from `first` (or the year that a baseline needs) through yesterday."""
    today = _day_of(now)
    since = first or today - timedelta(days=climatology.DAYS + 1)
    days = (today - since).days
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    tokens = [item.token for item in batch]
    found = read_candles(tokens, midnight, days=days + WARM_UP_DAYS, quarter_days=days + 1)
    history = history_of(tokens, found)
    rows = [row for timeframe in TIMEFRAMES for row in _rows(history, timeframe, since, today)]
    _store(batch, rows, since if first else None, today, _new_series(tokens, found))


def _new_series(tokens: Sequence[Token], found: Cleaned) -> dict[int, date]:
    """The day on which another coin, or another denomination, began to use a token's price series."""
    newest = {
        token.pk: course.borders[-1]
        for token, course in zip(tokens, found.courses, strict=True)
        if course.borders
    }
    return {pk: datetime.fromtimestamp(border.at, UTC).date() for pk, border in newest.items()}


def _rows(history: History, timeframe: Timeframe, since: date, today: date) -> Iterator[ClassTally]:
    ids: Sequence[Any] = history.tokens
    days, counts = climatology.history_counts(history, timeframe)
    inside = (days >= (since - _EPOCH).days) & (days < (today - _EPOCH).days)
    for day, by_token in zip(days[inside].tolist(), counts[inside], strict=True):
        for column in np.flatnonzero(by_token.sum(axis=1)).tolist():
            up, down, sideways = by_token[column].tolist()
            yield ClassTally(
                token_id=ids[column],
                timeframe=timeframe.name,
                day=_EPOCH + timedelta(days=day),
                up=up,
                down=down,
                sideways=sideways,
            )


@transaction.atomic
def _store(
    batch: Sequence[Due], rows: list[ClassTally], since: date | None, today: date, new_series: dict[int, date]
) -> None:
    """Counted days replace what was known of them; what a series was before it became another one is forgotten.

    Two who count at once write one after the other.
    """
    tokens = Token.objects.filter(pk__in=[item.token.pk for item in batch]).order_by("pk")
    list(tokens.select_for_update(no_key=True).values_list("pk"))
    known = ClassTally.objects.filter(token__in=[item.token.pk for item in batch])
    (known if since is None else known.filter(day__gte=since)).delete()
    for pk, day in new_series.items():
        ClassTally.objects.filter(token=pk, day__lte=day).delete()
    ClassTally.objects.bulk_create(rows, batch_size=2000)
    marks = [
        TallyMark(
            token=item.token,
            through=today - timedelta(days=1),
            hours_from=item.hours_from,
            quarters_from=item.quarters_from,
            counted_at=wall_now(),
        )
        for item in batch
    ]
    TallyMark.objects.bulk_create(
        marks,
        update_conflicts=True,
        unique_fields=["token"],
        update_fields=["through", "hours_from", "quarters_from", "counted_at"],
    )


def _day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
