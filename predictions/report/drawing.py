"""Pictures as SVG text and as PNG files."""

from html import escape
from pathlib import Path

from predictions.report.shapes import Area, Dot, Line, Picture, Shape, Text

_FINE = 2
"""PNG has so many pixels for each of a picture's."""
_DASH = 5.0


def svg(picture: Picture) -> str:
    """One element to stand in a page; colours are in it, so it needs no style sheet."""
    size = f'width="{picture.width}" height="{picture.height}" viewBox="0 0 {picture.width} {picture.height}"'
    told = f"<title>{escape(picture.title)}</title><desc>{escape(picture.told)}</desc>"
    body = "".join(_element(shape) for shape in picture.shapes)
    font = 'font-family="system-ui, sans-serif"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} {font}>{told}{body}</svg>'


def png(picture: Picture, path: Path) -> None:
    """Drawn on white, twice as fine as it is to be shown."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (picture.width * _FINE, picture.height * _FINE), "white")
    canvas = ImageDraw.Draw(image)
    for shape in picture.shapes:
        if isinstance(shape, Text):
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
            font = ImageFont.load_default(shape.size * _FINE)
            canvas.text(_fine(shape.at), shape.text, shape.colour, font=font, anchor=anchor)
        elif isinstance(shape, Dot):
            x, y = _fine(shape.at)
            reach = shape.radius * _FINE
            canvas.ellipse((x - reach, y - reach, x + reach, y + reach), fill=shape.colour)
        elif isinstance(shape, Area):
            if len(shape.points) > 2:
                canvas.polygon([_fine(point) for point in shape.points], fill=shape.colour)
        else:
            for piece in _pieces(shape):
                points = [_fine(point) for point in piece]
                canvas.line(points, shape.colour, round(shape.width * _FINE), joint="curve")
    image.save(path, optimize=True)


def _fine(point: tuple[float, float]) -> tuple[float, float]:
    return point[0] * _FINE, point[1] * _FINE


def _pieces(line: Line) -> list[list[tuple[float, float]]]:
    """The line itself, or its dashes."""
    if not line.dashed:
        return [list(line.points)]
    found = []
    for (x1, y1), (x2, y2) in zip(line.points, line.points[1:], strict=False):
        length = max(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5, 1e-9)
        for start in range(0, int(length // _DASH) + 1, 2):
            ends = (min(start * _DASH / length, 1.0), min((start + 1) * _DASH / length, 1.0))
            found.append([(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share) for share in ends])
    return found


def _element(shape: Shape) -> str:
    if isinstance(shape, Text):
        x, y = shape.at
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{shape.anchor}" font-size="{shape.size}"'
        return f'<text {place} fill="{shape.colour}">{escape(shape.text)}</text>'
    if isinstance(shape, Dot):
        x, y = shape.at
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{shape.radius}" fill="{shape.colour}"/>'
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
    if isinstance(shape, Area):
        return f'<polygon points="{points}" fill="{shape.colour}"/>'
    dash = ' stroke-dasharray="5 5"' if shape.dashed else ""
    return (
        f'<polyline points="{points}" fill="none" stroke="{shape.colour}" '
        f'stroke-width="{shape.width}" stroke-linejoin="round"{dash}/>'
    )
