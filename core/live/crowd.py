"""The listeners of one stream, grouped by what they want: who wants the same shares the work of a tick."""

from collections.abc import Iterable, Iterator

from core.live.item import Item
from core.live.mailbox import Batch, Mailbox
from core.live.subscriptions import EVERY, Symbols
from core.live.topic import Stream

_EVERY_SYMBOL = next(iter(EVERY))


class Audience:
    """Mailboxes that want exactly the same symbols of one stream."""

    __slots__ = ("mailboxes", "symbols")

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self.mailboxes: dict[Mailbox, None] = {}


class Crowd:
    """An index from symbol to audiences: a tick touches only those who want one of its symbols."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._name, self._topic = stream.name, stream.topic
        self._audiences: dict[Symbols, Audience] = {}
        self._by_symbol: dict[str, dict[Audience, None]] = {}
        self._wanted: dict[Mailbox, Symbols] = {}

    def __bool__(self) -> bool:
        return bool(self._wanted)

    def place(self, mailbox: Mailbox, symbols: Symbols) -> None:
        """From now on this mailbox gets these symbols and no others; with none of them it leaves."""
        if self._wanted.get(mailbox) == symbols:
            return
        self._remove(mailbox)
        if symbols:
            self._wanted[mailbox] = symbols
            self._audience(symbols).mailboxes[mailbox] = None

    def hear(self, items: Iterable[Item]) -> Iterator[Mailbox]:
        """Leave the values in the mailboxes that want them; yields those that must be rung."""
        for audience, wanted in self._heard_by(items).items():
            batch = Batch(self._topic, wanted)
            for mailbox in audience.mailboxes:
                if mailbox.put(self._name, batch):
                    yield mailbox

    def _heard_by(self, items: Iterable[Item]) -> dict[Audience, list[Item]]:
        heard: dict[Audience, list[Item]] = {}
        everywhere = self._by_symbol.get(_EVERY_SYMBOL, {})
        for item in items:
            for audience in (*everywhere, *self._by_symbol.get(item.symbol, ())):
                heard.setdefault(audience, []).append(item)
        return heard

    def _audience(self, symbols: Symbols) -> Audience:
        audience = self._audiences.get(symbols)
        if audience is None:
            audience = self._audiences[symbols] = Audience(symbols)
            for symbol in symbols:
                self._by_symbol.setdefault(symbol, {})[audience] = None
        return audience

    def _remove(self, mailbox: Mailbox) -> None:
        symbols = self._wanted.pop(mailbox, None)
        if symbols is None:
            return
        audience = self._audiences[symbols]
        del audience.mailboxes[mailbox]
        if not audience.mailboxes:
            self._disband(audience)

    def _disband(self, audience: Audience) -> None:
        del self._audiences[audience.symbols]
        for symbol in audience.symbols:
            del self._by_symbol[symbol][audience]
            if not self._by_symbol[symbol]:
                del self._by_symbol[symbol]
