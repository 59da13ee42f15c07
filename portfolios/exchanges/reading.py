"""Fields of a row that somebody else wrote, read strictly: what does not fit is refused with its reason, never
repaired.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import Any, TypeVar

from portfolios.exchanges.errors import AnswerUnusable
from portfolios.exchanges.records import Refused

PLACES = 18
_MOST = Decimal(10) ** 20
_UNIT = Decimal(1).scaleb(-PLACES)
_EXACT = Context(prec=80)
_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_TICKER = re.compile(r"[^\s\x00-\x1f\x7f]{1,32}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST_ID = 120

Row = Mapping[str, Any]
T = TypeVar("T")


class Unfit(ValueError):
    """The reason why a row is refused; it names the field and never repeats the value."""


def text(row: Row, name: str, default: str | None = None) -> str:
    value = row.get(name)
    if value in (None, "") and default is not None:
        return default
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = str(int(value))
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        raise Unfit(f"{name} is not a text")
    return value


def ticker(row: Row, name: str) -> str:
    return _as_ticker(row.get(name), name)


def pair(row: Row, name: str) -> list[str]:
    """The tickers in a market's name: two of a spot market, another number of others."""
    return [_as_ticker(part, name) for part in text(row, name).split("-")]


def _as_ticker(value: Any, name: str) -> str:
    """In capitals, of which some letters have more than one: only then is it known to fit."""
    capitals = value.upper() if isinstance(value, str) else ""
    if not _TICKER.fullmatch(capitals):
        raise Unfit(f"{name} is not a ticker")
    return capitals


def number(value: Any, name: str) -> Decimal:
    """Of either sign, from a JSON number or a text of digits; at most 20 digits before the point and 18 after it."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise Unfit(f"{name} is not a number")
    if abs(value) >= _MOST or value != value.quantize(_UNIT, context=_EXACT):
        raise Unfit(f"{name} has too many digits")
    return value


def amount(row: Row, name: str, default: Decimal | None = None) -> Decimal:
    """Zero or more."""
    if row.get(name) in (None, "") and default is not None:
        return default
    value = number(row.get(name), name)
    if value < 0:
        raise Unfit(f"{name} is below zero")
    return value


def above_zero(row: Row, name: str) -> Decimal:
    value = amount(row, name)
    if not value:
        raise Unfit(f"{name} is zero")
    return value


def rounded(value: Decimal) -> Decimal:
    """What was worked out, to as many places as amounts have."""
    return value.quantize(_UNIT, context=_EXACT)


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    return rounded(_EXACT.divide(dividend, divisor))


def product(one: Decimal, other: Decimal) -> Decimal:
    return rounded(_EXACT.multiply(one, other))


def from_milliseconds(row: Row, name: str) -> datetime:
    value = row.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 < value < 10**14:
        raise Unfit(f"{name} is not a time")
    return _sound(_EPOCH + timedelta(milliseconds=int(value)), name)


def from_seconds(row: Row, name: str) -> datetime:
    value = row.get(name)
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 < value < 10**11:
        raise Unfit(f"{name} is not a time")
    return _sound(_EPOCH + timedelta(microseconds=int(value * 1_000_000)), name)


def from_words(row: Row, name: str) -> datetime:
    """ISO 8601, or the same with a space; without a zone it is UTC. More than microseconds are cut off."""
    value = row.get(name)
    if not isinstance(value, str) or len(value) > 40:
        raise Unfit(f"{name} is not a time")
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
    except ValueError:
        raise Unfit(f"{name} is not a time") from None
    return _sound(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC), name)


def _sound(moment: datetime, name: str) -> datetime:
    if not _EPOCH < moment < _LATEST:
        raise Unfit(f"{name} is not a time")
    return moment


def milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def milliseconds_up_to(moment: datetime) -> int:
    """The first whole millisecond that is not before `moment`: the end of a window, none of whose times may be lost."""
    return -((_EPOCH - moment) // timedelta(milliseconds=1))


def seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)


def each(
    rows: Iterable[Any], parse: Callable[[Row], T | None], subject: str
) -> tuple[list[T], list[Refused]]:
    """Rows as records; `parse` says None to what is sound and not wanted. A row given twice counts once."""
    records: dict[T, None] = {}
    refused = []
    for row in rows:
        try:
            if not isinstance(row, Mapping):
                raise Unfit("it is not an object")
            record = parse(row)
        except Unfit as unfit:
            refused.append(Refused(subject, str(unfit)))
            continue
        if record is not None:
            records[record] = None
    return list(records), refused


def expect(condition: bool, title: str, exchange: str) -> None:
    """The shape that an answer must have before anything of it, an empty list above all, is believed."""
    if not condition:
        raise AnswerUnusable(
            f"{title} answered in a shape that Khalsi does not know; nothing was changed.", exchange=exchange
        )
