"""One row of a file: its cells by the names of their columns, as text, amounts and moments."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal, localcontext

from core.lib.decimals import parse_plain
from core.lib.text import is_storable, normal
from portfolios.statements.moments import FIRST, BadMoment, parse_moment
from portfolios.statements.money import without_dollars
from portfolios.statements.outcomes import CellError, Terms

DIGITS, PLACES = 20, 18
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_ONE_GROUP = re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII)
_SMALL = re.compile(r"([+-]?\d(?:\.\d+)?)[eE]-(\d{1,2})", re.ASCII)
_TICKER = re.compile(r"[A-Za-z0-9$._*@+-]{1,32}", re.ASCII)
_SIGNS = "$€£¥\u00a0 "
NUMBER_RULE = "Write plain digits with a point, such as 0.25."
COMMA_RULE = "This may be two amounts: say that numbers have a decimal comma, or leave the comma out."
AMOUNT_RULE = f"Write at most {DIGITS} digits before the point and {PLACES} after it."


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: tuple[str, ...]
    places: Mapping[str, int]
    terms: Terms

    def has(self, column: str) -> bool:
        return column in self.places

    def raw(self, column: str) -> str:
        """Empty where the file has no such column, or the row ends before it."""
        place = self.places.get(column)
        return "" if place is None or place >= len(self.cells) else self.cells[place]

    def text(self, column: str, most: int = 0) -> str:
        """One line without surrounding spaces; cut to `most` letters where it is given (notes)."""
        found = self.raw(column)
        if found.isascii() and found.isprintable() and "  " not in found:  # as nearly all are
            found = found.strip()
            return found[:most] if most else found
        found = normal(" ".join(found.split()))
        if not is_storable(found):
            raise CellError(column, "Leave control characters out.")
        return found[:most] if most else found

    def word(self, column: str) -> str:
        """For words of a list: in lower case."""
        return self.text(column).lower()

    def ticker(self, column: str) -> str:
        """In capitals; US dollars are the empty text."""
        found = self.text(column)
        if not found:
            raise CellError(column, "This is empty: write the ticker, such as SOL.")
        return as_ticker(found, column)

    def amount(self, column: str) -> Decimal:
        """A number of either sign; raises CellError where there is none."""
        found = self.maybe(column)
        if found is None:
            raise CellError(column, f"This is empty. {NUMBER_RULE}")
        return found

    def size(self, column: str) -> Decimal:
        """Without its sign, which the kind of a row tells; never zero."""
        found = self.amount(column).copy_abs()
        if not found:
            raise CellError(column, "This is zero: a transaction moves something.")
        return found

    def maybe(self, column: str) -> Decimal | None:
        """None where the cell is empty or a dash."""
        found = self.text(column)
        if self.terms.is_comma_unsure and _ONE_GROUP.fullmatch(found):
            raise CellError(column, COMMA_RULE)
        return None if found in ("", "-", "–") else parse_amount(found, column, self.terms.decimal_comma)

    def moment(self, column: str, zone: tzinfo | None = None, *, short_years: bool = False) -> datetime:
        """`zone` is the file's own, where it says so; else the one that its owner chose."""
        found = self.text(column)
        if not found:
            raise CellError(column, "This is empty: write when it happened.")
        try:
            moment = parse_moment(
                found, zone or self.terms.zone, self.terms.date_order, short_years=short_years
            )
        except (BadMoment, OverflowError) as error:
            raise CellError(column, str(error)) from None
        if moment < FIRST:
            raise CellError(column, "This is before there were any coins.")
        if self.terms.latest is not None and moment > self.terms.latest:
            raise CellError(column, "This is in the future: check the date and the zone.")
        return moment


def as_ticker(text: str, column: str) -> str:
    if not _TICKER.fullmatch(text):
        raise CellError(column, "Write a ticker of up to 32 letters and digits, such as SOL.")
    return without_dollars(text.upper())


def parse_amount(text: str, column: str, comma: bool = False) -> Decimal:
    """Exact, or refused; nothing here goes through arithmetic, which rounds. Grouped thousands, signs of money and
    small exponents (`1E-8`) have one meaning.
    """
    if text.startswith(("=", "@")):
        raise CellError(column, f"This is a formula. {NUMBER_RULE}")
    bare = text.strip(_SIGNS)
    if bare.startswith(("+", "-")):
        bare = bare[0] + bare[1:].strip(_SIGNS)
    if comma:
        bare = bare.translate(str.maketrans(",.", ".,"))
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    found = parse_plain(bare) if not (small := _SMALL.fullmatch(bare)) else _scaled(small)
    if found is None:
        raise CellError(column, NUMBER_RULE)
    return fitting(found, column)


def fitting(amount: Decimal, column: str) -> Decimal:
    """Raises CellError where it has more digits than are kept; none is rounded away."""
    if amount.copy_abs() >= 10**DIGITS:
        raise CellError(column, AMOUNT_RULE)
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -PLACES:
        with localcontext(prec=120):
            short = amount.quantize(Decimal(1).scaleb(-PLACES))
            if short != amount:
                raise CellError(column, AMOUNT_RULE)
        return short
    return amount if amount else amount.copy_abs()


def _scaled(found: re.Match[str]) -> Decimal | None:
    digits = parse_plain(found[1])
    with localcontext(prec=120):
        return None if digits is None else digits.scaleb(-int(found[2]))
