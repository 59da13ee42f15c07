"""Every listener of this process, and the one way by which published values reach them.

A hub lives in one event loop's thread. Values come in from any thread through `hand_over`, or from the
process's one Redis subscription; each goes to the board of its stream and to the mailboxes that want it, and
never waits for a reader.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping

import structlog
from django.db import DatabaseError

from core.lib.clock import wall_now
from core.live.board import Board
from core.live.census import REPORT_SECONDS, Guest, report_of
from core.live.crowd import Crowd
from core.live.endings import Endings
from core.live.item import Item
from core.live.mailbox import Mailbox
from core.live.recent import Recent
from core.live.source import Source
from core.live.subscriptions import Symbols
from core.live.topic import Stream

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 15.0
_RINGS_AT_ONCE = 250
"""So many listeners are woken before the loop looks at its other work again."""


class Hub:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sweep: asyncio.Task[None] | None = None
        self._reporting: asyncio.Task[None] | None = None
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
            for task in (self._sweep, self._reporting):
                if task is not None:
                    task.cancel()
            self._sweep = self._reporting = None
            await self._source.stop(self)

    async def board(self, stream: Stream) -> Board:
        """The stream's board, read afresh where it is older than a second."""
        board = self._board(stream.name)
        await board.read(stream)
        return board

    def listen(self, stream: Stream, mailbox: Mailbox, symbols: Symbols) -> None:
        """From now on `mailbox` gets these symbols of the stream and no others; with none it leaves."""
        crowd = self._crowds.setdefault(stream.name, Crowd(stream))
        crowd.place(mailbox, symbols)
        if not crowd:
            del self._crowds[stream.name]
        elif self._sweep is None or self._sweep.done():
            self._sweep = asyncio.create_task(self._sweep_while_somebody_listens(), name="live-feed-sweep")

    def welcome(self, guest: Guest) -> None:
        """Count him among those who are connected, until he is `seen_off`."""
        self._present[guest] = None
        if self._reporting is None or self._reporting.done():
            self._reporting = asyncio.create_task(
                self._report_while_anybody_is_here(), name="live-feed-report"
            )

    def see_off(self, guest: Guest) -> None:
        self._present.pop(guest, None)

    async def report(self) -> None:
        """Tell all processes who is connected here."""
        heard = (crowd.stream.listener for crowd in tuple(self._crowds.values()))
        listeners = (user_id for user_id in heard if user_id is not None)
        await self._source.report(report_of(self._present, listeners, wall_now()))

    async def _report_while_anybody_is_here(self) -> None:
        while self._present:
            await asyncio.sleep(REPORT_SECONDS)
            await self.report()

    def deliver(self, stream: str, items: Iterable[Item], *, numbered: bool = True) -> None:
        """Post the values and leave them with their listeners. Only in the loop's thread."""
        new = self._board(stream).post(items) if numbered else self._recent.new(stream, items)
        self.endings.heard(stream)
        crowd = self._crowds.get(stream)
        if crowd and new:
            self._ring(crowd.hear(new))

    def hand_over(self, stream: str, items: list[Item], numbered: bool) -> None:
        """`deliver` from any thread. The loop wakes for it at once."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(lambda: self.deliver(stream, items, numbered=numbered))

    async def sweep(self) -> None:
        """Tell what nobody announced: a value whose word was lost, a price that has become stale."""
        for crowd in tuple(self._crowds.values()):
            if crowd.stream.topic.by_symbol:
                told = await self._board(crowd.stream.name).read_anew(crowd.stream)
                self._ring(crowd.hear(told))

    def continue_from(self, seqs: Mapping[str, Mapping[str, int]]) -> None:
        """Numbers by stream and symbol that were given before this hub began to listen."""
        for stream, numbers in seqs.items():
            self._seqs.setdefault(stream, {}).update(numbers)

    def count_from(self, first: int) -> None:
        """The number after which those of never published values begin."""
        self._first = first
        for board in self._boards.values():
            board.first = first

    def _board(self, stream: str) -> Board:
        board = self._boards.get(stream)
        if board is None:
            board = self._boards[stream] = Board(self._seqs.setdefault(stream, {}), self._first)
        return board

    async def _sweep_while_somebody_listens(self) -> None:
        while self._crowds:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.sweep()
            except DatabaseError as error:
                log.warning("live_feed_without_database", error=type(error).__name__)

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
        self._present: dict[Guest, None] = {}
        self._recent = Recent()
        self._crowds: dict[str, Crowd] = {}
        self._boards: dict[str, Board] = {}
        self._seqs: dict[str, dict[str, int]] = {}
        self._first = 0
        self._to_ring: deque[Mailbox] = deque()
