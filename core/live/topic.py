"""What a topic offers: name, parameters, who may listen, what comes first, and how values are framed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.lib.errors import BadInput, NotSignedIn
from core.live.item import Payload
from core.live.limits import MAX_SYMBOLS
from core.live.subscriptions import EVERY, Symbols

Fields = Mapping[str, Any]
USER = "user"
"""The channel of what concerns one user: his alerts, his portfolio, notifications."""
LISTENER = "user_id"
_MAX_SYMBOL_LENGTH = 32


class Topic:
    """A channel of the protocol. Subclasses say what differs; a topic keeps no state of its own."""

    name: str
    by_symbol = True
    numbered = True
    """Items carry `seq`, and the newest one stands for those before it."""

    def parameters(self, fields: Fields, listener: str | None) -> dict[str, str]:
        """What settles the stream beside the name, from a client's frame; raises BadInput or NotSignedIn."""
        return {}

    def snapshot(self, parameters: Mapping[str, str]) -> Mapping[str, Payload | None]:
        """Every symbol that may be listened to, with its newest value if there is one. Called in a thread."""
        return {}

    def frames(self, fragments: Sequence[str]) -> list[str]:
        """The text frames that carry these values; one for each, unless the topic knows better."""
        return list(fragments)


class PersonalTopic(Topic):
    """What concerns the signed-in listener alone; each value counts, so none stands for another."""

    by_symbol = False
    numbered = False

    def __init__(self, name: str) -> None:
        self.name = name

    def parameters(self, fields: Fields, listener: str | None) -> dict[str, str]:
        if listener is None:
            raise NotSignedIn(f"The channel {self.name} needs a signed-in user; send authenticate first.")
        return {LISTENER: listener}


@dataclass(frozen=True)
class Stream:
    """A topic with its parameters settled: what values are numbered in, and where listeners gather."""

    topic: Topic
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return stream_name(self.topic.name, *(value for _, value in self.parameters))

    @property
    def listener(self) -> str | None:
        """Id of the one user who may listen, where it is a personal stream."""
        return dict(self.parameters).get(LISTENER)

    def snapshot(self) -> Mapping[str, Payload | None]:
        return self.topic.snapshot(dict(self.parameters))


def stream_name(topic: str, *parameters: str) -> str:
    """The name that `publish` takes: `prices`, `predictions:1h`."""
    return ":".join((topic, *parameters))


def wanted_symbols(fields: Fields) -> Symbols:
    """`symbols` of a client's frame: a list of tickers in any case, or "*"."""
    given = fields.get("symbols")
    if given == "*":
        return EVERY
    if not isinstance(given, list) or not given or not all(_is_symbol(symbol) for symbol in given):
        raise BadInput.at("symbols", 'write a list of symbols such as ["SOL"], or "*" for all.')
    if len(given) > MAX_SYMBOLS:
        raise BadInput.at("symbols", f'a connection listens to {MAX_SYMBOLS} symbols at most, or to "*".')
    return frozenset(symbol.strip().upper() for symbol in given)


def _is_symbol(given: object) -> bool:
    return isinstance(given, str) and 0 < len(given.strip()) <= _MAX_SYMBOL_LENGTH and given.strip() != "*"
