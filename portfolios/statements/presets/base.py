"""What a preset promises: to know its files by their header, and to make of every row a draft or a reason."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored, Outcome, Rejected
from portfolios.statements.row import Row


class Preset(ABC):
    """`needs` are columns that only this kind of file has all of."""

    name: str
    label: str
    where: str
    """Where its owner finds the file, told on the page."""
    needs: frozenset[str] = frozenset()
    prefix: str = ""
    """Of external ids; two presets share one where their files tell of the same rows by the same ids."""

    def knows(self, header: Sequence[str]) -> bool:
        return self.needs <= set(header)

    @abstractmethod
    def read(self, rows: Iterable[Row], names: Names) -> Iterator[Outcome]: ...


class EachRow(Preset):
    """Every row stands for itself."""

    def read(self, rows: Iterable[Row], names: Names) -> Iterator[Outcome]:
        for row in rows:
            try:
                yield self.one(row, names)
            except CellError as error:
                yield Rejected(row.line, error.column, error.message, row.cells)

    @abstractmethod
    def one(self, row: Row, names: Names) -> Draft | Ignored: ...


class InGroups(Preset):
    """Several rows make one transaction: those with the same key, wherever they stand. One without a key is alone."""

    def read(self, rows: Iterable[Row], names: Names) -> Iterator[Outcome]:
        groups: dict[str, list[Row]] = {}
        for row in rows:
            try:
                groups.setdefault(self.key(row) or f"line {row.line}", []).append(row)
            except CellError as error:
                yield Rejected(row.line, error.column, error.message, row.cells)
        yield from chain.from_iterable(self._group(members, names) for members in groups.values())

    @abstractmethod
    def key(self, row: Row) -> str:
        """Empty for a row that stands alone."""

    @abstractmethod
    def several(self, rows: list[Row], names: Names) -> Draft | Ignored:
        """What the rows of a group are together; at least one."""

    def _group(self, rows: list[Row], names: Names) -> Iterator[Outcome]:
        try:
            yield self.several(rows, names)
        except CellError as error:
            for row in rows:
                yield Rejected(row.line, error.column, error.message, row.cells)
