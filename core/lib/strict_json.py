"""JSON from outside, read strictly: no NaN or Infinity, no key given twice, no text that cannot be stored,
and never deeper or larger than asked for. Both the API's requests and the providers' replies pass through
here.
"""

import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate
from typing import Any, Literal, NoReturn

from core.lib.errors import ReplyRefused

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 32
_LONGEST_NUMBER = 64
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_SURROGATE = re.compile("[\ud800-\udfff]")

BadText = Literal["refuse", "replace"]


def loads(
    data: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    exact: bool = False,
    bad_text: BadText = "refuse",
) -> Any:
    """The value of a JSON text in UTF-8. Raises ReplyRefused, whose message never repeats what was sent.

    `exact` reads every number as Decimal, from its text. `bad_text` says what becomes of lone surrogates and
    NUL in strings, which no database takes: refuse the whole, or replace each with U+FFFD (where one odd name
    in a list of hundreds must not cost the list).
    """
    if len(data) > max_bytes:
        raise ReplyRefused(f"The JSON is larger than {max_bytes} bytes.")
    if _depth(data) > max_depth:
        raise ReplyRefused(f"The JSON is nested deeper than {max_depth} levels.")
    value = _parsed(data, exact)
    return _with_sound_text(value, bad_text) if b"\\u" in data else value


def _parsed(data: bytes, exact: bool) -> Any:
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_exact if exact else _float,
            parse_int=_exact if exact else _integer,
        )
    except UnicodeDecodeError:
        raise ReplyRefused("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise ReplyRefused(f"The body is not JSON (line {error.lineno}, column {error.colno}).") from None
    except RecursionError:
        raise ReplyRefused("The JSON is nested too deeply.") from None


def _depth(data: bytes) -> int:
    """The deepest nesting, counted on the brackets outside of strings; cheap, and before anything is
    built."""
    brackets = _TEXT.sub(b"", data).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ReplyRefused("The JSON gives a key twice in one object.")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ReplyRefused("The JSON holds NaN or Infinity; write null for an absent number.")


def _refuse_long(text: str) -> None:
    if len(text) > _LONGEST_NUMBER:
        raise ReplyRefused(f"The JSON holds a number of more than {_LONGEST_NUMBER} characters.")


def _float(text: str) -> float:
    _refuse_long(text)
    number = float(text)
    if not math.isfinite(number):
        raise ReplyRefused("The JSON holds a number beyond what a float can hold.")
    return number


def _integer(text: str) -> int:
    _refuse_long(text)
    return int(text)


def _exact(text: str) -> Decimal:
    _refuse_long(text)
    return Decimal(text)


def _with_sound_text(value: Any, bad_text: BadText) -> Any:
    if all(map(_is_sound, _strings(value))):
        return value
    if bad_text == "refuse":
        raise ReplyRefused("The JSON holds a NUL or half a surrogate pair in a string.")
    return _repaired(value)


def _is_sound(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not _SURROGATE.search(text))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value.replace("\0", "\ufffd"))
    if isinstance(value, dict):
        return {_repaired(key): _repaired(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_repaired(item) for item in value]
    return value
