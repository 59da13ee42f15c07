"""Connections that close when the session behind them ends: at a word, and where that was lost, by asking.

A session's stream carries no values; whatever is sent on it means that it is over.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string

from core.live.database import in_a_thread

log = structlog.get_logger(__name__)

STREAM = "session"
ASK_SECONDS = 3.0
"""Nobody listens longer than this to what his ended session may not see, whatever happened to the word."""

Close = Callable[[], None]
Ended = Callable[[Collection[str]], Iterable[str]]
"""Which of these sessions count no more. Named by the setting LIVE_ENDED_SESSIONS and called in a thread."""


class Endings:
    """Used in the event loop's thread alone. One question to the database serves all of its connections."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[Close]] = {}
        self._asking: asyncio.Task[None] | None = None

    def watch(self, session_id: str, close: Close) -> None:
        self._waiting.setdefault(session_id, set()).add(close)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="live-feed-endings")

    def unwatch(self, session_id: str, close: Close) -> None:
        waiting = self._waiting.get(session_id, set())
        waiting.discard(close)
        if not waiting:
            self._waiting.pop(session_id, None)

    def heard(self, stream: str) -> None:
        """Of a value on `stream`; those of sessions alone matter here."""
        kind, _, session_id = stream.partition(":")
        if kind == STREAM:
            self._close(session_id)

    def _close(self, session_id: str) -> None:
        for close in tuple(self._waiting.get(session_id, ())):
            close()

    async def _ask(self) -> None:
        """For as long as somebody is signed in here."""
        while self._waiting:
            await asyncio.sleep(ASK_SECONDS)
            try:
                ended = await in_a_thread(_ended(), tuple(self._waiting))
            except DatabaseError as error:
                log.warning("live_feed_without_database", error=type(error).__name__)
                continue
            for session_id in ended:
                self._close(session_id)


def _ended() -> Ended:
    path: str = getattr(settings, "LIVE_ENDED_SESSIONS", "")
    return import_string(path) if path else lambda session_ids: ()
