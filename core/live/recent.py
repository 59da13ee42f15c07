"""Which unnumbered values were handed on already: one that is published twice is heard once."""

from collections.abc import Iterable

from core.live.item import Item

REMEMBERED = 10_000


class Recent:
    """The newest keys of this process, whoever they were for."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], None] = {}

    def new(self, stream: str, items: Iterable[Item]) -> list[Item]:
        new = [item for item in items if (stream, item.symbol) not in self._seen]
        for item in new:
            self._seen[stream, item.symbol] = None
        while len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return new
