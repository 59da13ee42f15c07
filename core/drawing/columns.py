"""Counts over time as narrow columns, the newest on the right: how busy the last hour was."""

from collections.abc import Sequence

from core.drawing.svg import figure, tag

_GAP = 0.25


def columns(counts: Sequence[int], *, title: str, width: float = 600, height: float = 64) -> str:
    """Nothing to draw where nothing was counted."""
    most = max(counts, default=0)
    if most == 0:
        return ""
    step = width / len(counts)
    drawn = [
        tag(
            "rect",
            css="column",
            x=index * step + step * _GAP / 2,
            y=height * (1 - count / most),
            width=step * (1 - _GAP),
            height=height * count / most,
        )
        for index, count in enumerate(counts)
        if count
    ]
    told = f"{len(counts)} columns, the highest {most}, the newest {counts[-1]}."
    return figure(
        (width, height), drawn, css="columns", title=title, description=told, preserveAspectRatio="none"
    )
