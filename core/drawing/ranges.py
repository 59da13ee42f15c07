"""Ranges side by side, each beside the one it must be held against: a bar from low to high, its middle marked."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from core.drawing.price_chart import Label
from core.drawing.svg import figure, tag

_LEFT, _TOP, _RIGHT, _BOTTOM = 8.0, 10.0, 72.0, 22.0
_BAR, _GAP = 12.0, 4.0


class Span(NamedTuple):
    low: float
    middle: float
    high: float


class Pair(NamedTuple):
    """`said` and what is `usual`, under one name; None where nothing is known."""

    name: str
    said: Span | None
    usual: Span | None


def range_columns(
    pairs: Sequence[Pair],
    level: float,
    levels: Sequence[Label],
    *,
    title: str,
    description: str,
    css: str = "",
    width: float = 560,
    height: float = 230,
) -> str:
    """A line lies at `level`, which all of them start from. Empty where no pair has anything."""
    spans = [span for pair in pairs for span in (pair.said, pair.usual) if span]
    if not spans:
        return ""
    low = min(level, *(span.low for span in spans))
    high = max(level, *(span.high for span in spans))
    step = (width - _LEFT - _RIGHT) / len(pairs)

    def y(value: float) -> float:
        up = (value - low) / ((high - low) or 1.0)
        return _TOP + (1 - up) * (height - _TOP - _BOTTOM)

    def parts() -> Iterable[str]:
        for value, text in levels:
            yield tag("line", css="plot-grid", x1=_LEFT, x2=width - _RIGHT, y1=y(value), y2=y(value))
            yield tag("text", text, css="plot-label", x=width - _RIGHT + 6, y=y(value) + 3.5)
        yield tag("line", css="ranges-level", x1=_LEFT, x2=width - _RIGHT, y1=y(level), y2=y(level))
        for place, pair in enumerate(pairs):
            middle = _LEFT + (place + 0.5) * step
            yield tag("text", pair.name, css="plot-label", x=middle, y=height - 6, text_anchor="middle")
            yield from _column(pair.said, middle - _GAP / 2 - _BAR, y, "said")
            yield from _column(pair.usual, middle + _GAP / 2, y, "usual")

    css = f"plot ranges {css}".strip()
    return figure((width, height), list(parts()), css=css, title=title, description=description)


def _column(span: Span | None, x: float, y: Callable[[float], float], which: str) -> Iterable[str]:
    """Never thinner than a hair, so that the shortest horizon is there too."""
    if span is None:
        return
    top, bottom = y(span.high), y(span.low)
    tall = max(bottom - top, 1.5)
    yield tag("rect", css=f"ranges-{which}", x=x, y=top, width=_BAR, height=tall, rx=2)
    yield tag("line", css="ranges-middle", x1=x, x2=x + _BAR, y1=y(span.middle), y2=y(span.middle))
