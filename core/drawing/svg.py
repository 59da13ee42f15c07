"""The few words of SVG that the figures share. No style attributes: the security policy forbids them."""

from collections.abc import Iterable, Sequence
from html import escape

Point = tuple[float, float]


def number(value: float) -> str:
    """A coordinate with at most two decimals, and no trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def tag(name: str, text: str | None = None, /, **attributes: str | float | None) -> str:
    """One element; `css` becomes `class`, underscores become hyphens, text is escaped."""
    head = f"<{name}{_attributes(attributes)}"
    return f"{head}/>" if text is None else f"{head}>{escape(text, quote=False)}</{name}>"


def figure(
    size: tuple[float, float],
    parts: Iterable[str],
    *,
    css: str,
    title: str,
    description: str = "",
    **attributes: str | float | None,
) -> str:
    """A whole picture with its name, and what it shows in words, for those who don't see it."""
    width, height = size
    head = _attributes(
        {
            "css": f"figure {css}",
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "width": width,
            "height": height,
            "role": "img",
            "focusable": "false",
            **attributes,
        }
    )
    told = tag("title", title) + (tag("desc", description) if description else "")
    return f'<svg xmlns="http://www.w3.org/2000/svg"{head}>{told}{"".join(parts)}</svg>'


def path(points: Sequence[Point], *, closed: bool = False) -> str:
    """The `d` of a line through `points`."""
    steps = [f"{'M' if place == 0 else 'L'}{number(x)} {number(y)}" for place, (x, y) in enumerate(points)]
    return "".join(steps) + ("Z" if closed and steps else "")


def _attributes(attributes: dict[str, str | float | None]) -> str:
    return "".join(
        f' {_name(name)}="{escape(value if isinstance(value, str) else number(value))}"'
        for name, value in attributes.items()
        if value is not None
    )


def _name(name: str) -> str:
    return "class" if name == "css" else name.rstrip("_").replace("_", "-")
