"""The newest value of every symbol of one stream: what a newcomer gets first, before the updates.

It is read from the database at most once a second, whoever asks, since `freshness` is decided when a value
is used; between two readings each update is put over it. All of it happens in the event loop's thread, so
a snapshot and the updates after it leave no gap in the numbers.
"""

import asyncio
from collections.abc import Iterable, Mapping

from core.live.database import in_a_thread
from core.live.item import Item, closed, head
from core.live.subscriptions import EVERY, Symbols
from core.live.topic import Stream

MAX_AGE_SECONDS = 1.0


class Board:
    def __init__(self, seqs: dict[str, int], first: int) -> None:
        self._seqs = seqs
        self.first = first
        """The number of what was never published."""
        self._fragments: dict[str, str | None] = {}
        self._read_at: float | None = None
        self._reading: asyncio.Task[None] | None = None

    def post(self, items: Iterable[Item]) -> list[Item]:
        """Take note of these values; the answer leaves out what had been posted before."""
        new = [item for item in items if self._seqs.get(item.symbol) != item.seq]
        for item in new:
            self._seqs[item.symbol] = item.seq
            self._fragments[item.symbol] = item.fragment
        return new

    async def read_anew(self, stream: Stream) -> list[Item]:
        """What the database says otherwise than it was last told here, under the number that it has."""
        before, numbers = dict(self._fragments), dict(self._seqs)
        self._read_at = None
        await self.read(stream)
        return [
            Item(symbol, self._seqs.get(symbol, self.first), text)
            for symbol, text in self._fragments.items()
            if text is not None and text != before.get(symbol)
            if self._seqs.get(symbol) == numbers.get(symbol)  # what was announced meanwhile was told by that
        ]

    async def read(self, stream: Stream) -> None:
        """Make the board at most a second old. All who wait share one reading; it outlives who asked."""
        now = asyncio.get_running_loop().time()
        if self._read_at is not None and now - self._read_at <= MAX_AGE_SECONDS:
            return
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read(stream))
            self._reading.add_done_callback(self._close_reading)
        await asyncio.shield(self._reading)

    def unknown(self, symbols: Symbols) -> list[str]:
        return [] if symbols == EVERY else sorted(symbols - self._fragments.keys())

    def fragments(self, symbols: Symbols) -> list[str]:
        wanted = self._fragments if symbols == EVERY else sorted(symbols)
        return [text for symbol in wanted if (text := self._fragments.get(symbol)) is not None]

    async def _read(self, stream: Stream) -> None:
        # 1. The numbers come before the values: a value may be newer than its number says, never older.
        before = dict(self._seqs)
        heads = await in_a_thread(_heads, stream)
        # 2. What was posted in the meantime is newer than what was read.
        self._fragments = {symbol: self._newer(symbol, text, before) for symbol, text in heads.items()}
        self._read_at = asyncio.get_running_loop().time()

    def _newer(self, symbol: str, head: str | None, before: Mapping[str, int]) -> str | None:
        if self._seqs.get(symbol) != before.get(symbol):
            return self._fragments.get(symbol)
        return None if head is None else closed(head, before.get(symbol, self.first))

    def _close_reading(self, reading: asyncio.Task[None]) -> None:
        self._reading = None
        if not reading.cancelled():
            reading.exception()  # whoever waits for it raises it; nobody may be left


def _heads(stream: Stream) -> dict[str, str | None]:
    return {symbol: head(payload) if payload else None for symbol, payload in stream.snapshot().items()}
