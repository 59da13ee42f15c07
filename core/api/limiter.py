"""Counting requests in fixed windows, exactly: one script in Redis, one lock in memory.

A window begins with its first request. A key names who is counted and what for, `scope:who`; whoever counts by an
e-mail address or the like makes a digest of it first, since keys stand in Redis in plain. Several counts are one
decision: a request that one of them refuses takes nothing from the others.
"""

import threading
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from core.api.tally import COUNT_MINUTE, MemoryTally, RedisTally, Tally
from core.net.redis_link import Away, RedisLink, Script

MOST_KEYS = 50_000

COUNT_ALL = (
    COUNT_MINUTE
    + """
    -- Counts one more under each key unless one of them is full; gives whether, and each count and what is left of
    -- its window. A full key holds one more than its limit for an instant that nobody sees.
    local function count_all(keys, limits, window)
        local allowed, found = 1, {}
        for i, key in ipairs(keys) do
            local count = redis.call('INCR', key)
            local left = redis.call('PTTL', key)
            if left < 0 then
                left = tonumber(window[i])
                redis.call('PEXPIRE', key, left)
            end
            if count > tonumber(limits[i]) then allowed = 0 end
            found[2 * i - 1], found[2 * i] = count, left
        end
        if allowed == 0 then
            for _, key in ipairs(keys) do redis.call('DECR', key) end
        end
        return allowed, found
    end
    """
)
_COUNT = Script(
    COUNT_ALL
    + """
    -- KEYS: tally, then the counts. ARGV: minute and scope, then limit and milliseconds of each count
    local keys, limits, windows = {}, {}, {}
    for i = 2, #KEYS do
        keys[i - 1], limits[i - 1], windows[i - 1] = KEYS[i], ARGV[2 * i - 2], ARGV[2 * i - 1]
    end
    local allowed, found = count_all(keys, limits, windows)
    count_minute(KEYS[1], ARGV[1], allowed)
    return {allowed, found}
    """
)


class Verdict(NamedTuple):
    """`reset` is how many seconds remain of the window, at least 1."""

    allowed: bool
    limit: int
    remaining: int
    reset: int


class Count(NamedTuple):
    """One of the counts that a request falls under."""

    key: str
    limit: int
    window_seconds: int


class Limiter(Protocol):
    is_remote: bool
    """Whether a hit asks another process, which an event loop must not wait for."""

    @property
    def tally(self) -> Tally:
        """How many passed and were refused lately, by minute and by the scope of the first key."""

    def hit_all(self, counts: Sequence[Count], now: float) -> list[Verdict]:
        """Count one more under each, unless one of them is full; then nothing is counted, and the verdicts of
        the full ones are not `allowed`. `now` is any clock in seconds that never goes back."""

    def hit(self, key: str, limit: int, window_seconds: int, now: float) -> Verdict:
        """Count one more for `key` alone."""


def verdict_of(count: int, limit: int, left_seconds: float) -> Verdict:
    """`count` includes the request that is judged."""
    return Verdict(count <= limit, limit, max(limit - count, 0), max(1, -int(-left_seconds // 1)))


def scope_of(key: str) -> str:
    return key.partition(":")[0]


class MemoryLimiter:
    """Counts in this process. Bounded: when full, windows that have ended go first, then those that began
    first."""

    is_remote = False

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        self._windows: dict[str, list[float]] = {}
        self._lock = threading.Lock()
        self._most_keys = most_keys
        self.tally = MemoryTally()

    def hit(self, key: str, limit: int, window_seconds: int, now: float) -> Verdict:
        return self.hit_all((Count(key, limit, window_seconds),), now)[0]

    def hit_all(self, counts: Sequence[Count], now: float) -> list[Verdict]:
        with self._lock:
            windows = [self._window(count, now) for count in counts]
            verdicts = [
                verdict_of(int(window[0]) + 1, count.limit, window[1] - now)
                for count, window in zip(counts, windows, strict=True)
            ]
            allowed = all(verdict.allowed for verdict in verdicts)
            for window in windows if allowed else ():
                window[0] += 1
        self.tally.add(scope_of(counts[0].key), allowed)
        return verdicts

    def _window(self, count: Count, now: float) -> list[float]:
        """How many it holds and when it ends; a new one stands behind those that began earlier."""
        window = self._windows.get(count.key)
        if window is None or now >= window[1]:
            self._make_room(now)
            self._windows.pop(count.key, None)
            window = self._windows[count.key] = [0, now + count.window_seconds]
        return window

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
        self.tally = RedisTally(link, prefix, self._fallback.tally)

    def hit(self, key: str, limit: int, window_seconds: int, now: float) -> Verdict:
        return self.hit_all((Count(key, limit, window_seconds),), now)[0]

    def hit_all(self, counts: Sequence[Count], now: float) -> list[Verdict]:
        tally_key, minute = self.tally.place(scope_of(counts[0].key))
        keys = (tally_key, *(self._prefix + count.key for count in counts))
        bounds = [bound for count in counts for bound in (count.limit, count.window_seconds * 1000)]
        try:
            _, found = self._link.script(_COUNT, keys, minute, *bounds)
        except Away:
            return self._fallback.hit_all(counts, now)
        return [
            verdict_of(found[2 * place], count.limit, found[2 * place + 1] / 1000)
            for place, count in enumerate(counts)
        ]
