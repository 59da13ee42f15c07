"""A picture as a list of simple shapes, from which SVG and PNG are made alike. Lengths are pixels, y goes down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

INK, FAINT, GRID = "#1f2937", "#6b7280", "#e5e7eb"
BLUE, SKY, AMBER, GREEN, RED = "#1d4ed8", "#bfdbfe", "#b45309", "#047857", "#b91c1c"
PALETTE = (BLUE, AMBER, GREEN, RED, "#6d28d9", "#0e7490", "#be185d", "#4d7c0f", "#7c2d12", "#334155")


@dataclass(frozen=True)
class Line:
    points: Sequence[Point]
    colour: str = INK
    width: float = 1.5
    dashed: bool = False


@dataclass(frozen=True)
class Area:
    points: Sequence[Point]
    colour: str = SKY


@dataclass(frozen=True)
class Dot:
    at: Point
    colour: str = BLUE
    radius: float = 3.5


@dataclass(frozen=True)
class Text:
    at: Point
    """Start, middle or end of the base line."""
    text: str
    anchor: Anchor = "start"
    size: int = 12
    colour: str = INK


Shape = Line | Area | Dot | Text


@dataclass(frozen=True)
class Picture:
    """`told` says in words what is to be seen, for those who don't see it."""

    title: str
    told: str
    width: int
    height: int
    shapes: Sequence[Shape]
