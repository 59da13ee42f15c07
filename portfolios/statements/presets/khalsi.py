"""Khalsi's own export, as `portfolios.statements.writing` writes it; it comes back to the letter."""

from decimal import Decimal
from typing import cast, get_args

from core.lib.text import is_one_line
from portfolios.statements.identity import Names
from portfolios.statements.money import without_dollars
from portfolios.statements.outcomes import CellError, Draft, Ignored, Kind
from portfolios.statements.presets.base import EachRow
from portfolios.statements.row import Row
from portfolios.statements.writing import unguarded

_KINDS = get_args(Kind)
MOST_ASSET, MOST_NOTE, MOST_ID = 128, 200, 160


class Khalsi(EachRow):
    name, label, prefix = "khalsi", "Khalsi", "khalsi"
    where = "The export of a portfolio, from here or from another Khalsi."
    needs = frozenset({"executed_at", "kind", "asset", "quantity", "fee_quantity", "external_id"})

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        kind, quote = row.word("kind"), _asset(row, "quote_asset")
        if kind not in _KINDS:
            raise CellError("kind", f"Write one of: {', '.join(_KINDS)}.")
        asset = _asset(row, "asset")
        if not asset:
            raise CellError("asset", "Write a CoinGecko id in lower case, or a ticker in capitals.")
        paid = _above(row, "quote_quantity") if quote else _not_below(row, "quote_quantity")
        return Draft(
            row.line,
            cast(Kind, kind),
            row.moment("executed_at"),
            asset,
            _above(row, "quantity"),
            price_usd=_not_below(row, "price_usd"),
            quote_asset=quote,
            quote_quantity=paid,
            fee_asset=_asset(row, "fee_asset"),
            fee_quantity=_not_below(row, "fee_quantity") or Decimal(0),
            fee_usd=_not_below(row, "fee_usd"),
            note=_own(row, "note", MOST_NOTE),
            external_id=_identity(row, names),
        )


def _identity(row: Row, names: Names) -> str:
    """The row's own name where it came from a file or an exchange, else the id that it has here."""
    outer, inner = _own(row, "external_id", MOST_ID), row.text("id", 40)
    return outer or (names.own(inner) if inner else names.of([row.cells]))


def _asset(row: Row, column: str) -> str:
    """Ids are lower case, tickers are not: both as they stand."""
    return without_dollars(_own(row, column, MOST_ASSET).strip())


def _own(row: Row, column: str, most: int) -> str:
    """Text as it was before it was made safe for spreadsheets."""
    found = unguarded(row.raw(column))
    if not is_one_line(found):
        raise CellError(column, "Write one line, without control characters.")
    if len(found) > most:
        raise CellError(column, f"Write at most {most} letters.")
    return found


def _above(row: Row, column: str) -> Decimal:
    found = row.amount(column)
    if found <= 0:
        raise CellError(column, "Write an amount above zero: the kind says which way it went.")
    return found


def _not_below(row: Row, column: str) -> Decimal | None:
    found = row.maybe(column)
    if found is not None and found < 0:
        raise CellError(column, "Write zero or more.")
    return found
