"""A performance as pictures: value beside the benchmark, and how far it lay below its highest point.

Each is drawn twice, for wide and for narrow screens, since words in a picture shrink with it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.utils.safestring import SafeString, mark_safe

from core.drawing.course import Frame, Line, course
from core.drawing.scales import time_marks, value_marks
from core.lib.clock import from_seconds
from core.templatetags.khalsi import money_text, price_text
from portfolios.accounting.course import Floats
from portfolios.accounting.drawdown import below_peak
from portfolios.selectors.performance.figures import Performance

NOTHING = SafeString("")


@dataclass(frozen=True)
class _Size:
    css: str
    width: float
    height: float
    marks: int
    points: int


_SIZES = (_Size("course--wide", 1040, 300, 7, 800), _Size("course--narrow", 350, 230, 4, 240))


def value_drawn(found: Performance) -> SafeString:
    """Empty where nothing has a value."""
    if not len(found.chain.known):
        return NOTHING
    lines = [("course-value", found.course.values)]
    benchmark = found.benchmark
    if benchmark and benchmark.followed:
        lines.insert(0, ("course-benchmark", benchmark.followed.values))
    top = max(float(np.nanmax(values)) for _, values in lines)
    return _twice(found, lines, 0.0, top * 1.04, _dollars, "Value over time", _value_words(found))


def below_drawn(found: Performance) -> SafeString:
    """Empty where it never fell."""
    deepest = found.drawdown
    if deepest is None:
        return NOTHING
    words = f"The deepest fall was {-deepest.depth:.1%}, from {_day(deepest.peak_at)} to {_day(deepest.trough_at)}."
    lines = [("course-below", below_peak(found.chain.index) * 100)]
    bottom = deepest.depth * 100 * 1.04
    return _twice(found, lines, bottom, 0.0, _percent, "Below the highest point", words, filled=True)


def _twice(
    found: Performance,
    lines: list[tuple[str, Floats]],
    bottom: float,
    top: float,
    text: Callable[[float], str],
    title: str,
    description: str,
    filled: bool = False,
) -> SafeString:
    times = found.course.times
    pictures = []
    for size in _SIZES:
        places = np.unique(np.linspace(0, len(times) - 1, min(size.points, len(times))).round().astype(int))
        frame = Frame(times[places].tolist(), bottom, top, size.width, size.height)
        picture = course(
            frame,
            [Line(css, _plain(values[places])) for css, values in lines],
            marks=value_marks(bottom, top, text, size.marks - 1),
            times=time_marks(frame.times[0], frame.times[-1], size.marks),
            title=title,
            description=description,
            css=size.css,
            filled=filled,
        )
        pictures.append(picture)
    return mark_safe("".join(pictures))  # noqa: S308  # core.drawing escapes every text and attribute


def _value_words(found: Performance) -> str:
    """What the picture shows, for those who do not see it."""
    values, known = found.course.values, found.chain.known
    first, last = (price_text(float(values[known[place]])) for place in (0, -1))
    told = [f"From {first} to {last}; at the most {price_text(float(np.nanmax(values)))}."]
    if found.benchmark and found.benchmark.followed:
        end = found.benchmark.followed.values[found.benchmark.followed.last]
        became = f"became {price_text(float(end))}" if end == end else "ran out"
        told.append(f"T{found.benchmark.sentence[1:]} {became}.")
    if found.reckoning.gaps:
        told.append(f"{len(found.reckoning.gaps)} stretches have no value.")
    return " ".join(told)


def _plain(values: Floats) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _dollars(value: float) -> str:
    return money_text(value) if abs(value) >= 100 or value == 0 else price_text(value)


def _percent(value: float) -> str:
    return f"{'−' if value < 0 else ''}{abs(value):g} %"


def _day(seconds: int) -> str:
    return f"{from_seconds(seconds):%d %b %Y}"
