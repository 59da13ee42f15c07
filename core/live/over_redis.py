"""The live feed over Redis: publishers anywhere, one subscription in each process that holds connections."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

import orjson
import redis
import redis.asyncio
import structlog

from core.live.census import FORGOTTEN_SECONDS, Report
from core.live.item import Item, packed, unpacked

if TYPE_CHECKING:
    from core.live.hub import Hub

log = structlog.get_logger(__name__)
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_LISTEN_SECONDS = 5.0
_UNNUMBERED = "-"
"""First letter of a message whose values count one by one; numbered ones begin with their stream's name."""

# What numbers begin after is a time in milliseconds: a Redis that was emptied goes on above every number that clients
# saw, and they notice the gap.
_FIRST = """
local time = redis.call('TIME')
redis.call('SET', KEYS[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), 'NX')
local first = redis.call('GET', KEYS[1])
"""
# Number, keep and publish in one step: what is read back always fits what was sent, whoever else publishes.
_PUBLISH = f"""{_FIRST}
local lines = {{ARGV[2]}}
redis.call('SADD', KEYS[4], ARGV[2])
for i = 3, #ARGV, 2 do
  redis.call('HSETNX', KEYS[2], ARGV[i], first)
  local seq = redis.call('HINCRBY', KEYS[2], ARGV[i], 1)
  local fragment = ARGV[i + 1] .. seq .. '}}'
  redis.call('HSET', KEYS[3], ARGV[i], fragment)
  lines[#lines + 1] = ARGV[i]
  lines[#lines + 1] = seq
  lines[#lines + 1] = fragment
end
redis.call('PUBLISH', ARGV[1], table.concat(lines, '\\n'))
"""


class Names:
    """The keys of one installation."""

    def __init__(self, prefix: str) -> None:
        self.channel = f"{prefix}:feed"
        self.first = f"{prefix}:feed:first"
        self.reports = f"{prefix}:feed:reports"
        self.streams = f"{prefix}:feed:streams"
        self._prefix = prefix

    def seqs(self, stream: str) -> str:
        return f"{self._prefix}:feed:seq:{stream}"

    def newest(self, stream: str) -> str:
        return f"{self._prefix}:feed:newest:{stream}"


class RedisPublisher:
    """Safe in any thread and after a fork, as the client's connection pool is."""

    def __init__(self, url: str, prefix: str) -> None:
        self._names = Names(prefix)
        self._client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        self._script = self._client.register_script(_PUBLISH)

    def publish(self, stream: str, heads: dict[str, str]) -> None:
        names = self._names
        flat = [text for pair in heads.items() for text in pair]
        self._script(
            keys=[names.first, names.seqs(stream), names.newest(stream), names.streams],
            args=[names.channel, stream, *flat],
        )

    def send(self, stream: str, fragments: dict[str, str]) -> None:
        items = [Item(key, 0, fragment) for key, fragment in fragments.items()]
        self._client.publish(self._names.channel, _UNNUMBERED + packed(stream, items))

    def reports(self) -> list[Report]:
        told: dict[bytes, bytes] = self._client.hgetall(self._names.reports)  # type: ignore[assignment]
        return [orjson.loads(text) for text in told.values()]

    def close(self) -> None:
        self._client.close()


class RedisListener:
    """One subscription. When it breaks it is made again, and what was missed is read from what is kept."""

    def __init__(self, url: str, prefix: str) -> None:
        self._url, self._names = url, Names(prefix)
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._client: Any = None

    async def start(self, hub: "Hub") -> None:
        self._listening = asyncio.Event()
        self._task = asyncio.create_task(self._listen_for_good(hub), name="live-feed-listener")

    async def listening(self) -> None:
        await self._listening.wait()

    async def report(self, report: Report) -> None:
        if self._client is not None:
            with suppress(redis.RedisError, OSError):
                key = self._names.reports
                await self._client.hset(key, report["process"], orjson.dumps(report).decode())
                await self._client.expire(key, int(FORGOTTEN_SECONDS))

    async def stop(self, hub: "Hub") -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _listen_for_good(self, hub: "Hub") -> None:
        pause = _SHORTEST_PAUSE
        while True:
            try:
                async with aclosing(self._messages(hub)) as messages:
                    async for message in messages:
                        pause = _SHORTEST_PAUSE
                        _deliver(hub, message)
            except (redis.RedisError, OSError) as error:
                log.warning("live_feed_lost_redis", error=type(error).__name__, pause_seconds=round(pause, 1))
            except Exception:  # one message that makes no sense must not end the feed for everybody
                log.exception("live_feed_listener_failed")
            self._listening.clear()
            self._client = None
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  jitter, no secret
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _messages(self, hub: "Hub") -> AsyncGenerator[str, None]:
        client = redis.asyncio.Redis.from_url(
            self._url,
            decode_responses=True,
            client_name=self._names.channel,
            socket_connect_timeout=5,
            health_check_interval=10,
        )
        async with client, client.pubsub(ignore_subscribe_messages=False) as subscription:
            self._client = client
            await subscription.subscribe(self._names.channel)
            while True:
                message = await subscription.get_message(timeout=_LISTEN_SECONDS)
                if message and message["type"] == "subscribe":
                    await self._catch_up(hub, client)
                    self._listening.set()
                elif message and message["type"] == "message":
                    yield message["data"]

    async def _catch_up(self, hub: "Hub", client: Any) -> None:
        """Only once subscribed: what is published from here on comes as a message; nothing falls between."""
        hub.count_from(int(await client.eval(f"{_FIRST} return first", 1, self._names.first)))
        for stream in await client.smembers(self._names.streams):
            pipeline = client.pipeline(transaction=True)
            pipeline.hgetall(self._names.seqs(stream))
            pipeline.hgetall(self._names.newest(stream))
            seqs, newest = await pipeline.execute()
            hub.deliver(stream, [Item(key, int(seqs[key]), text) for key, text in newest.items()])


def _deliver(hub: "Hub", message: str) -> None:
    numbered = not message.startswith(_UNNUMBERED)
    stream, items = unpacked(message.removeprefix(_UNNUMBERED))
    hub.deliver(stream, items, numbered=numbered)
