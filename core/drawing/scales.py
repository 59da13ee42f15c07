"""Round marks for axes: a few values between two ends, and a few moments between two times."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

from core.drawing.price_chart import Label

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
HOUR, DAY = 3600, 86_400
_STEPS = (3 * HOUR, 6 * HOUR, 12 * HOUR, *(DAY * days for days in (1, 2, 4, 7, 14)))
_MONTHS = (1, 2, 3, 6, 12, 24, 60)


def value_marks(low: float, high: float, text: Callable[[float], str], most: int = 5) -> list[Label]:
    """Multiples of 1, 2, 2.5 or 5 times a power of ten."""
    rough = (high - low) / most or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in _NICE if power * nice >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [Label(step * number, text(step * number)) for number in range(first, last + 1)]


def time_marks(first: float, last: float, most: int = 6) -> list[Label]:
    """Whole hours, days or months (UTC), so far apart that there are at most so many."""
    span = last - first
    if span > _STEPS[-1] * most:
        return _months(first, last, most)
    step = next(one for one in _STEPS if span / one <= most)
    words = "%d %b %H:%M" if step < DAY else "%d %b"
    start = -(-int(first) // step) * step
    return [
        Label(at, f"{datetime.fromtimestamp(at, UTC):{words}}") for at in range(start, int(last) + 1, step)
    ]


def _months(first: float, last: float, most: int) -> list[Label]:
    begin, end = datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)
    whole = range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month)
    step = next((months for months in _MONTHS if len(whole) / months <= most), _MONTHS[-1])
    starts = [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in whole if month % step == 0]
    return [Label(at.timestamp(), f"{at:%b %Y}" if step < 12 else f"{at:%Y}") for at in starts if at >= begin]
