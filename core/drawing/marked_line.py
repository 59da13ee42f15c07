"""A line of prices with marks on it where something happened."""

from collections.abc import Iterable, Sequence

from core.drawing.price_chart import Label
from core.drawing.svg import Point, figure, path, tag

_LEFT, _TOP, _RIGHT, _BOTTOM = 8.0, 12.0, 66.0, 22.0


def marked_line(
    points: Sequence[Point],
    marks: Sequence[Point],
    *,
    times: Sequence[Label],
    prices: Sequence[Label],
    title: str,
    description: str,
    width: float = 360,
    height: float = 190,
) -> str:
    """Points and marks are (seconds, price). Empty with fewer than two points."""
    if len(points) < 2:
        return ""
    lows, highs = min(price for _, price in points), max(price for _, price in points)
    first, last = points[0][0], points[-1][0]

    def place(at: float, price: float) -> Point:
        across = (at - first) / ((last - first) or 1.0)
        up = (price - lows) / ((highs - lows) or 1.0)
        return (
            _LEFT + across * (width - _LEFT - _RIGHT),
            _TOP + (1 - min(max(up, 0.0), 1.0)) * (height - _TOP - _BOTTOM),
        )

    def parts() -> Iterable[str]:
        for value, text in prices:
            _, y = place(first, value)
            yield tag("line", css="plot-grid", x1=_LEFT, x2=width - _RIGHT, y1=y, y2=y)
            yield tag("text", text, css="plot-label", x=width - _RIGHT + 6, y=y + 3.5)
        for value, text in times:
            x, _ = place(value, lows)
            yield tag("text", text, css="plot-label", x=x, y=height - 6, text_anchor="middle")
        yield tag("path", css="price-line", d=path([place(at, price) for at, price in points]))
        for at, price in marks:
            x, y = place(at, price)
            yield tag("circle", css="fired-mark", cx=x, cy=y, r=4)

    return figure(
        (width, height), list(parts()), css="plot fired-chart", title=title, description=description
    )
