"""Text for the camera of a phone."""

import segno

from core.drawing.svg import figure, tag

_QUIET = 4
"""Light modules around it, which readers need."""


def qr_code(text: str, *, title: str, module: float = 5.0) -> str:
    """Dark squares of `module` units on what is behind them, which has to be light; a seventh may be unreadable."""
    rows = list(segno.make_qr(text, error="m").matrix_iter(border=_QUIET))
    size = len(rows)
    squares = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return figure(
        (size * module, size * module),
        [tag("path", d=squares, transform=f"scale({module:g})")],
        css="qr",
        title=title,
    )
