"""What is kept in the cache and in Redis between requests, and how a test forgets it."""

import redis
from django.conf import settings
from django.core.cache import cache


def forget_cached() -> None:
    """On Redis only this process's keys: emptying the database would take those of a suite beside this one."""
    if not settings.REDIS_URL:
        cache.clear()
        return
    with redis.Redis.from_url(settings.REDIS_URL) as link:
        own = list(link.scan_iter(match=f"{settings.KEY_PREFIX}:*", count=1000))
        if own:
            link.delete(*own)
