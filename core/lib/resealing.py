"""Sealing anew what earlier keys sealed, beside a working site: in pieces, each row by one conditional change, so that
it may be cut off at any instant and begun again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.lib.sealed_column import SealedColumn
from core.lib.sealing import CannotOpen

ROUNDS = 5
PIECE = 200


class StillWritten(Exception):
    """Rows are still written with an earlier key: some process does not have the new one yet."""


@dataclass(frozen=True)
class Resealed:
    """`unopened` names rows that no key of this process opens."""

    done: int
    unopened: list[str]


def seal_column_anew(column: SealedColumn, told: Callable[[int], None] = lambda done: None) -> Resealed:
    """A row that somebody wrote meanwhile is looked at again in the next round. `told` hears how many are done."""
    done = 0
    for _ in range(ROUNDS):
        unopened, changed_meanwhile = [], 0
        for row in _rows(column):
            try:
                is_done = column.seal_anew(row)
            except CannotOpen:
                unopened.append(f"{column.model._meta.db_table} {row.pk}")
                continue
            done += is_done
            changed_meanwhile += not is_done
            told(done)
        if not changed_meanwhile:
            return Resealed(done, unopened)
    raise StillWritten


def _rows(column: SealedColumn) -> Iterator[Any]:
    """In pieces, each read before anything of it is written."""
    waiting = column.under_other_keys().order_by("pk")
    rows = list(waiting[:PIECE])
    while rows:
        yield from rows
        rows = list(waiting.filter(pk__gt=rows[-1].pk)[:PIECE])
