"""Every listener of this process, and the one way by which published values reach them.

A hub lives in one event loop's thread. Values come in from any thread through `hand_over`, or from the
process's one Redis subscription; each goes to the board of its stream and to the mailboxes that want it, and
never waits for a reader.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping

from core.live.board import Board
from core.live.crowd import Crowd
from core.live.endings import Endings
from core.live.item import Item
from core.live.mailbox import Mailbox
from core.live.source import Source
from core.live.subscriptions import Symbols
from core.live.topic import Stream

_RINGS_AT_ONCE = 250
"""So many listeners are woken before the loop looks at its other work again."""


class Hub:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._loop: asyncio.AbstractEventLoop | None = None
        self._forget_everything()

    async def start(self) -> None:
        """Begin to listen in the running loop. Does nothing where it listens there already."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._forget_everything()
            self._loop = loop
            await self._source.start(self)

    async def listening(self) -> None:
        """Returns as soon as what is published from now on is heard: at once, unless Redis is away."""
        await self._source.listening()

    async def stop(self) -> None:
        if self._loop is not None:
            self._loop = None
            await self._source.stop(self)

    async def board(self, stream: Stream) -> Board:
        """The stream's board, read afresh where it is older than a second."""
        board = self._board(stream.name)
        await board.read(stream)
        return board

    def listen(self, stream: Stream, mailbox: Mailbox, symbols: Symbols) -> None:
        """From now on `mailbox` gets these symbols of the stream and no others; with none it leaves."""
        crowd = self._crowds.setdefault(stream.name, Crowd(stream.name, stream.topic))
        crowd.place(mailbox, symbols)
        if not crowd:
            del self._crowds[stream.name]

    def deliver(self, stream: str, items: Iterable[Item], *, numbered: bool = True) -> None:
        """Post the values and leave them with their listeners. Only in the loop's thread."""
        new = self._board(stream).post(items) if numbered else list(items)
        self.endings.heard(stream)
        crowd = self._crowds.get(stream)
        if crowd and new:
            self._ring(crowd.hear(new))

    def hand_over(self, stream: str, items: list[Item], numbered: bool) -> None:
        """`deliver` from any thread. The loop wakes for it at once."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(lambda: self.deliver(stream, items, numbered=numbered))

    def continue_from(self, seqs: Mapping[str, Mapping[str, int]]) -> None:
        """Numbers by stream and symbol that were given before this hub began to listen."""
        for stream, numbers in seqs.items():
            self._seqs.setdefault(stream, {}).update(numbers)

    def _board(self, stream: str) -> Board:
        board = self._boards.get(stream)
        if board is None:
            board = self._boards[stream] = Board(self._seqs.setdefault(stream, {}))
        return board

    def _ring(self, mailboxes: Iterable[Mailbox]) -> None:
        idle = not self._to_ring
        self._to_ring.extend(mailboxes)
        if idle:
            self._ring_some()

    def _ring_some(self) -> None:
        """In slices, so that ten thousand listeners do not keep everybody else waiting."""
        for _ in range(min(_RINGS_AT_ONCE, len(self._to_ring))):
            self._to_ring.popleft().ring()
        if self._to_ring and self._loop is not None:
            self._loop.call_soon(self._ring_some)

    def _forget_everything(self) -> None:
        self.endings = Endings()
        self._crowds: dict[str, Crowd] = {}
        self._boards: dict[str, Board] = {}
        self._seqs: dict[str, dict[str, int]] = {}
        self._to_ring: deque[Mailbox] = deque()
