"""Prices with the range of a forecast opening ahead of them, the baseline's beside it, and past forecasts in place.

A past forecast is a bar from its p10 to its p90 where it was issued, with a dot at the price that came: inside the
bar the range held. A mark above says whether the favoured class came.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from core.drawing.svg import Point, figure, path, tag

_LEFT, _TOP, _RIGHT, _BOTTOM = 8.0, 14.0, 66.0, 24.0
_STEPS = 16
"""Points between two knots: the range opens with the square root of time, as a walk does."""


class Bar(NamedTuple):
    """One candle; `at` is its close in seconds. High and low are None where the source has closes alone."""

    at: float
    high: float | None
    low: float | None
    close: float


class Knot(NamedTuple):
    """A forecast's range at its maturity (seconds), with the baseline's."""

    at: float
    p10: float
    p50: float
    p90: float
    baseline_p10: float
    baseline_p90: float


class Issued(NamedTuple):
    """A past forecast at the time when it was made; `ended` is the price when its time was over."""

    at: float
    p10: float
    p90: float
    ended: float
    hit: bool


@dataclass(frozen=True)
class Fan:
    """Opens at `at` (seconds) from the reference price through the knots, the nearest first."""

    at: float
    reference: float
    knots: Sequence[Knot]


class Label(NamedTuple):
    """Words on an axis: a time in seconds, or a price."""

    value: float
    text: str


@dataclass(frozen=True)
class _Frame:
    first: float
    last: float
    low: float
    high: float
    width: float
    height: float

    def x(self, at: float) -> float:
        share = (at - self.first) / ((self.last - self.first) or 1.0)
        return _LEFT + share * (self.width - _LEFT - _RIGHT)

    def y(self, price: float) -> float:
        share = (price - self.low) / ((self.high - self.low) or 1.0)
        return _TOP + (1 - min(max(share, 0.0), 1.0)) * (self.height - _TOP - _BOTTOM)


def price_chart(
    bars: Sequence[Bar],
    fan: Fan | None,
    issued: Sequence[Issued],
    *,
    times: Sequence[Label],
    prices: Sequence[Label],
    title: str,
    description: str,
    width: float = 960,
    height: float = 400,
) -> str:
    """The picture; empty with fewer than two bars."""
    if len(bars) < 2:
        return ""
    frame = _frame(bars, fan, issued, width, height)
    parts = [
        *_axes(frame, times, prices),
        *(_fan(fan, frame) if fan and fan.knots else ()),
        *_bars(bars, frame),
        *(part for one in issued for part in _issued(one, frame)),
    ]
    return figure((width, height), parts, css="plot price-chart", title=title, description=description)


def span_of(bars: Sequence[Bar], fan: Fan | None, issued: Sequence[Issued]) -> tuple[float, float]:
    """The lowest and highest price that is drawn."""
    values = [value for bar in bars for value in (bar.low, bar.high, bar.close) if value is not None]
    values += [value for one in issued for value in (one.p10, one.p90, one.ended)]
    if fan:
        values += [value for knot in fan.knots for value in knot[1:]]
    return min(values), max(values)


def _frame(
    bars: Sequence[Bar], fan: Fan | None, issued: Sequence[Issued], width: float, height: float
) -> _Frame:
    low, high = span_of(bars, fan, issued)
    room = (high - low) * 0.04 or abs(high) * 0.01
    last = max([bars[-1].at, *((knot.at for knot in fan.knots) if fan else ())])
    return _Frame(bars[0].at, last, low - room, high + room, width, height)


def _axes(frame: _Frame, times: Sequence[Label], prices: Sequence[Label]) -> Iterable[str]:
    right = frame.width - _RIGHT
    for value, text in prices:
        if frame.low <= value <= frame.high:
            y = frame.y(value)
            yield tag("line", css="plot-grid", x1=_LEFT, x2=right, y1=y, y2=y)
            yield tag("text", text, css="plot-label", x=right + 6, y=y + 3.5)
    for value, text in times:
        if frame.first <= value <= frame.last:
            yield tag(
                "text", text, css="plot-label", x=frame.x(value), y=frame.height - 7, text_anchor="middle"
            )


def _bars(bars: Sequence[Bar], frame: _Frame) -> Iterable[str]:
    """Highs to lows as one path, closes as one line."""
    wicks = "".join(
        path([(x, frame.y(bar.high)), (x, frame.y(bar.low))])
        for bar in bars
        if bar.high is not None and bar.low is not None
        for x in (frame.x(bar.at),)
    )
    if wicks:
        yield tag("path", css="price-wicks", d=wicks)
    yield tag("path", css="price-line", d=path([(frame.x(bar.at), frame.y(bar.close)) for bar in bars]))


def _fan(fan: Fan, frame: _Frame) -> Iterable[str]:
    start = Knot(fan.at, *(fan.reference,) * 5)
    knots = [start, *fan.knots]
    steps = [point for before, after in pairwise(knots) for point in _between(fan.at, before, after)]
    line = [start, *steps]

    def edge(place: int) -> list[Point]:
        return [(frame.x(knot.at), frame.y(knot[place])) for knot in line]

    yield tag("path", css="fan-baseline", d=path([*edge(4), *reversed(edge(5))]))
    yield tag("path", css="fan-range", d=path([*edge(1), *reversed(edge(3))], closed=True))
    yield tag("path", css="fan-middle", d=path(edge(2)))


def _between(start: float, before: Knot, after: Knot) -> Iterable[Knot]:
    """Through logarithms of prices, along the square root of the time since the start."""
    near, far = math.sqrt(before.at - start), math.sqrt(after.at - start)
    for step in range(1, _STEPS + 1):
        share = step / _STEPS
        root = near + (far - near) * share
        prices = (
            math.exp(math.log(a) * (1 - share) + math.log(b) * share)
            for a, b in zip(before[1:], after[1:], strict=True)
        )
        yield Knot(start + root**2, *prices)


def _issued(one: Issued, frame: _Frame) -> Iterable[str]:
    x, top, bottom, ended = frame.x(one.at), frame.y(one.p90), frame.y(one.p10), frame.y(one.ended)
    held = "in" if one.p10 <= one.ended <= one.p90 else "out"
    yield tag("line", css=f"issued issued--{held}", x1=x, x2=x, y1=top, y2=bottom)
    yield tag("circle", css=f"issued-end issued-end--{held}", cx=x, cy=ended, r=2.6)
    mark, css = ("✓", "hit") if one.hit else ("✕", "miss")
    yield tag("text", mark, css=f"issued-mark issued-mark--{css}", x=x, y=top - 4, text_anchor="middle")
