"""What the baseline at a moment adds up: the class counts of the 365 whole days before its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
from django.db.models import Count, Max, Min, Sum
from numpy.typing import NDArray

from predictions.engines import climatology
from predictions.models import ClassTally, TallyMark

DAY_SECONDS = 86_400
Counts = NDArray[np.int64]
Sums = dict[tuple[int, str], tuple[int, int, int, int]]


@dataclass(frozen=True, eq=False)
class BaselineCounts:
    """Classes (tokens, 3) that came, and the seconds (tokens,) that they span; zeros where there are none."""

    classes: Counts
    span_seconds: Counts


def baseline_counts(token_ids: Sequence[int], timeframe: str, as_of: datetime) -> BaselineCounts:
    """Everything counted here had matured before the UTC day of `as_of` began. One query a day."""
    sums = _sums(as_of.astimezone(UTC).date(), _state())
    found = np.array([sums.get((token, timeframe), (0, 0, 0, 0)) for token in token_ids], dtype=np.int64)
    found = found.reshape(len(token_ids), 4)
    return BaselineCounts(found[:, :3], found[:, 3] * DAY_SECONDS)


def _state() -> tuple[int, datetime | None]:
    """Changes whenever anything was counted."""
    marks = TallyMark.objects.aggregate(number=Count("pk"), last=Max("counted_at"))
    return marks["number"], marks["last"]


@lru_cache(maxsize=4)
def _sums(day: date, state: tuple[int, datetime | None]) -> Sums:
    year = ClassTally.objects.filter(day__gte=day - timedelta(days=climatology.DAYS), day__lt=day)
    rows = year.values_list("token_id", "timeframe").annotate(
        Sum("up"), Sum("down"), Sum("sideways"), first=Min("day"), last=Max("day")
    )
    return {
        (token, timeframe): (up, down, sideways, (last - first).days + 1)
        for token, timeframe, up, down, sideways, first, last in rows
    }
