"""A live feed of its own for a test, with clients that read when they are told to."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from asgiref.sync import async_to_sync

from core.live.consumer import LiveFeed
from core.live.embedded import ProcessFeed
from core.live.hub import Hub
from core.live.item import Payload, head
from core.live.topic import PersonalTopic, Topic

PATIENCE_SECONDS = 60


def in_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a test that awaits. Its database calls stay in the test's thread, inside its transaction."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        async_to_sync(test)(*args, **kwargs)

    return run


class StubTopic(Topic):
    """`prices` in small: these symbols are followed, and the database would say this about them."""

    name = "prices"

    def __init__(self, **stored: Payload | None) -> None:
        self.stored: dict[str, Payload | None] = dict(stored)
        self.readings = 0

    def snapshot(self, parameters: Mapping[str, str]) -> Mapping[str, Payload | None]:
        self.readings += 1
        return dict(self.stored)

    def frames(self, fragments: Any) -> list[str]:
        return [f'{{"type":"prices","items":[{",".join(fragments)}]}}']


class Client:
    """One socket, at the border of the ASGI application."""

    def __init__(
        self,
        application: Any,
        path: str = "/ws/v1/",
        headers: Mapping[str, str] | None = None,
        query: bytes = b"",
    ) -> None:
        pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        self._scope = {"type": "websocket", "path": path, "headers": pairs, "query_string": query}
        self._application = application
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._reads = asyncio.Event()
        self._reads.set()

    async def __aenter__(self) -> "Client":
        self._running = asyncio.create_task(self._application(self._scope, self._sent.get, self._take))
        self._sent.put_nowait({"type": "websocket.connect"})
        self.first = await self.message()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reads.set()
        self._sent.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self._running, PATIENCE_SECONDS)

    async def _take(self, message: dict[str, Any]) -> None:
        await self._reads.wait()
        self._got.put_nowait(message)

    def stop_reading(self) -> None:
        self._reads.clear()

    def read_again(self) -> None:
        self._reads.set()

    def say(self, text: str | bytes) -> None:
        kind = "text" if isinstance(text, str) else "bytes"
        self._sent.put_nowait({"type": "websocket.receive", kind: text})

    async def message(self, within: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The next one; the application's own error where it ended with one."""
        getting = asyncio.ensure_future(self._got.get())
        await asyncio.wait({getting, self._running}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if not getting.done():
            getting.cancel()
            if self._running.done():
                await self._running
            raise TimeoutError
        return getting.result()

    async def frame(self) -> dict[str, Any]:
        message = await self.message()
        assert message["type"] == "websocket.send", message
        return orjson.loads(message["text"])

    async def ask(self, action: str, **fields: object) -> dict[str, Any]:
        self.say(orjson.dumps({"action": action, **fields}).decode())
        return await self.frame()

    async def subscribe(
        self, symbols: object = "*", channel: str = "prices", **fields: object
    ) -> dict[str, Any]:
        """The snapshot frame, once the subscription is acknowledged."""
        answer = await self.ask("subscribe", channel=channel, symbols=symbols, **fields)
        assert answer["type"] == "subscribed", answer
        return await self.frame()

    async def expect_nothing_more(self) -> None:
        """Frames come in order: what is not before the pong is not there."""
        assert await self.ask("ping") == {"type": "pong"}


class Feed:
    """A feed within this process, with its publisher."""

    def __init__(self, *topics: Topic) -> None:
        self.publisher = ProcessFeed()
        self.hub = Hub(self.publisher)
        self.application = LiveFeed(self.hub, [*topics, PersonalTopic("user")])

    def publish(self, stream: str = "prices", **payloads: Payload) -> None:
        self.publisher.publish(stream, {symbol: head(payload) for symbol, payload in payloads.items()})

    def client(self, **options: Any) -> Client:
        return Client(self.application, **options)


def at(price: float) -> Payload:
    return {"price": price}


@asynccontextmanager
async def following(*symbols: str) -> AsyncIterator[tuple[Feed, Client]]:
    """A feed that follows these symbols, which cost 1, and a client connected to it."""
    feed = Feed(StubTopic(**{symbol: at(1) for symbol in symbols}))
    async with feed.client() as client:
        yield feed, client
    await feed.hub.stop()
