"""Brings what waits for one client to him: at once where he keeps up, else as fast as he reads.

All that a connection sends goes through here, one thing at a time, so a snapshot is never overtaken by an update.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from core.live.mailbox import Batch, Frame, Mailbox
from core.live.ready import WriteReady, framed

Send = Callable[[Frame], Awaitable[None]]
Tell = Callable[[Sequence[Frame]], Awaitable[None]]


class Postman:
    __slots__ = ("_round", "_send", "_turn", "_write_ready", "frames", "mailbox")

    def __init__(self, send: Send, write_ready: WriteReady | None, give_up: Callable[[], None]) -> None:
        self._send, self._write_ready = send, write_ready
        self._turn = asyncio.Lock()
        self._round: asyncio.Task[None] | None = None
        self.mailbox = Mailbox(self._deliver, give_up)
        self.frames = 0
        """So many were sent."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Tell]:
        """Nothing else is sent meanwhile."""
        async with self._turn:
            yield self._tell

    async def say(self, frame: Frame) -> None:
        async with self._turn:
            await self._tell([frame])

    async def _tell(self, frames: Sequence[Frame]) -> None:
        """In one write where the server takes it: newcomers come by the thousand, each for answer and snapshot."""
        write = self._write_ready
        if write is not None and write(b"".join(framed(frame["text"]) for frame in frames)):
            self.frames += len(frames)
            return
        for frame in frames:
            await self._count_and_send(frame)

    def stop(self) -> None:
        self._write_ready = None
        if self._round is not None:
            self._round.cancel()

    def _deliver(self) -> None:
        """What the mailbox holds; never waits itself."""
        if self._round is None and not self._delivered_at_once():
            self._round = asyncio.create_task(self._deliver_as_he_reads())

    def _delivered_at_once(self) -> bool:
        if self._write_ready is None or self._turn.locked():
            return False
        return self.mailbox.emptied_by(self._write)

    def _write(self, batch: Batch) -> bool:
        write = self._write_ready
        if write is None or not write(batch.ready_frames()):
            return False
        self.frames += len(batch.frames())
        return True

    async def _deliver_as_he_reads(self) -> None:
        """While a send waits for a slow reader, newer values replace older ones in the mailbox."""
        with suppress(OSError):  # the client has gone; the reading side hears of it too
            async with self._turn:
                while batches := self.mailbox.take():
                    for batch in batches:
                        for frame in batch.frames():
                            await self._count_and_send(frame)
        self._round = None

    async def _count_and_send(self, frame: Frame) -> None:
        self.frames += 1
        await self._send(frame)
