"""The range of one forecast as a strip: p10 to p90, the middle, the reference price, the sideways band."""

from dataclasses import dataclass

from core.drawing.svg import figure, tag

_MARGIN = 6.0


@dataclass(frozen=True)
class Range:
    """Prices at maturity; `band` is the log return up to which the price counts as sideways."""

    reference: float
    p10: float
    p50: float
    p90: float
    band: float


def range_strip(
    spread: Range,
    *,
    title: str,
    description: str,
    ended: float | None = None,
    width: float = 240,
    height: float = 26,
) -> str:
    """The strip, on a scale of its own that holds the range, the band, and the price at which it `ended`."""
    low = min(spread.p10, spread.reference * (1 - spread.band), *(() if ended is None else (ended,)))
    high = max(spread.p90, spread.reference * (1 + spread.band), *(() if ended is None else (ended,)))
    room = width - 2 * _MARGIN

    def x(price: float) -> float:
        return _MARGIN + (price - low) / ((high - low) or 1.0) * room

    middle, now = height / 2, x(spread.reference)
    left, right = x(spread.reference * (1 - spread.band)), x(spread.reference * (1 + spread.band))
    parts = [
        tag("rect", css="strip-band", x=left, y=2, width=right - left, height=height - 4, rx=2),
        tag("line", css="strip-range", x1=x(spread.p10), x2=x(spread.p90), y1=middle, y2=middle),
        *(_end(x(price), middle) for price in (spread.p10, spread.p90)),
        tag("circle", css="strip-middle", cx=x(spread.p50), cy=middle, r=4),
        tag("line", css="strip-reference", x1=now, x2=now, y1=1, y2=height - 1),
    ]
    if ended is not None:
        parts.append(_ended(x(ended), middle, inside=spread.p10 <= ended <= spread.p90))
    return figure((width, height), parts, css="strip", title=title, description=description)


def _end(x: float, middle: float) -> str:
    return tag("line", css="strip-end", x1=x, x2=x, y1=middle - 5, y2=middle + 5)


def _ended(x: float, middle: float, *, inside: bool) -> str:
    """A diamond where the price was when the time was over."""
    points = f"{x:.2f},{middle - 7} {x + 6:.2f},{middle} {x:.2f},{middle + 7} {x - 6:.2f},{middle}"
    return tag("polygon", css=f"strip-ended strip-ended--{'in' if inside else 'out'}", points=points)
