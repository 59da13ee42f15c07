"""The publisher and the hub of this process: in memory where one process does everything, over Redis else."""

from functools import cache
from typing import Protocol

from django.conf import settings

from core.live.embedded import ProcessFeed
from core.live.hub import Hub
from core.live.over_redis import RedisListener, RedisPublisher


class Publisher(Protocol):
    def publish(self, stream: str, heads: dict[str, str]) -> None:
        """Number these values and hand them to every hub; each text is JSON left open by `item.head`."""

    def send(self, stream: str, fragments: dict[str, str]) -> None:
        """Hand over values that carry no number; each text is whole JSON."""


@cache
def publisher() -> Publisher:
    return RedisPublisher(settings.REDIS_URL, settings.KEY_PREFIX) if settings.REDIS_URL else _process_feed()


@cache
def hub() -> Hub:
    if settings.REDIS_URL:
        return Hub(RedisListener(settings.REDIS_URL, settings.KEY_PREFIX))
    return Hub(_process_feed())


@cache
def _process_feed() -> ProcessFeed:
    return ProcessFeed()
