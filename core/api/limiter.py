"""Counting requests in fixed windows, exactly: one script in Redis, one lock in memory.

A window begins with its first request. A key names who is counted and what for; whoever counts by an e-mail
address or the like makes a digest of it first, since keys stand in Redis in plain.
"""

import threading
from typing import NamedTuple, Protocol

from core.net.redis_link import Away, RedisLink, Script

MOST_KEYS = 50_000

_COUNT = Script(
    """
    local count = redis.call('INCR', KEYS[1])
    local left = redis.call('PTTL', KEYS[1])
    if left < 0 then
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        left = tonumber(ARGV[1])
    end
    return {count, left}
    """
)


class Verdict(NamedTuple):
    """`reset` is how many seconds remain of the window, at least 1."""

    allowed: bool
    limit: int
    remaining: int
    reset: int


class Limiter(Protocol):
    is_remote: bool
    """Whether a hit asks another process, which an event loop must not wait for."""

    def hit(self, key: str, limit: int, window_seconds: int, now: float) -> Verdict:
        """Count one more for `key`; `now` is any clock in seconds that never goes back."""


def _verdict(count: int, limit: int, left_seconds: float) -> Verdict:
    return Verdict(count <= limit, limit, max(limit - count, 0), max(1, -int(-left_seconds // 1)))


class MemoryLimiter:
    """Counts in this process. Bounded: when full, windows that have ended go first, then those that began
    first."""

    is_remote = False

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        self._windows: dict[str, list[float]] = {}
        self._lock = threading.Lock()
        self._most_keys = most_keys

    def hit(self, key: str, limit: int, window_seconds: int, now: float) -> Verdict:
        with self._lock:
            window = self._windows.get(key)
            if window is None or now >= window[1]:
                self._make_room(now)
                self._windows.pop(
                    key, None
                )  # a new window stands at the end, behind those that began earlier
                window = self._windows[key] = [0, now + window_seconds]
            window[0] += 1
            return _verdict(int(window[0]), limit, window[1] - now)

    def _make_room(self, now: float) -> None:
        if len(self._windows) < self._most_keys:
            return
        self._windows = {key: window for key, window in self._windows.items() if now < window[1]}
        while len(self._windows) >= self._most_keys:
            del self._windows[next(iter(self._windows))]


class RedisLimiter:
    """Counts for all processes together. While Redis is away each process counts for itself: it does not
    open."""

    is_remote = True

    def __init__(self, link: RedisLink, prefix: str, fallback: Limiter | None = None) -> None:
        self._link = link
        self._prefix = f"{prefix}:limit:"
        self._fallback = fallback or MemoryLimiter()

    def hit(self, key: str, limit: int, window_seconds: int, now: float) -> Verdict:
        try:
            count, left = self._link.script(_COUNT, (self._prefix + key,), window_seconds * 1000)
        except Away:
            return self._fallback.hit(key, limit, window_seconds, now)
        return _verdict(count, limit, left / 1000)
