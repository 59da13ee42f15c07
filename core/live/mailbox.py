"""What waits for one connection: of each symbol the newest value only, however slowly its reader reads."""

import asyncio
from collections.abc import Iterable
from typing import Any

from core.live.item import Item
from core.live.subscriptions import EVERY, Symbols
from core.live.topic import Topic

Frame = dict[str, Any]


class Batch:
    """Values of one stream from one tick. Who wants the same shares it, and its frames are made once."""

    __slots__ = ("_frames", "items", "topic")

    def __init__(self, topic: Topic, items: Iterable[Item]) -> None:
        self.topic = topic
        self.items = {item.symbol: item for item in items}
        self._frames: list[Frame] | None = None

    def frames(self) -> list[Frame]:
        if self._frames is None:
            texts = self.topic.frames([item.fragment for item in self.items.values()])
            self._frames = [{"type": "websocket.send", "text": text} for text in texts]
        return self._frames

    def overtaken_by(self, newer: "Batch") -> "Batch":
        return Batch(self.topic, {**self.items, **newer.items}.values())

    def without(self, symbols: Symbols) -> "Batch | None":
        if symbols == EVERY:
            return None
        left = [item for item in self.items.values() if item.symbol not in symbols]
        return Batch(self.topic, left) if left else None


class Mailbox:
    """Used in the event loop's thread alone. It holds one value a symbol, so its size is bounded."""

    __slots__ = ("_bell", "_called", "_waiting")

    def __init__(self) -> None:
        self._waiting: dict[str, Batch] = {}
        self._bell = asyncio.Event()
        self._called = False

    def put(self, stream: str, batch: Batch) -> bool:
        """True where somebody has to `ring` for it: once for any number of values until they are taken."""
        waiting = self._waiting.get(stream)
        self._waiting[stream] = waiting.overtaken_by(batch) if waiting else batch
        must_ring, self._called = not self._called, True
        return must_ring

    def ring(self) -> None:
        self._bell.set()

    async def filled(self) -> None:
        await self._bell.wait()

    def take(self) -> list[Batch]:
        self._bell.clear()
        self._called = False
        batches, self._waiting = list(self._waiting.values()), {}
        return batches

    def drop(self, stream: str, symbols: Symbols) -> None:
        """Values that a snapshot has overtaken, or that nobody wants any more."""
        waiting = self._waiting.pop(stream, None)
        left = waiting.without(symbols) if waiting else None
        if left:
            self._waiting[stream] = left
