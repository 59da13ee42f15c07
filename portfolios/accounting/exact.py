"""Sums and shares of amounts, exact to the last digit.

Python's own decimal context keeps 28 digits; an amount has up to 38, a product of two of them 76. Whatever is added up,
multiplied or divided here happens inside `exact()`.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)

PLACES = 18
UNIT = Decimal(1).scaleb(-PLACES)
ZERO = Decimal(0)
_CONTEXT = Context(prec=80, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])


def exact() -> AbstractContextManager[Context]:
    return localcontext(_CONTEXT)


def total(amounts: Iterable[Decimal]) -> Decimal:
    with exact():
        return sum(amounts, ZERO)


def times(quantity: Decimal, price: Decimal) -> Decimal:
    """A worth, rounded to what an amount holds. Inside `exact()` only."""
    return (quantity * price).quantize(UNIT)


def share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """`whole × part ÷ of`, rounded; all of it where the part is all, so that shares taken one after the other add up to
    the whole. Inside `exact()` only.
    """
    return whole if part == of else (whole * part / of).quantize(UNIT)
