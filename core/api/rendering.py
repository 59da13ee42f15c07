"""Values to JSON bytes, in one way for views, ready bytes and refusals."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise

from core.lib.clock import iso
from core.lib.decimals import plain

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_SERIALIZE_NUMPY


def rendered(body: Any) -> bytes:
    """Compact UTF-8. A float that is not finite becomes null, a Decimal plain text, a time ISO 8601 with
    `Z`."""
    return orjson.dumps(body, default=_other, option=_OPTIONS)


def _other(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"A {type(value).__name__} has no form in JSON.")
