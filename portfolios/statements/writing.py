"""Transactions as CSV that spreadsheets run no formula of, and that the import reads back to the letter.

Text that a spreadsheet might take for a formula gets an apostrophe in front, and so does text that begins with one
already; reading takes exactly one away. Amounts are plain digits and stay numbers, negative ones too.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.lib.decimals import plain

HEADER = (
    "id",
    "executed_at",
    "kind",
    "asset",
    "quantity",
    "price_usd",
    "quote_asset",
    "quote_quantity",
    "fee_asset",
    "fee_quantity",
    "fee_usd",
    "market_worth_usd",
    "market_fee_usd",
    "valued_by",
    "note",
    "origin",
    "external_id",
)
"""Fields of `portfolios.models.Transaction`. Reading back leaves out what was valued at market: it is told anew."""
_MARKED = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_MARKED) else text


def unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") else text


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Piece by piece: whoever reads need not wait for the last row."""
    writer = csv.writer(_Echo())
    yield writer.writerow([guarded(name) for name in header])
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def transaction_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """`rows` hold the fields of `HEADER`."""
    return csv_lines(HEADER, ([row.get(name) for name in HEADER] for row in rows))


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return _short(plain(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return guarded(str(value))


def _short(digits: str) -> str:
    """Without the zeros that a column of eighteen places adds."""
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


class _Echo:
    """What `csv` writes to: gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line
