"""The publisher and the hub of this process: in memory where one process does everything, over Redis else."""

from datetime import datetime
from functools import cache
from typing import Protocol

import redis
from django.conf import settings

from core.live.census import Census, Report, census_of
from core.live.embedded import ProcessFeed
from core.live.hub import Hub
from core.live.over_redis import RedisListener, RedisPublisher


class Publisher(Protocol):
    def publish(self, stream: str, heads: dict[str, str]) -> None:
        """Number these values and hand them to every hub; each text is JSON left open by `item.head`."""

    def send(self, stream: str, fragments: dict[str, str]) -> None:
        """Hand over values that carry no number; each text is whole JSON."""

    def reports(self) -> list[Report]:
        """What each hub told last of who is connected to it."""


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


def who_is_connected(now: datetime) -> Census:
    """In all processes. Where Redis is away nobody is known to be."""
    try:
        return census_of(publisher().reports(), now)
    except (redis.RedisError, OSError):
        return Census(())
