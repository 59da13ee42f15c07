"""The written form of the record: the very text whose SHA-256 a link of the chain keeps.

A link's text is one line that names the fields, and one line for each of its rows, sorted as text; every line is
a JSON array without spaces and ends in a line feed. So `sha256sum` of what `/record/links/<position>.txt` gives is the
link's `content`, and anyone can check it with tools that know nothing of this project.

    numbers   whole ones as they are; others as the shortest digits that give the same double; never -0.0
    times     UTC, to the microsecond: 2026-11-21T12:00:00.000000Z
    absent    null

The `head` of a link is the SHA-256 of `Link.text`: the form, the head before it, position, kind, timeframe, moment,
the time of the link, number of rows and content, one a line.

A link of the kind `genesis`, which only a record older than its chain has, holds forecasts and then outcomes, each
in the order in which they were stored.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from math import isfinite
from typing import Any

FORM = 1
"""Another written form is another number: old links keep theirs."""

MOST_POSITION = 2**63 - 1
"""No chain grows as long, and no database counts further."""
KEY = ("token", "timeframe", "as_of", "engine", "version")
"""What names one forecast among all; tokens by their CoinGecko id."""
FORECAST = (
    *("made_at", "expires_at", "matures_at", "published", "late", "fallback", "counts", "definitions"),
    *("up", "down", "sideways", "baseline_up", "baseline_down", "baseline_sideways"),
    *("sideways_band", "scale", "reference_price", "reference_interval", "source"),
    *("p10", "p50", "p90", "baseline_p10", "baseline_p90", "support", "resistance", "risk_level"),
    *("range_log_factor", "regime", "artifact", "inputs"),
)
"""`artifact` and `inputs` are the digests of the engine's file and of what it was given."""
OUTCOME = (
    *("resolved_at", "void", "void_reason", "outcome_class", "price", "log_return"),
    *("log_score", "brier", "baseline_log_score", "baseline_brier"),
    *("inside_range", "pinball", "baseline_pinball"),
)

FORECAST_ROW, OUTCOME_ROW = "forecast", "outcome"
_write = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class Row:
    """One row's line; `pk` is the forecast's number where the row is stored, and no part of the line."""

    __slots__ = ("key", "line", "pk")

    def __init__(self, kind: str, key: Sequence[Any], values: Sequence[Any], pk: int | None = None) -> None:
        self.key = key_of(kind, key)
        self.line = f"{self.key},{_write([*map(plain, values)])[1:]}"
        self.pk = pk

    @property
    def is_forecast(self) -> bool:
        return self.key.startswith(f'["{FORECAST_ROW}"')

    @property
    def digests(self) -> bytes:
        """Of its name and of its line, 4 bytes each."""
        return short(self.key) + short(self.line)


def key_of(kind: str, key: Sequence[Any]) -> str:
    """The beginning of a row's line: what names it, `kind` being `forecast` or `outcome`."""
    return _write([kind, *map(plain, key)])[:-1]


def name_of(key: str) -> list[str]:
    """Kind, token, timeframe, as_of, engine and version out of the beginning of a line."""
    return [str(part) for part in json.loads(f"{key}]")]


_AS_THEY_ARE = frozenset({int, str, bool, type(None)})
"""Most values of a row; a run has many rows."""


def plain(value: Any) -> Any:
    """A value as JSON knows it. Also of what should not be there, so that a row that was spoilt can be read at all."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, float):
        return value + 0.0 if isfinite(value) else str(value)  # -0.0 is a thing that SQLite does not keep
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, list):
        return [plain(float(one)) if isinstance(one, int | float) else str(one) for one in value]
    return value


def short(text: str) -> bytes:
    """Enough to name a row, not to prove anything."""
    return sha256(text.encode()).digest()[:4]


def header(kind: str) -> str:
    """The first line of a link's text; `kind` is `forecasts`, `outcomes` or `genesis`."""
    fields = {FORECAST_ROW: [*KEY, *FORECAST], OUTCOME_ROW: [*KEY, *OUTCOME]}
    named = {name: these for name, these in fields.items() if kind in (f"{name}s", "genesis")}
    return _write(["khalsi-record", FORM, kind, named])


def text(kind: str, rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a link's text, without their line feeds."""
    yield header(kind)
    for row in in_order(kind, rows):
        yield row.line


def in_order(kind: str, rows: Iterable[Row]) -> Iterable[Row]:
    """As they stand in the text: sorted, but for a genesis, which is too long for that."""
    return rows if kind == "genesis" else sorted(rows, key=_line)


def _line(row: Row) -> str:
    return row.line


class Content:
    """The digest of a link's text, of rows that come in order."""

    def __init__(self, kind: str) -> None:
        self._digest = sha256(f"{header(kind)}\n".encode())
        self.rows = 0
        self.row_digests = bytearray()

    def add(self, rows: Iterable[Row]) -> "Content":
        for row in rows:
            self._digest.update(f"{row.line}\n".encode())
            self.row_digests += row.digests
            self.rows += 1
        return self

    @property
    def hex(self) -> str:
        return self._digest.hexdigest()


def content_of(kind: str, rows: Iterable[Row]) -> Content:
    return Content(kind).add(in_order(kind, rows))


@dataclass(frozen=True)
class Link:
    """What the head of a link digests. `previous` is the head before it, "" for the first."""

    previous: str
    position: int
    kind: str
    timeframe: str
    moment: datetime
    linked_at: datetime
    rows: int
    content: str

    @property
    def text(self) -> str:
        said = (f"khalsi-record {FORM}", self.previous, str(self.position), self.kind, self.timeframe)
        return "\n".join(
            (*said, moment_text(self.moment), moment_text(self.linked_at), str(self.rows), self.content)
        )

    @property
    def head(self) -> str:
        """64 hexadecimal digits."""
        return sha256(self.text.encode()).hexdigest()


@lru_cache(maxsize=256)
def moment_text(moment: datetime) -> str:
    """UTC, always to the microsecond."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
