"""The last things that happen to an entry of the log before it is written, wherever it came from.

Secrets go, and nothing that somebody else wrote can look like an entry of its own.
"""

import re
from collections.abc import MutableMapping
from typing import Any

from core.lib.redaction import hidden

Entry = MutableMapping[str, Any]

_MOVES = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_MOVES_BUT_LINE_ENDS = re.compile(_MOVES.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_LONG = ("exception", "stack")
"""Told over several lines, each of them set in."""


def without_secrets(logger: Any, method: str, entry: Entry) -> Entry:
    """Every field, and what was raised, too."""
    for name, value in entry.items():
        entry[name] = hidden({name: value})[name]
    return entry


def on_own_lines(logger: Any, method: str, entry: Entry) -> Entry:
    """Line ends and what moves the cursor or the direction of writing are shown by their codes; a traceback's lines
    are set in, so that none looks like a new entry."""
    for name, value in entry.items():
        if name in _LONG:
            lines = _MOVES_BUT_LINE_ENDS.sub(_code, str(value)).split("\n")
            entry[name] = "\n".join(f"  | {line}" for line in lines)
        elif isinstance(value, str):
            entry[name] = _MOVES.sub(_code, value)
    return entry


def _code(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
