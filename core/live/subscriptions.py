"""What one connection listens to, and whether it may listen to more. Pure."""

from core.lib.errors import BadInput
from core.live.limits import MAX_SUBSCRIPTIONS, MAX_SYMBOLS

Symbols = frozenset[str]
EVERY: Symbols = frozenset({"*"})
"""Every symbol, those registered later included. It takes no place among the 200."""


class Subscriptions:
    """Accepted requests by stream. One that asks for nothing new (after a gap) takes no further place."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: dict[str, list[Symbols]] = {}

    def symbols(self, stream: str) -> Symbols:
        return frozenset().union(*self._parts.get(stream, ()))

    def with_added(self, stream: str, symbols: Symbols) -> Symbols:
        """Remember the request; the answer is all that the connection now hears on this stream."""
        held = self.symbols(stream)
        new = frozenset() if held >= EVERY else symbols - held
        if new:
            self._refuse_too_many(new)
            self._parts.setdefault(stream, []).append(new)
        return _folded(held | new)

    def with_removed(self, stream: str, symbols: Symbols) -> Symbols:
        """Forget these symbols, or with EVERY the whole stream; the answer is what is still heard on it."""
        held = self.symbols(stream)
        if held >= EVERY and symbols != EVERY:
            raise BadInput.at(
                "symbols", 'this connection listens to all; unsubscribe from "*" and subscribe to fewer.'
            )
        left = [] if symbols == EVERY else [part - symbols for part in self._parts.get(stream, ())]
        self._parts[stream] = [part for part in left if part]
        if not self._parts[stream]:
            del self._parts[stream]
        return self.symbols(stream)

    def _refuse_too_many(self, new: Symbols) -> None:
        if sum(map(len, self._parts.values())) >= MAX_SUBSCRIPTIONS:
            raise BadInput(
                f"A connection holds {MAX_SUBSCRIPTIONS} subscriptions at most; unsubscribe from one first,"
                " or name more symbols in one of them."
            )
        named = new.union(*(part for parts in self._parts.values() for part in parts)) - EVERY
        if len(named) > MAX_SYMBOLS:
            raise BadInput.at("symbols", f'a connection listens to {MAX_SYMBOLS} symbols at most, or to "*".')


def _folded(symbols: Symbols) -> Symbols:
    return EVERY if symbols >= EVERY else symbols
