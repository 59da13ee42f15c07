"""A page as a reader meets it: its text, its tables, its links; and as a checker: every element closed in order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "path", "rect", "line", "circle", "polygon"})


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    parts: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What is read out, with single spaces."""
        words = [part if isinstance(part, str) else part.text for part in self.parts]
        return " ".join(" ".join(words).split())

    def all(self, name: str, **wanted: str) -> Iterator["Element"]:
        """Elements below this one; `css` is one class among others, underscores are hyphens."""
        for part in self.parts:
            if isinstance(part, Element):
                if part.name == name and part.has(wanted):
                    yield part
                yield from part.all(name, **wanted)

    def one(self, name: str, **wanted: str) -> "Element":
        found = list(self.all(name, **wanted))
        assert len(found) == 1, f"{len(found)} <{name}> with {wanted}"
        return found[0]

    def has(self, wanted: dict[str, str]) -> bool:
        classes = self.attributes.get("class", "").split()
        return all(
            value in classes if name == "css" else self.attributes.get(name.replace("_", "-")) == value
            for name, value in wanted.items()
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].parts.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            opened = self.open.pop().name
            assert opened == tag, f"<{opened}> is closed by </{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if self.open[-1].name not in {"script", "style"}:
            self.open[-1].parts.append(data)


def read(html: str | bytes) -> Element:
    reader = _Reader()
    reader.feed(html if isinstance(html, str) else html.decode())
    reader.close()
    assert len(reader.open) == 1, f"never closed: {[element.name for element in reader.open[1:]]}"
    return reader.root


def ids_are_unique(page: Element) -> bool:
    ids = [value for element in _everything(page) if (value := element.attributes.get("id"))]
    return len(ids) == len(set(ids))


def _everything(page: Element) -> Iterator[Element]:
    for part in page.parts:
        if isinstance(part, Element):
            yield part
            yield from _everything(part)
