"""What something was worth over time: one or more lines that break where nothing is known, or the depth below zero."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from core.drawing.price_chart import Label
from core.drawing.svg import Point, figure, path, tag

_LEFT, _TOP, _RIGHT, _BOTTOM = 8.0, 12.0, 66.0, 24.0
_ROOM_OF_A_LABEL = 34.0


class Line(NamedTuple):
    """Values stand at the picture's times, None where unknown."""

    css: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Frame:
    """What is drawn where: times in seconds, and the lowest and highest value."""

    times: Sequence[float]
    low: float
    high: float
    width: float
    height: float

    def x(self, at: float) -> float:
        first, last = self.times[0], self.times[-1]
        return _LEFT + (at - first) / ((last - first) or 1.0) * (self.width - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return _TOP + (1 - share) * (self.height - _TOP - _BOTTOM)


def course(
    frame: Frame,
    lines: Sequence[Line],
    *,
    marks: Sequence[Label],
    times: Sequence[Label],
    title: str,
    description: str,
    css: str = "",
    filled: bool = False,
) -> str:
    """Lines from below to the top; where the last, topmost one has no value the ground is shaded. `filled` shades each
    line's way to zero. Empty with fewer than two times.
    """
    if len(frame.times) < 2:
        return ""
    parts = [
        *_axes(frame, marks, times),
        *(_silence(frame, lines[-1]) if lines else ()),
        *(part for line in lines for part in _drawn(frame, line, filled)),
    ]
    size = (frame.width, frame.height)
    return figure(size, parts, css=f"plot course {css}".rstrip(), title=title, description=description)


def _axes(frame: Frame, marks: Sequence[Label], times: Sequence[Label]) -> Iterable[str]:
    right = frame.width - _RIGHT
    for value, text in marks:
        y, css = frame.y(value), "plot-zero" if value == 0 else "plot-grid"
        yield tag("line", css=css, x1=_LEFT, x2=right, y1=y, y2=y)
        yield tag("text", text, css="plot-label", x=right + 6, y=y + 3.5)
    for value, text in times:
        x = min(max(frame.x(value), _LEFT + _ROOM_OF_A_LABEL), right - _ROOM_OF_A_LABEL / 2)
        yield tag("text", text, css="plot-label", x=x, y=frame.height - 7, text_anchor="middle")


def _silence(frame: Frame, line: Line) -> Iterable[str]:
    """From the last known value to the next one, or to the edge."""
    known = [place for place, value in enumerate(line.values) if value is not None]
    edges = [-1, *known, len(line.values)]
    for before, after in pairwise(edges):
        if after - before < 2:
            continue
        left, right = (frame.x(frame.times[min(max(at, 0), len(frame.times) - 1)]) for at in (before, after))
        inner = frame.height - _TOP - _BOTTOM
        yield tag("rect", css="course-gap", x=left, y=_TOP, width=max(right - left, 1.5), height=inner)


def _drawn(frame: Frame, line: Line, filled: bool) -> Iterable[str]:
    for run in _runs(frame, line.values):
        if filled:
            zero = frame.y(0.0)
            ground = [(run[-1][0], zero), (run[0][0], zero)]
            yield tag("path", css=f"{line.css}-area", d=path([*run, *ground], closed=True))
        if len(run) == 1:
            yield tag("circle", css=f"{line.css}-dot", cx=run[0][0], cy=run[0][1], r=1.5)
        yield tag("path", css=line.css, d=path(run))


def _runs(frame: Frame, values: Sequence[float | None]) -> Iterable[list[Point]]:
    """Stretches without a break."""
    placed = zip(frame.times, values, strict=True)
    for known, points in groupby(placed, key=lambda point: point[1] is not None):
        if known:
            yield [(frame.x(at), frame.y(value)) for at, value in points if value is not None]
