"""A back-test's report: one page that needs nothing else, its plots inline, and the same plots as PNG beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from predictions.report.drawing import png, svg
from predictions.report.shapes import Picture

PAGE = "index.html"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f2937 }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: .9rem }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #e5e7eb; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
svg { max-width: 100%; height: auto } figure { margin: 1.5rem 0 } figcaption { color: #6b7280; font-size: .9rem }
pre { overflow-x: auto; font-size: .8rem }
"""


@dataclass(frozen=True)
class Table:
    """Rows of words under their heads."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """What is shown of one timeframe; pictures by the name of their file."""

    title: str
    words: Sequence[str]
    pictures: Mapping[str, Picture]
    tables: Sequence[Table]


def write(folder: Path, title: str, words: Sequence[str], sections: Sequence[Section], summary: str) -> Path:
    """The page and its plots; gives the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for section in sections:
        for name, picture in section.pictures.items():
            png(picture, folder / f"{name}.png")
    body = "".join(
        [
            f"<h1>{escape(title)}</h1>",
            *(f"<p>{escape(line)}</p>" for line in words),
            f"<pre>{escape(summary)}</pre>",
            *(_section(section) for section in sections),
        ]
    )
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    meta = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    page = folder / PAGE
    page.write_text(
        f'<!doctype html><html lang="en"><head>{head}{meta}</head><body>{body}</body></html>',
        encoding="utf-8",
    )
    return page


def _section(section: Section) -> str:
    figures = (
        f'<figure>{svg(picture)}<figcaption>{escape(picture.told)} <a href="{name}.png">PNG</a></figcaption></figure>'
        for name, picture in section.pictures.items()
    )
    return "".join(
        [
            f"<h2>{escape(section.title)}</h2>",
            *(f"<p>{escape(line)}</p>" for line in section.words),
            *figures,
            *(_table(table) for table in section.tables),
        ]
    )


def _table(table: Table) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in table.heads)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    return (
        f"<h3>{escape(table.title)}</h3><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )
