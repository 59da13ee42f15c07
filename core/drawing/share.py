"""One share as a bar within its frame."""

from core.drawing.svg import figure, tag

_HEIGHT = 8.0


def share_bar(share: float, *, title: str, width: float = 120) -> str:
    """`share` is from 0 to 1; what lies outside is drawn at the edge."""
    filled = min(max(share, 0.0), 1.0) * width
    parts = [
        tag("rect", css="share-frame", x=0, y=0, width=width, height=_HEIGHT, rx=2),
        tag("rect", css="share-part", x=0, y=0, width=filled, height=_HEIGHT, rx=2),
    ]
    words = f"{share:.1%} of the whole"
    return figure(
        (width, _HEIGHT), parts, css="share", title=title, description=words, preserveAspectRatio="none"
    )
