"""Reads what strangers send: bytes to JSON, and fields to finite numbers, times and clean text."""

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from core.lib.errors import ReplyRefused
from core.lib.finite import finite_or_none

SKEW = timedelta(seconds=60)
"""How far a source's clock may run ahead of the market's."""

_MILLISECONDS_ABOVE = 1e11
_EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_SHOWN = 80
LARGEST_RANK = 10_000_000


def json_of(body: bytes, source: str) -> Any:
    """The reply as Python values. NaN and Infinity pass here as floats, so that one bad row costs one row."""
    try:
        return json.loads(body, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise ReplyRefused(f"{source} sent {_kind(body)} instead of JSON; nothing of it is used.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that is told twice, differently, says nothing: it is left out, which costs its row and no other."""
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    doubtful = {key for key, one in pairs if one != value[key]}
    return {key: one for key, one in value.items() if key not in doubtful}


def _kind(body: bytes) -> str:
    start = body.lstrip()[:_SHOWN].lower()
    if not start:
        return "an empty reply"
    if start.startswith((b"<!doctype", b"<html", b"<")):
        return "a web page"
    return "cut or broken text" if start[:1] in b"[{" else "something else"


def positive(value: object) -> float | None:
    number = finite_or_none(value)
    return number if number is not None and number > 0 else None


def at_least_zero(value: object) -> float | None:
    number = finite_or_none(value)
    return number if number is not None and number >= 0 else None


def rank(value: object) -> int | None:
    number = finite_or_none(value)
    if number is None or not 1 <= number <= LARGEST_RANK or number != int(number):
        return None
    return int(number)


def moment(value: object) -> datetime | None:
    """ISO 8601 text, or Unix time in seconds or milliseconds; None for what is no time of this market."""
    try:
        found = _from_text(value) if isinstance(value, str) else _from_number(value)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found is not None and _EARLIEST <= found <= _LATEST else None


def _from_text(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _from_number(value: object) -> datetime | None:
    number = finite_or_none(value)
    if number is None:
        return None
    return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS_ABOVE else number, UTC)


def text(value: object, longest: int) -> str:
    """Clean text: no control characters, lone surrogates or direction marks; cut to what its column holds."""
    if not isinstance(value, str):
        return ""
    kept = (letter if unicodedata.category(letter)[0] != "C" else " " for letter in value[: 4 * longest])
    return " ".join("".join(kept).split())[:longest]


def web_address(value: object, longest: int = 500) -> str:
    """An http(s) address without spaces; anything else is nothing."""
    if not isinstance(value, str) or not value.startswith(("https://", "http://")) or len(value) > longest:
        return ""
    return value if text(value, longest) == value and not set(value) & set(" \"'<>\\") else ""
