"""Bytes of a CSV file as rows: which encoding, which delimiter, where the header stands; nothing is trusted."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from core.lib.errors import BadInput, TooLarge
from portfolios.statements.outcomes import Rejected

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 100
MOST_LETTERS = 10_000
"""In one cell."""
DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 30
"""Some files begin with a few lines of prose."""
_PIECE = 1 << 20
_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "latin-1": "Latin-1"}

Line = tuple[int, tuple[str, ...]]
Knows = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that can be read as a table. `header` names every column once."""

    data: bytes
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int

    @property
    def encoding_name(self) -> str:
        return _NAMES.get(self.encoding, "UTF-16")

    def lines(self) -> Iterator[Line | Rejected]:
        """Every row below the header, empty ones left out. Raises BadInput where there are too many."""
        read = 0
        for found in _lines(self.data, self.encoding, self.delimiter):
            if _line_of(found) <= self.header_line:
                continue
            read += 1
            if read > MOST_ROWS:
                raise BadInput.at("file", f"The file has more than {MOST_ROWS:,} rows: import it in parts.")
            yield found


def open_sheet(data: bytes, knows: Knows) -> Sheet:
    """`knows` says whether a header is one of a preset: it is looked for below prose and under every delimiter.

    Raises TooLarge or BadInput, whose message says what to do.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(f"The file is larger than {MOST_BYTES // 2**20} MiB: import it in parts.")
    if not data.strip():
        raise BadInput.at("file", "The file is empty.")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")):
        raise BadInput.at(
            "file", "This is no CSV file: save the table as CSV (text), unpacked, and send that."
        )
    encoding = _encoding(data)
    tops = {one: _top(data, encoding, one) for one in DELIMITERS}
    found = _known(tops, knows) or _widest(tops)
    delimiter, (line, cells) = found
    if len(cells) > MOST_COLUMNS:
        raise BadInput.at("file", f"The file has more than {MOST_COLUMNS} columns.")
    return Sheet(data, encoding, delimiter, named(cells), line)


def named(cells: Sequence[str]) -> tuple[str, ...]:
    """Columns by names that differ: `Cur.`, `Cur. (2)`, `column 3`."""
    seen: dict[str, int] = {}
    names = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.replace("\ufeff", "").split())[:100] or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _known(tops: dict[str, list[Line]], knows: Knows) -> tuple[str, Line] | None:
    for delimiter, lines in tops.items():
        for line, cells in lines:
            if knows(named(cells)):
                return delimiter, (line, cells)
    return None


def _widest(tops: dict[str, list[Line]]) -> tuple[str, Line]:
    """The first row, under the delimiter that makes most columns of it."""
    firsts = [(delimiter, lines[0]) for delimiter, lines in tops.items() if lines]
    if not firsts:
        raise BadInput.at("file", "The file has no row that can be read as a header.")
    found = max(firsts, key=lambda one: len(one[1][1]))
    if len(found[1][1]) < 2:
        raise BadInput.at(
            "file", "The first row has one column only: separate columns by commas, semicolons or tabs."
        )
    return found


def _top(data: bytes, encoding: str, delimiter: str) -> list[Line]:
    found = islice(_lines(data, encoding, delimiter), HEADER_WITHIN)
    return [one for one in found if not isinstance(one, Rejected)]


def _encoding(data: bytes) -> str:
    """By its mark, else UTF-8 where all of it is; else Latin-1, in which every byte is a letter."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig" if _is(data, "utf-8") else "latin-1"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _whole(data, "utf-16")
    start = data[:4096]
    for name, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if len(zeros) > 4 and zeros.count(0) > len(zeros) * 0.8:
            return _whole(data, name)
    return "utf-8" if _is(data, "utf-8") else "latin-1"


def _whole(data: bytes, encoding: str) -> str:
    if not _is(data, encoding):
        raise BadInput.at(
            "file", "The file begins as UTF-16 and goes on as something else: save it as UTF-8."
        )
    return encoding


def _is(data: bytes, encoding: str) -> bool:
    """Piece by piece: the text of a large file is several times its bytes."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lines(data: bytes, encoding: str, delimiter: str) -> Iterator[Line | Rejected]:
    text = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Rejected(line, "", _broken(line, reader.line_num))
            continue
        if line == 1 and _says_delimiter(cells, delimiter):
            continue
        if any(cell and not cell.isspace() for cell in cells):
            yield _checked(line, cells)


def _says_delimiter(cells: list[str], delimiter: str) -> bool:
    """Excel's own first line, `sep=;`."""
    return "".join(cells).replace("\ufeff", "").lower() == "sep=" and len(cells) == 2


def _broken(first: int, last: int) -> str:
    where = f"Lines {first} to {last}" if last > first else f"Line {first}"
    return (
        f"{where} cannot be read: a quotation mark is not closed, or a cell is far too long. Inside a cell write two of"
        " them for one."
    )


def _checked(line: int, cells: list[str]) -> Line | Rejected:
    if any(len(cell) > MOST_LETTERS for cell in cells):
        return Rejected(line, "", f"A cell is longer than {MOST_LETTERS:,} letters.")
    if any("\x00" in cell for cell in cells):
        return Rejected(line, "", "The line holds zero bytes, which no text has: export the file anew.")
    return line, tuple(cells)


def _line_of(found: Line | Rejected) -> int:
    return found.line if isinstance(found, Rejected) else found[0]
