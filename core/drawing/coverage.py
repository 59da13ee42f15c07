"""How many outcomes fell inside a range, on a line around how many should have."""

from core.drawing.svg import figure, tag

_MARGIN = 6.0


def coverage_mark(
    share: float, *, wanted: float, title: str, reach: float = 0.2, width: float = 120, height: float = 18
) -> str:
    """A dot on an axis of ±`reach` around `wanted`; beyond it the dot stands at the end, as a triangle."""
    middle = height / 2
    off = max(-1.0, min(1.0, (share - wanted) / reach))
    x = width / 2 + off * (width / 2 - _MARGIN)
    parts = [
        tag("line", css="skill-axis", x1=_MARGIN, x2=width - _MARGIN, y1=middle, y2=middle),
        tag("line", css="skill-zero", x1=width / 2, x2=width / 2, y1=2, y2=height - 2),
        _beyond(x, middle, right=off > 0) if abs(share - wanted) > reach else _dot(x, middle),
    ]
    told = f"{share:.1%} inside, {wanted:.0%} wanted."
    return figure((width, height), parts, css="coverage", title=title, description=told)


def _dot(x: float, y: float) -> str:
    return tag("circle", css="coverage-dot", cx=x, cy=y, r=4)


def _beyond(x: float, y: float, *, right: bool) -> str:
    tip = 5.0 if right else -5.0
    return tag("polygon", css="coverage-dot", points=f"{x:.2f},{y - 5} {x + tip:.2f},{y} {x:.2f},{y + 5}")
