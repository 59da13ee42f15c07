"""What was said against what happened, in bins: on the diagonal, 40 % comes true four times in ten.

Each bin shows the 95 % interval that its number of outcomes allows (Wilson's, which holds for few as well:
centre (p + z²/2n) / (1 + z²/n), half-width z·√(p(1−p)/n + z²/4n²) / (1 + z²/n)).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.drawing.svg import Point, figure, path, tag

_Z = 1.96
_LEFT, _TOP, _RIGHT, _BOTTOM = 40.0, 10.0, 16.0, 34.0
_LABEL_ROOM = 30.0
"""What a label needs across; where tenths lie closer, every second or third is written."""


class Bin(NamedTuple):
    mean_probability: float
    observed: float
    n: int


@dataclass(frozen=True)
class _Frame:
    """The square that is drawn: both axes run from `low` to `high`."""

    low: float
    high: float
    size: float

    def at(self, said: float, happened: float) -> Point:
        across, along = self._share(said), self._share(happened)
        width, height = self.size - _LEFT - _RIGHT, self.size - _TOP - _BOTTOM
        return _LEFT + across * width, _TOP + (1 - along) * height

    def _share(self, value: float) -> float:
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def wilson(observed: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share seen in `n` outcomes."""
    spread = 1 + _Z**2 / n
    centre = (observed + _Z**2 / (2 * n)) / spread
    half = _Z * math.sqrt(observed * (1 - observed) / n + _Z**2 / (4 * n**2)) / spread
    return max(0.0, centre - half), min(1.0, centre + half)


def calibration_curve(bins: Sequence[Bin], *, title: str, size: float = 280) -> str:
    """The curve over the span where forecasts live; empty where no bin has an outcome."""
    filled = sorted(bin_ for bin_ in bins if bin_.n > 0)
    if not filled:
        return ""
    frame = _frame(filled, size)
    points = [frame.at(bin_.mean_probability, bin_.observed) for bin_ in filled]
    parts = [
        *_axes(frame),
        tag("path", css="plot-diagonal", d=path([frame.at(end, end) for end in (frame.low, frame.high)])),
        *_band(filled, frame),
        tag("path", css="plot-line", d=path(points)),
        *(_dot(bin_, at) for bin_, at in zip(filled, points, strict=True)),
    ]
    told = "; ".join(f"said {b.mean_probability:.0%}, happened {b.observed:.0%}, n {b.n:,}" for b in filled)
    return figure((size, size), parts, css="plot plot--calibration", title=title, description=told)


def _frame(bins: Sequence[Bin], size: float) -> _Frame:
    """Whole tenths around every bin, at least 0.3 wide: confidence lives between 0.34 and 0.56."""
    values = [value for bin_ in bins for value in (bin_.mean_probability, bin_.observed)]
    low = max(0.0, math.floor(min(values) * 10 - 0.5) / 10)
    high = min(1.0, max(math.ceil(max(values) * 10 + 0.5) / 10, low + 0.3))
    return _Frame(min(low, 0.7), high, size)


def _axes(frame: _Frame) -> Iterable[str]:
    size = frame.size
    first, last = round(frame.low * 10), round(frame.high * 10)
    room = (size - _LEFT - _RIGHT) / (last - first)
    step = math.ceil(_LABEL_ROOM / room)
    for tenth in range(first, last + 1, step):
        share = tenth / 10
        x, y = frame.at(share, share)
        yield tag("line", css="plot-grid", x1=_LEFT, x2=size - _RIGHT, y1=y, y2=y)
        yield tag("text", f"{share:.0%}", css="plot-label", x=_LEFT - 6, y=y + 3.5, text_anchor="end")
        yield tag("text", f"{share:.0%}", css="plot-label", x=x, y=size - _BOTTOM + 14, text_anchor="middle")
    yield tag("text", "said →", css="plot-axis", x=size - _RIGHT, y=size - 3, text_anchor="end")
    yield tag("text", "↑ happened", css="plot-axis", x=_LEFT + 4, y=_TOP + 8)


def _band(bins: Sequence[Bin], frame: _Frame) -> Iterable[str]:
    """The intervals as one shape, and as a whisker at each bin (all there is where one bin stands alone)."""
    ends = [
        (frame.at(bin_.mean_probability, low), frame.at(bin_.mean_probability, high))
        for bin_ in bins
        for low, high in [wilson(bin_.observed, bin_.n)]
    ]
    outline = [high for _, high in ends] + [low for low, _ in reversed(ends)]
    yield tag("path", css="plot-band", d=path(outline, closed=True))
    for (x, bottom), (_, top) in ends:
        yield tag("line", css="plot-whisker", x1=x, x2=x, y1=bottom, y2=top)


def _dot(bin_: Bin, at: Point) -> str:
    """A dot that grows with its number of outcomes, which it tells to the pointer."""
    told = tag("title", f"said {bin_.mean_probability:.1%}, happened {bin_.observed:.1%}, n {bin_.n:,}")
    circle = tag("circle", css="plot-dot", cx=at[0], cy=at[1], r=min(7.0, 2.5 + math.log10(bin_.n)))
    return circle.removesuffix("/>") + f">{told}</circle>"
