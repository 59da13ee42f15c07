"""Serializer fields that take one spelling and say which; their messages never repeat what was sent.

They serve bodies and queries alike: a number in a query is text, so integers and floats take plain digits
too.
"""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework import serializers

from core.lib.clock import iso
from core.lib.decimals import parse_plain, plain
from core.lib.text import is_one_line, is_storable, normal

LARGEST_INTEGER = 2**63 - 1
_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_SYMBOL = re.compile(r"[A-Za-z0-9$._-]{1,32}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?",
    re.ASCII,
)


class StrictInteger(serializers.IntegerField):
    """A whole number: `10` or `"10"`; never `10.0`, `true`, `1e1` or the digits of another script."""

    default_error_messages = {"invalid": "Write a whole number in plain digits, such as 10."}

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", -LARGEST_INTEGER)
        options.setdefault("max_value", LARGEST_INTEGER)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and _WHOLE.fullmatch(data):
            return int(data)
        if isinstance(data, int) and not isinstance(data, bool):
            return data
        self.fail("invalid")


class StrictDecimal(serializers.DecimalField):
    """What a user owns or owes: text such as `"0.25"`, or a whole number; never a float, which is not
    exact."""

    default_error_messages = {"invalid": "Write a decimal number as text in plain digits, such as 0.25."}

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """An empty text is no number, and not null either."""
        return super(serializers.DecimalField, self).validate_empty_values(data)

    def to_internal_value(self, data: Any) -> Decimal:
        is_whole = isinstance(data, int) and not isinstance(data, bool)
        number = parse_plain(str(data)) if is_whole or isinstance(data, str) else None
        if number is None:
            self.fail("invalid")
        number = abs(number) if number == 0 else number  # there is no minus zero of anything
        return self.quantize(self.validate_precision(number))

    def to_representation(self, value: Any) -> str:
        return plain(value if isinstance(value, Decimal) else Decimal(str(value)))


class FiniteFloat(serializers.FloatField):
    """A market figure: a JSON number, or plain digits as text; never NaN, infinity or a truth value."""

    default_error_messages = {"invalid": "Write a number in plain digits, such as 0.25."}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, str):
            data = parse_plain(data)
        if isinstance(data, bool) or not isinstance(data, (int, float, Decimal)):
            self.fail("invalid")
        try:
            number = float(data)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.fail("invalid")
        return number

    def to_representation(self, value: Any) -> float | None:  # type: ignore[override]  # absent is null
        number = float(value)
        return number if math.isfinite(number) else None


class UtcDateTime(serializers.DateTimeField):
    """A moment with its zone, `2026-11-21T08:00:00Z`, or a day, which means its first moment in UTC."""

    default_error_messages = {"invalid": "Write a time in UTC such as 2026-11-21T08:00:00Z, or a day."}

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            self.fail("invalid")
        try:
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")

    def to_representation(self, value: Any) -> str:
        return iso(value)


class Symbol(serializers.CharField):
    """A ticker, in capitals."""

    default_error_messages = {"invalid": "Write a symbol of up to 32 letters and digits, such as SOL."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not _SYMBOL.fullmatch(data):
            self.fail("invalid")
        return data.upper()


class OneOf(serializers.ChoiceField):
    """One of a few words; the message lists them."""

    default_error_messages = {"not_one_of": "Choose one of: {choices}."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("not_one_of", choices=", ".join(map(str, self.choices)))
        return data


class TextUUID(serializers.UUIDField):
    """An id as it is written: numbers are none, though some libraries make one of them."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value="")
        return super().to_internal_value(data)


class StrictBoolean(serializers.BooleanField):
    """`true` or `false`, in a query as words."""

    default_error_messages = {"invalid": "Write true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if isinstance(data, bool):
            return data
        if data in ("true", "false"):
            return bool(data == "true")
        self.fail("invalid")


class PlainText(serializers.CharField):
    """Text as people write it: one line unless `multiline`, stored in one spelling (NFC), no control
    characters."""

    default_error_messages = {
        "not_text": "Write text.",
        "control": "Leave control characters out.",
        "lines": "Write one line, without control characters.",
    }

    def __init__(self, *, multiline: bool = False, **options: Any) -> None:
        self.multiline = multiline
        super().__init__(**options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(normal(data) if isinstance(data, str) else data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        if not self.multiline and not is_one_line(data):
            self.fail("lines")
        if not is_storable(data):
            self.fail("control")
        return data.strip() if self.trim_whitespace else data
