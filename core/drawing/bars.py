"""Three probabilities as one bar, like a number line: down on the left, sideways between, up on the right.

Two ticks stand where the baseline would divide it: a forecast is never seen without what it must beat.
"""

from collections.abc import Iterable
from typing import NamedTuple

from core.drawing.svg import figure, tag

_TICK = 3.0


class Chances(NamedTuple):
    """Probabilities from 0 to 1 that sum to 1."""

    down: float
    sideways: float
    up: float

    def in_words(self) -> str:
        return f"down {self.down:.0%}, sideways {self.sideways:.0%}, up {self.up:.0%}"


def probability_bar(
    chances: Chances, baseline: Chances | None = None, *, title: str, width: float = 132, height: float = 16
) -> str:
    """The bar; by `data-part` and `data-tick` a script moves what was drawn when a new forecast comes."""
    inner = height - 2 * _TICK
    parts = [*_segments(chances, width, inner)]
    if baseline is not None:
        parts += _ticks(baseline, width, height)
    told = f"Forecast: {chances.in_words()}." + (f" Baseline: {baseline.in_words()}." if baseline else "")
    fit = {"preserveAspectRatio": "none"}
    return figure((width, height), parts, css="chances", title=title, description=told, **fit)


def _segments(chances: Chances, width: float, height: float) -> Iterable[str]:
    at = 0.0
    for name, share in zip(Chances._fields, chances, strict=True):
        place = {"x": at * width, "y": _TICK, "width": share * width, "height": height}
        yield tag("rect", css=f"chances-{name}", data_part=name, **place)
        at += share


def _ticks(baseline: Chances, width: float, height: float) -> Iterable[str]:
    for name, at in (("down", baseline.down), ("up", 1 - baseline.up)):
        x = at * width
        yield tag("line", css="chances-tick", data_tick=name, x1=x, x2=x, y1=0, y2=height)
