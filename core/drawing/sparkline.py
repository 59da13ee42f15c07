"""A small line without axes: where a price came from."""

from collections.abc import Sequence

from core.drawing.svg import Point, figure, path, tag

_EDGE = 2.0


def sparkline(values: Sequence[float | None], *, title: str, width: float = 112, height: float = 32) -> str:
    """A line through the known values; a missing one leaves a hole. Fewer than two draw nothing."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    points = _points(values, low, high, width, height)
    direction = "up" if known[-1] > known[0] else "down" if known[-1] < known[0] else "level"
    pieces = [piece for piece in _pieces(points) if len(piece) > 1]
    drawn = [_area(piece, height) for piece in pieces]
    drawn += [tag("path", css="spark-line", d=path(piece)) for piece in pieces]
    return figure(
        (width, height),
        drawn,
        css=f"spark spark--{direction}",
        title=title,
        preserveAspectRatio="none",
    )


def _points(
    values: Sequence[float | None], low: float, high: float, width: float, height: float
) -> list[Point | None]:
    step = (width - 2 * _EDGE) / (len(values) - 1)
    reach = (high - low) or 1.0
    middle = 0.5 if high == low else 0.0
    return [
        None
        if value is None
        else (_EDGE + step * place, height - _EDGE - ((value - low) / reach + middle) * (height - 2 * _EDGE))
        for place, value in enumerate(values)
    ]


def _pieces(points: Sequence[Point | None]) -> list[list[Point]]:
    """Runs without holes."""
    pieces: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(point)
    return pieces


def _area(piece: Sequence[Point], height: float) -> str:
    floor = [(piece[-1][0], height), (piece[0][0], height)]
    return tag("path", css="spark-area", d=path([*piece, *floor], closed=True))
