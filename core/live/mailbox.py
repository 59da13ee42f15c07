"""What waits for one connection: of each symbol the newest value only, however slowly its reader reads."""

from collections.abc import Callable, Iterable
from typing import Any

from core.live.item import Item
from core.live.limits import MAX_WAITING
from core.live.ready import framed
from core.live.subscriptions import EVERY, Symbols
from core.live.topic import Topic

Frame = dict[str, Any]


class Batch:
    """Values of one stream from one tick. Who wants the same shares it, and its frames are made once."""

    __slots__ = ("_frames", "_ready", "items", "topic")

    def __init__(self, topic: Topic, items: Iterable[Item]) -> None:
        self.topic = topic
        self.items = {item.symbol: item for item in items}
        self._frames: list[Frame] | None = None
        self._ready: bytes | None = None

    def frames(self) -> list[Frame]:
        if self._frames is None:
            texts = self.topic.frames([item.fragment for item in self.items.values()])
            self._frames = [{"type": "websocket.send", "text": text} for text in texts]
        return self._frames

    def ready_frames(self) -> bytes:
        """All of them as they go over the wire."""
        if self._ready is None:
            self._ready = b"".join(framed(frame["text"]) for frame in self.frames())
        return self._ready

    def overtaken_by(self, newer: "Batch") -> "Batch":
        return Batch(self.topic, {**self.items, **newer.items}.values())

    def without(self, symbols: Symbols) -> "Batch | None":
        if symbols == EVERY:
            return None
        left = [item for item in self.items.values() if item.symbol not in symbols]
        return Batch(self.topic, left) if left else None


class Mailbox:
    """Used in the event loop's thread alone. Its size is bounded.

    Of what is numbered it holds one value a symbol. What counts one by one is never dropped in silence: where too much
    of it waits, the mailbox is given up, and with it the connection.
    """

    __slots__ = ("_bell", "_called", "_give_up", "_waiting")

    def __init__(self, bell: Callable[[], None], give_up: Callable[[], None]) -> None:
        self._waiting: dict[str, Batch] = {}
        self._bell, self._give_up = bell, give_up
        self._called = False

    def put(self, stream: str, batch: Batch) -> bool:
        """True where somebody has to `ring` for it: once for any number of values until they are taken."""
        waiting = self._waiting.get(stream)
        if waiting:
            batch = waiting.overtaken_by(batch)
        if len(batch.items) > MAX_WAITING and not batch.topic.numbered:
            self._give_up()
            return False
        self._waiting[stream] = batch
        must_ring, self._called = not self._called, True
        return must_ring

    def ring(self) -> None:
        self._bell()

    def take(self) -> list[Batch]:
        self._called = False
        batches, self._waiting = list(self._waiting.values()), {}
        return batches

    def emptied_by(self, taken: Callable[[Batch], bool]) -> bool:
        """Offer each batch; from the first that is not taken on all of them stay."""
        for stream, batch in tuple(self._waiting.items()):
            if not taken(batch):
                return False
            del self._waiting[stream]
        self._called = False
        return True

    def drop(self, stream: str, symbols: Symbols) -> None:
        """Values that a snapshot has overtaken, or that nobody wants any more."""
        waiting = self._waiting.pop(stream, None)
        left = waiting.without(symbols) if waiting else None
        if left:
            self._waiting[stream] = left
