"""Decimals as people write them: plain digits, no exponent, no other script, never through a float."""

import re
from decimal import Decimal

_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{1,40})?|\.[0-9]{1,40})", re.ASCII)


def parse_plain(text: str) -> Decimal | None:
    """`text` as a Decimal; None where it is not plain ASCII digits with at most one point (`1e5`, `NaN`, `١`,
    `1 000`)."""
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def plain(value: Decimal) -> str:
    """Digits without an exponent, as the API writes what a user owns. Raises ValueError for NaN and
    infinities."""
    if not value.is_finite():
        raise ValueError("A decimal that is not finite cannot be shown.")
    return format(value, "f")


def trimmed(value: Decimal) -> str:
    """The same number without zeros at the end of its fraction."""
    text = plain(value)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text
