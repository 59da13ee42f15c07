"""What every notification channel answers: where it may lead, and what became of a message.

A channel knows nothing of tables and never decides when to try again; it says what happened, and whether that can
change by itself.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.lib.errors import BadInput, SourceUnavailable
from core.lib.text import without_direction_marks
from core.net.guard import AddressRefused
from core.net.reply import Reply
from core.net.retry import retry_after_seconds

Post = Callable[[str, bytes, Mapping[str, str]], Reply]
Result = Literal["sent", "later", "refused", "gone"]

MOST_RESULT = 200
_LATER = {408, 409, 425, 429}
_GONE = {401, 403, 404, 410}
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class Happening:
    """An event as it is told."""

    id: str
    kind: str
    sentence: str
    note: str
    symbol: str
    fired_at: datetime
    values: Mapping[str, Any]
    link: str
    is_test: bool = False


@dataclass(frozen=True)
class Message:
    """`id` is the same on every attempt. `kind` is `alert`, `digest`, `test` or `verify`; `market` names a market that
    is not live, so that nothing simulated passes for real. `code` is for `verify` alone."""

    id: str
    kind: str
    title: str
    at: datetime
    link: str
    happenings: tuple[Happening, ...] = ()
    text: str = ""
    market: str = ""
    code: str = field(default="", repr=False)


@dataclass(frozen=True)
class Target:
    """Where a channel leads, opened for one sending. `secrets` sign, the present one first; `unsubscribe` is a link
    that switches the channel off, where it is mail."""

    address: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    unsubscribe: str = field(default="", repr=False)


@dataclass(frozen=True)
class Outcome:
    """sent · later: try again, after `retry_after` seconds where asked · refused: this message, for good · gone: the
    whole channel, for good. `holds_all`: the limit is the service's own, not this channel's."""

    result: Result
    said: str = ""
    status: int | None = None
    retry_after: float | None = None
    holds_all: bool = False
    confirms: bool = False
    """The receiver answered the code of a `verify` by itself."""


@dataclass(frozen=True)
class Place:
    """What a user wrote, checked: the secret address, what of it may be shown, and the host that is asked."""

    address: str = field(repr=False)
    shown: str
    host: str


class Channel(ABC):
    """One kind of channel. `tells_apart`: a machine reads it, so every event is a message of its own."""

    kind: str
    label: str
    tells_apart = False
    is_user_given = False
    """Whether users name the host: such hosts have workers of their own."""
    is_operators = False
    """Whether the operator names the host, which may then lie anywhere."""

    @abstractmethod
    def place(self, written: str) -> Place:
        """Raises BadInput at `address` with what to write instead."""

    @abstractmethod
    def send(self, target: Target, message: Message, post: Post) -> Outcome:
        """Never raises for what the other side does."""


def asked(service: str, ask: Callable[[], Reply], judge: Callable[[Reply], Outcome] | None = None) -> Outcome:
    """The call, and what its answer or its absence means. `service` is how messages name the other side."""
    try:
        reply = ask()
    except AddressRefused as refusal:
        return Outcome("gone", refusal.message[:MOST_RESULT])
    except SourceUnavailable as failure:
        return Outcome("later", failure.message[:MOST_RESULT], retry_after=failure.retry_after)
    return judge(reply) if judge else by_status(service, reply)


def by_status(service: str, reply: Reply, said: str = "") -> Outcome:
    status, words = reply.status, f"{service} answered {reply.status}{f': {said}' if said else ''}"
    words = one_line(words)[:MOST_RESULT]
    if 200 <= status < 300:
        return Outcome("sent", words, status)
    if status in _LATER or status >= 500 or 300 <= status < 400:
        wait = retry_after_seconds(reply.headers.get("retry-after"), reply.fetched_at)
        return Outcome("later", words, status, wait)
    return Outcome("gone" if status in _GONE else "refused", words, status)


def json_of(reply: Reply) -> dict[str, Any]:
    """The answer's object; empty where it is none. A stranger's JSON decides nothing but what is read here."""
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def seconds_in(value: Any) -> float | None:
    """A time to wait out of a stranger's JSON."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e6:
        return None
    return float(value)


def one_line(text: str) -> str:
    """Without anything that moves lines or letters."""
    return without_direction_marks(_UNSEEN.sub(" ", text)).strip()


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def as_json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def bad_address(message: str) -> BadInput:
    return BadInput.at("address", message)
