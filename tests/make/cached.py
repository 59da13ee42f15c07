"""What is kept in the cache, in queues and in Redis between requests, and how a test forgets it."""

from functools import cache

import redis
from django.conf import settings
from django.core.cache import cache as kept
from kombu.transport.memory import Channel


def forget_cached() -> None:
    """On Redis only this process's keys: emptying the database would take those of a suite beside this one."""
    if not settings.REDIS_URL:
        kept.clear()
        Channel.queues.clear()  # of tasks that were sent and that no worker of this process took
        return
    own = list(_link().scan_iter(match=f"{settings.KEY_PREFIX}:*", count=1000))
    if own:
        _link().delete(*own)


@cache
def _link() -> redis.Redis:
    """One for all tests of this process: each would need longer to connect than to ask."""
    return redis.Redis.from_url(settings.REDIS_URL)
