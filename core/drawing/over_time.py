"""Skill as a record grows: a line with its interval over the months, and the newest stretch of each as a dot.

Where there was too little to say anything, the ground is shaded and nothing is drawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.drawing.skill import Skill
from core.drawing.svg import Point, figure, path, tag

_LEFT, _TOP, _RIGHT, _BOTTOM = 12.0, 10.0, 48.0, 26.0
_MOST_LABELS = 10


class Moment(NamedTuple):
    """`so_far` over everything until then, `newest` over the newest stretch; None where it was too early."""

    label: str
    so_far: Skill | None
    newest: Skill | None


@dataclass(frozen=True)
class _Frame:
    width: float
    height: float
    number: int
    reach: float

    def x(self, place: int) -> float:
        room = self.width - _LEFT - _RIGHT
        return _LEFT + (place + 0.5) / self.number * room

    def y(self, skill: float) -> float:
        share = (min(max(skill, -self.reach), self.reach) + self.reach) / (2 * self.reach)
        return _TOP + (1 - share) * (self.height - _TOP - _BOTTOM)


def skill_over_time(
    moments: Sequence[Moment], *, reach: float, title: str, width: float = 960, height: float = 260
) -> str:
    """The picture; empty where no moment has anything to say. Beyond ±`reach` lines run along the edge."""
    known = [moment for moment in moments if moment.so_far]
    if not known or reach <= 0:
        return ""
    frame = _Frame(width, height, len(moments), reach)
    parts = [
        *_axes(frame),
        *_silence(moments, frame),
        *_line(moments, frame),
        *(part for place, moment in enumerate(moments) for part in _newest(moment, place, frame)),
        *_labels(moments, frame),
    ]
    return figure((width, height), parts, css="plot plot--months", title=title, description=_told(moments))


def _axes(frame: _Frame) -> Iterable[str]:
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        value = share * frame.reach
        y, css = frame.y(value), "plot-zero" if share == 0 else "plot-grid"
        yield tag("line", css=css, x1=_LEFT, x2=frame.width - _RIGHT, y1=y, y2=y)
        yield tag("text", _percent(value), css="plot-label", x=frame.width - _RIGHT + 6, y=y + 3.5)


def _silence(moments: Sequence[Moment], frame: _Frame) -> Iterable[str]:
    """The months before the first number."""
    silent = next(place for place, moment in enumerate(moments) if moment.so_far)
    if silent == 0:
        return
    right = (frame.x(silent - 1) + frame.x(silent)) / 2
    inner = frame.height - _TOP - _BOTTOM
    yield tag("rect", css="plot-silent", x=_LEFT, y=_TOP, width=right - _LEFT, height=inner)
    if right - _LEFT > 90:
        yield tag("text", "too early to say", css="plot-axis", x=_LEFT + 6, y=_TOP + 14)


def _line(moments: Sequence[Moment], frame: _Frame) -> Iterable[str]:
    drawn = [(place, moment.so_far) for place, moment in enumerate(moments) if moment.so_far]
    high: list[Point] = [(frame.x(place), frame.y(skill.high)) for place, skill in drawn]
    low: list[Point] = [(frame.x(place), frame.y(skill.low)) for place, skill in drawn]
    middle: list[Point] = [(frame.x(place), frame.y(skill.value)) for place, skill in drawn]
    if len(drawn) == 1:
        yield tag("line", css="plot-whisker", x1=high[0][0], x2=high[0][0], y1=high[0][1], y2=low[0][1])
    yield tag("path", css="plot-band", d=path([*high, *reversed(low)], closed=True))
    yield tag("path", css="plot-line", d=path(middle))
    yield tag("circle", css="plot-dot", cx=middle[-1][0], cy=middle[-1][1], r=4)


def _newest(moment: Moment, place: int, frame: _Frame) -> Iterable[str]:
    if moment.newest is None:
        return
    x, skill = frame.x(place), moment.newest
    yield tag("line", css="plot-newest-range", x1=x, x2=x, y1=frame.y(skill.low), y2=frame.y(skill.high))
    yield tag("circle", css="plot-newest", cx=x, cy=frame.y(skill.value), r=2.5)


def _labels(moments: Sequence[Moment], frame: _Frame) -> Iterable[str]:
    step = -(-len(moments) // _MOST_LABELS)
    for place in range(len(moments) - 1, -1, -step):
        label = moments[place].label
        yield tag("text", label, css="plot-label", x=frame.x(place), y=frame.height - 8, text_anchor="middle")


def _told(moments: Sequence[Moment]) -> str:
    return "; ".join(
        f"{moment.label}: {_percent(skill.value)} [{_percent(skill.low)}, {_percent(skill.high)}]"
        if (skill := moment.so_far)
        else f"{moment.label}: too early to say"
        for moment in moments
    )


def _percent(share: float) -> str:
    return f"{'−' if share < 0 else '+' if share > 0 else ''}{abs(share):.1%}"
