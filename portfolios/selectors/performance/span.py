"""From when to when, and at which times in between a portfolio is valued."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from core.lib.clock import floor_to, from_seconds
from portfolios.accounting.course import Seconds

HOUR, DAY = 3600, 86_400
HOURLY_UP_TO = timedelta(days=31)


@dataclass(frozen=True, eq=False)
class Span:
    """`times` are whole hours, or midnights (UTC) and the last whole hour after them."""

    step: int
    times: Seconds

    @property
    def since(self) -> datetime:
        return from_seconds(int(self.times[0]))

    @property
    def until(self) -> datetime:
        return from_seconds(int(self.times[-1]))


def span_of(since: datetime | None, until: datetime | None, first: datetime, now: datetime) -> Span | None:
    """Not before the first booking, not beyond now. None where that leaves less than an hour."""
    end = floor_to(min(until or now, now), HOUR)
    begin = max(since or first, first)
    step = HOUR if end - begin <= HOURLY_UP_TO else DAY
    times = np.arange(_seconds(floor_to(begin, step)), _seconds(end) + 1, step, dtype=np.int64)
    if len(times) and times[-1] < _seconds(end):
        times = np.append(times, _seconds(end))
    return Span(step, times) if len(times) > 1 else None


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
