"""Names for rows that stay the same however often a file is read, so that importing twice doubles nothing.

A row has the file's own id where it has one. Else its name is a digest of its cells as they stand there, whatever zone
or other terms it is read under, and its place among the rows that are exactly like it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable

MOST_OWN = 120


class Names:
    """For one file, read from its beginning."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._seen: Counter[str] = Counter()

    def own(self, identity: str) -> str:
        """A long one is digested: the column has room for so many letters."""
        return f"{self._prefix}:{identity if len(identity) <= MOST_OWN else _digest([identity])}"

    def once(self, identity: str, cells: Iterable[str]) -> str:
        """For ids that several rows may share, such as an order's: rows that are alike to the letter are one."""
        return f"{self.own(identity)}:{_digest(cells)[:16]}"

    def of(self, rows: Iterable[Iterable[str]]) -> str:
        """Of the cells of one row, or of several that make one transaction, in whatever order they came."""
        digest = _digest(sorted("\x1f".join(cell.strip() for cell in cells) for cells in rows))
        self._seen[digest] += 1
        return f"{self._prefix}:{digest}:{self._seen[digest]}"


def _digest(texts: Iterable[str]) -> str:
    return hashlib.blake2b("\x1e".join(texts).encode(), digest_size=16).hexdigest()
