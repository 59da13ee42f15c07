"""One connection to the live feed: the protocol of docs/api.md, "Live feed".

It reads frames and answers each before it reads the next; its postman brings what is published meanwhile.
A reader who stops holds up nobody but himself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from django.db import DatabaseError

from core.lib.clock import wall_now
from core.lib.errors import (
    BadInput,
    KhalsiError,
    NotAllowed,
    NotSignedIn,
    ServiceUnavailable,
    TooLarge,
    TooMany,
)
from core.live import protocol
from core.live.hub import Hub
from core.live.identity import Identity, identity_by_cookie, identity_by_token
from core.live.limits import MAX_BAD_FRAMES, MAX_FRAMES_PER_SECOND, FrameRate
from core.live.postman import Postman, Send
from core.live.protocol import BadFrame
from core.live.ready import write_ready_of
from core.live.subscriptions import EVERY, Subscriptions, Symbols
from core.live.topic import Fields, Stream, Topic, wanted_symbols

log = structlog.get_logger(__name__)
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Ending = tuple[int, KhalsiError]
"""The close code, and what the client is told before."""
_LAST_WORDS_SECONDS = 1.0
_SIGN_IN_ENDED = protocol.SIGN_IN_ENDED, NotSignedIn("The sign-in has ended; connect and sign in again.")
_READS_TOO_SLOWLY = (
    protocol.TOO_SLOW,
    TooMany("Too much waits for you; connect again and ask the inbox.", retry_after=1),
)
_SLOW_DOWN = f"Send {MAX_FRAMES_PER_SECOND} frames a second at most."


class LiveFeed:
    """The ASGI application: every connection of one hub, with the topics that the roof lists by name."""

    def __init__(self, hub: Hub, topics: Iterable[Topic]) -> None:
        self.hub = hub
        self.topics = {topic.name: topic for topic in topics}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await self.hub.start()
        await Connection(self, scope, receive, send).serve()


class Connection:
    __slots__ = (
        "_bad_frames",
        "_because",
        "_deadline",
        "_feed",
        "_identity",
        "_postman",
        "_rate",
        "_receive",
        "_scope",
        "_send",
        "_streams",
        "_subscriptions",
        "_watched",
        "since",
    )

    def __init__(self, feed: LiveFeed, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self._feed, self._scope, self._receive, self._send = feed, scope, receive, send
        self._identity: Identity | None = None
        self._postman = Postman(send, write_ready_of(scope), self._give_up)
        self._subscriptions = Subscriptions()
        self._streams: dict[str, Stream] = {}
        self._rate = FrameRate(asyncio.get_running_loop().time())
        self._bad_frames = 0
        self._watched: str | None = None
        self._deadline = asyncio.timeout(None)
        self.since = wall_now().timestamp()
        self._because: Ending = _SIGN_IN_ENDED

    @property
    def session_id(self) -> str | None:
        return self._identity.session_id if self._identity else None

    @property
    def frames(self) -> int:
        return self._postman.frames

    async def serve(self) -> None:
        """Until the client goes, or has to."""
        if (await self._receive())["type"] != "websocket.connect":
            return
        with suppress(DatabaseError):  # prices are for everybody; who signs in later is told
            self._identity = await identity_by_cookie(self._scope)
        with suppress(OSError):  # the client has gone, which is no error
            await self._send({"type": "websocket.accept"})
            await self._serve_accepted()

    async def _serve_accepted(self) -> None:
        self._feed.hub.welcome(self)
        try:
            ending = await self._read_in_time()
        finally:
            self._feed.hub.see_off(self)
            self._postman.stop()
            self._watch(None)
            self._leave()
        if ending is not None:
            with suppress(TimeoutError):  # who does not read cannot be told why
                async with asyncio.timeout(_LAST_WORDS_SECONDS):
                    await self._take_leave(*ending)

    async def _take_leave(self, code: int, error: KhalsiError) -> None:
        await self._send(protocol.refusal(error))
        await self._send({"type": "websocket.close", "code": code, "reason": error.code})

    async def _read_in_time(self) -> Ending | None:
        try:
            async with self._deadline:
                self._extend()
                self._watch(self._identity)
                return await self._read()
        except TimeoutError:
            if not self._deadline.expired():
                raise
            return self._because

    async def _read(self) -> Ending | None:
        while self._bad_frames < MAX_BAD_FRAMES:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return None
            await self._answer(message)
        return protocol.BAD_FRAMES, BadInput(f"{MAX_BAD_FRAMES} frames could not be read.")

    async def _answer(self, message: Mapping[str, Any]) -> None:
        try:
            if not self._rate.admits(asyncio.get_running_loop().time()):
                raise TooMany(_SLOW_DOWN, retry_after=1)
            fields = protocol.parsed(message)
            await getattr(self, f"_{fields['action']}")(fields)
        except KhalsiError as error:
            self._bad_frames += isinstance(error, (BadFrame, TooLarge, TooMany))
            await self._postman.say(protocol.refusal(error))
        except DatabaseError as error:
            log.warning("live_feed_without_database", error=type(error).__name__)
            await self._postman.say(protocol.refusal(ServiceUnavailable("The database is away; try again.")))

    # What a client may ask for; the names are those of `protocol.ACTIONS`.

    async def _ping(self, fields: Fields) -> None:
        await self._postman.say(protocol.PONG)

    async def _authenticate(self, fields: Fields) -> None:
        identity = await identity_by_token(fields.get("token"))
        if self._identity is not None and self._identity.user_id != identity.user_id:
            raise NotAllowed("This connection belongs to another user; open a new one.")
        self._watch(identity)
        self._identity = identity
        self._extend()
        await self._postman.say(protocol.frame("authenticated", user_id=identity.user_id))

    async def _subscribe(self, fields: Fields) -> None:
        stream, symbols = self._wanted(fields)
        board = await self._feed.hub.board(stream) if stream.topic.by_symbol else None
        if board and (unknown := board.unknown(symbols)):
            raise BadInput.at("symbols", f"not followed here: {', '.join(unknown)}. Nothing was subscribed.")
        async with self._postman.turn() as tell:
            self._listen(stream, self._subscriptions.with_added(stream.name, symbols))
            self._postman.mailbox.drop(stream.name, symbols)
            snapshot = stream.topic.frames(board.fragments(symbols)) if board else []
            answer = protocol.subscription("subscribed", stream, symbols)
            await tell([answer, *map(protocol.sent, snapshot)])

    async def _unsubscribe(self, fields: Fields) -> None:
        stream, symbols = self._wanted({"symbols": "*", **fields})
        async with self._postman.turn() as tell:
            self._listen(stream, self._subscriptions.with_removed(stream.name, symbols))
            self._postman.mailbox.drop(stream.name, symbols)
            await tell([protocol.subscription("unsubscribed", stream, symbols)])

    def _wanted(self, fields: Fields) -> tuple[Stream, Symbols]:
        channel = fields.get("channel")
        topic = self._feed.topics.get(channel) if isinstance(channel, str) else None
        if topic is None:
            raise BadFrame.at("channel", f"write one of {', '.join(self._feed.topics)}.")
        parameters = topic.parameters(fields, self._identity.user_id if self._identity else None)
        symbols = wanted_symbols(fields) if topic.by_symbol else EVERY
        return Stream(topic, tuple(parameters.items())), symbols

    def _listen(self, stream: Stream, symbols: Symbols) -> None:
        self._feed.hub.listen(stream, self._postman.mailbox, symbols)
        if symbols:
            self._streams[stream.name] = stream
        else:
            self._streams.pop(stream.name, None)

    def _leave(self) -> None:
        for stream in self._streams.values():
            self._feed.hub.listen(stream, self._postman.mailbox, frozenset())

    def _extend(self) -> None:
        """End with the sign-in, or never where nobody signed in."""
        expires_at = self._identity.expires_at if self._identity else None
        if expires_at is not None:
            left = (expires_at - wall_now()).total_seconds()
            self._deadline.reschedule(asyncio.get_running_loop().time() + left)
        elif self._identity:
            self._deadline.reschedule(None)

    def _watch(self, identity: Identity | None) -> None:
        """The session of `identity` from now on, and no other."""
        endings = self._feed.hub.endings
        if self._watched is not None:
            endings.unwatch(self._watched, self._end)
        self._watched = identity.session_id if identity else None
        if self._watched is not None:
            endings.watch(self._watched, self._end)

    def _give_up(self) -> None:
        self._because = _READS_TOO_SLOWLY
        self._end()

    def _end(self) -> None:
        self._deadline.reschedule(asyncio.get_running_loop().time())
