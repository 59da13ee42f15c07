"""The plots of a back-test's report: plain figures in, pictures out."""

from collections.abc import Sequence
from dataclasses import dataclass

from predictions.report.shapes import (
    BLUE,
    FAINT,
    GRID,
    INK,
    PALETTE,
    SKY,
    Area,
    Dot,
    Line,
    Picture,
    Shape,
    Text,
)

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 40, 44
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % interval, None where it is too early for one."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Course:
    """Values by name of the period; None where there is nothing to say."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Tenth:
    """One bin of a calibration curve; `low` to `high`: where `observed` would lie if what was said were right."""

    said: float
    observed: float
    low: float
    high: float
    n: int


class _Axes:
    """Places in the frame for values in [low, high] × [0, 1]."""

    def __init__(self, low: float, high: float, height: int = HEIGHT, left: int = LEFT) -> None:
        reach = max(high - low, 1e-6)
        self.low, self.high = low - 0.06 * reach, high + 0.06 * reach
        self.height, self.left = height, left

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.height - BOTTOM - share * (self.height - TOP - BOTTOM)

    def x(self, share: float) -> float:
        return self.left + share * (WIDTH - self.left - RIGHT)

    def across(self, value: float) -> float:
        """A value along the x axis."""
        return self.x((value - self.low) / (self.high - self.low))

    def ticks(self) -> list[float]:
        step = next((one for one in _STEPS if (self.high - self.low) / one <= 8), 1.0)
        first = round(self.low / step)
        found = [number * step for number in range(first - 1, first + 20)]
        return [value for value in found if self.low <= value <= self.high]

    def grid(self, form: str = "+.1%") -> list[Shape]:
        shapes: list[Shape] = []
        for value in self.ticks():
            y = self.y(value)
            shapes.append(Line(((self.left, y), (WIDTH - RIGHT, y)), GRID, 1))
            shapes.append(Text((self.left - 8, y + 4), format(value, form), "end", 11, FAINT))
        return shapes


def over_time(
    title: str, periods: Sequence[str], single: Sequence[Estimate], sums: Sequence[Estimate]
) -> Picture:
    """Skill: a dot for each period alone, a line with its interval for everything up to its end."""
    values = [
        0.0,
        *(end for one in (*single, *sums) for end in (one.value, one.low, one.high) if end is not None),
    ]
    axes = _Axes(min(values), max(values))
    xs = _places(axes, len(periods))
    band = [(x, one) for x, one in zip(xs, sums, strict=True) if one.low is not None and one.high is not None]
    above = [(x, axes.y(one.high or 0.0)) for x, one in band]
    below = [(x, axes.y(one.low or 0.0)) for x, one in band]
    shapes: list[Shape] = [Area([*above, *reversed(below)]), *axes.grid()]
    shapes.append(Line(((LEFT, axes.y(0.0)), (WIDTH - RIGHT, axes.y(0.0))), INK, 1))
    shapes.append(Line([(x, axes.y(one.value)) for x, one in zip(xs, sums, strict=True)], BLUE, 2))
    shapes += [Dot((x, axes.y(one.value)), FAINT) for x, one in zip(xs, single, strict=True)]
    told = "Dots: each period alone. Line and band: everything until then, with its 95 % interval."
    return _picture(title, told, [*shapes, *_below(xs, periods)])


def calibration(title: str, bins: Sequence[Tenth]) -> Picture:
    """What happened against what was said, with n and the band in which it ought to lie."""
    ends = [end for one in bins for end in (one.said, one.observed, one.low, one.high)] or [0.3, 0.5]
    axes = _Axes(min(ends), max(ends))
    shapes = axes.grid(".1%")
    shapes.append(Line([(axes.across(v), axes.y(v)) for v in (axes.low, axes.high)], FAINT, 1, dashed=True))
    for value in axes.ticks():
        shapes.append(Text((axes.across(value), HEIGHT - BOTTOM + 18), f"{value:.0%}", "middle", 11, FAINT))
    for one in bins:
        x = axes.across(one.said)
        shapes.append(Line(((x, axes.y(one.low)), (x, axes.y(one.high))), SKY, 9))
        shapes.append(Dot((x, axes.y(one.observed))))
        shapes.append(Text((x + 9, axes.y(one.observed) + 4), f"n {one.n:,}", "start", 11, FAINT))
    told = "Across: probability of the favoured class. Up: how often it came. Bars: where dots lie 19 times in 20."
    return _picture(title, told, shapes)


def courses(title: str, periods: Sequence[str], lines: Sequence[Course], wanted: float) -> Picture:
    """One line a token over periods, the first of them thick; `wanted` is dashed."""
    known = [value for line in lines for value in line.values if value is not None]
    axes = _Axes(min([wanted, *known]), max([wanted, *known]))
    xs = _places(axes, len(periods))
    shapes = axes.grid(".1%")
    shapes.append(Line(((LEFT, axes.y(wanted)), (WIDTH - RIGHT, axes.y(wanted))), INK, 1, dashed=True))
    for number, line in reversed(list(enumerate(lines))):
        colour = PALETTE[number % len(PALETTE)]
        points = [(x, axes.y(v)) for x, v in zip(xs, line.values, strict=True) if v is not None]
        shapes.append(Line(points, colour, 3 if number == 0 else 1))
        shapes += [Dot(point, colour, 4 if number == 0 else 2) for point in points]
    shapes += _legend([line.name for line in lines[: len(PALETTE)]])
    told = "Share of outcomes inside the range; dashed: the 80 % that it promises."
    return _picture(title, told, [*shapes, *_below(xs, periods)])


def intervals(title: str, rows: Sequence[Estimate], told: str) -> Picture:
    """One row for each name: value and interval around zero."""
    height = TOP + BOTTOM + 24 * max(1, len(rows))
    ends = [0.0, *(end for one in rows for end in (one.value, one.low, one.high) if end is not None)]
    axes = _Axes(min(ends), max(ends), height, left=150)
    shapes: list[Shape] = []
    for value in axes.ticks():
        x = axes.across(value)
        shapes.append(Line(((x, TOP), (x, height - BOTTOM)), GRID, 1))
        shapes.append(Text((x, height - BOTTOM + 18), f"{value:+.1%}", "middle", 11, FAINT))
    zero = axes.across(0.0)
    shapes.append(Line(((zero, TOP), (zero, height - BOTTOM)), INK, 1))
    for number, one in enumerate(rows):
        y = TOP + 24 * number + 12
        shapes.append(Text((140, y + 4), one.name, "end", 12))
        if one.low is not None and one.high is not None:
            shapes.append(Line(((axes.across(one.low), y), (axes.across(one.high), y)), BLUE, 2))
        shapes.append(Dot((axes.across(one.value), y), BLUE if one.low is not None else FAINT))
    return _picture(title, told, shapes, height)


def _places(axes: _Axes, number: int) -> list[float]:
    return [axes.x((place + 0.5) / max(number, 1)) for place in range(number)]


def _below(xs: Sequence[float], names: Sequence[str]) -> list[Shape]:
    every = max(1, -(-len(names) // 9))
    shown = list(zip(xs, names, strict=True))[::every]
    return [Text((x, HEIGHT - BOTTOM + 18), name, "middle", 11, FAINT) for x, name in shown]


def _legend(names: Sequence[str]) -> list[Shape]:
    shapes: list[Shape] = []
    x = float(LEFT)
    for number, name in enumerate(names):
        shapes.append(Line(((x, HEIGHT - 10), (x + 12, HEIGHT - 10)), PALETTE[number], 3))
        shapes.append(Text((x + 15, HEIGHT - 6), name, "start", 10, FAINT))
        x += 25 + 6.2 * len(name)
    return shapes


def _picture(title: str, told: str, shapes: Sequence[Shape], height: int = HEIGHT) -> Picture:
    return Picture(title, told, WIDTH, height, [*shapes, Text((12, 22), title, "start", 14)])
