"""How many requests passed and were refused lately, by minute and scope: for whoever watches, never for a decision.

It lies beside the counts, in the same store and written with them: a hash for each hour in Redis, a dictionary in
memory. `core.api.throttling.tallies` reads it.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from core.net.redis_link import Away, RedisLink, Script

KEPT_HOURS = 24
_MINUTE, _HOUR = 60, 3600

COUNT_MINUTE = """
    local function count_minute(hour, minute, allowed)
        if redis.call('HINCRBY', hour, minute .. allowed, 1) == 1 then redis.call('EXPIRE', hour, 90000) end
    end
    """
_READ = Script(
    """
    local found = {}
    for i, hour in ipairs(KEYS) do found[i] = redis.call('HGETALL', hour) end
    return found
    """
)


class Minute(NamedTuple):
    """What happened in the minute that began at `at`; a scope is `address`, `user`, `login`, `mail`, …"""

    at: datetime
    scope: str
    passed: int
    refused: int


class Tally(Protocol):
    def read(self, hours: int) -> list[Minute]:
        """The newest so many hours (24 at most), oldest first; minutes without a request are left out."""


Counts = Counter[tuple[int, str, bool]]
"""By start of the minute in seconds since 1970, scope, and whether it passed."""


class MemoryTally:
    """`clock` is wall time in seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counts = Counter()
        self._swept = 0

    def add(self, scope: str, allowed: bool) -> None:
        minute = int(self._clock()) // _MINUTE * _MINUTE
        with self._lock:
            self._counts[minute, scope, allowed] += 1
            if minute - self._swept >= _HOUR:
                self._swept = minute
                kept = minute - KEPT_HOURS * _HOUR
                self._counts = Counter({one: n for one, n in self._counts.items() if one[0] >= kept})

    def read(self, hours: int) -> list[Minute]:
        with self._lock:
            counts = Counter(self._counts)
        return _minutes(counts, self._clock(), hours)


class RedisTally:
    """While Redis is away, what this process counted meanwhile is all there is to see."""

    def __init__(
        self, link: RedisLink, prefix: str, fallback: Tally, clock: Callable[[], float] = time.time
    ) -> None:
        self._link, self._prefix, self._fallback, self._clock = link, f"{prefix}:tally:", fallback, clock

    def place(self, scope: str) -> tuple[str, str]:
        """The hash of this hour, and the beginning of the field of this minute and scope."""
        second = int(self._clock())
        return f"{self._prefix}{second // _HOUR}", f"{second // _MINUTE * _MINUTE}:{scope}:"

    def read(self, hours: int) -> list[Minute]:
        newest = int(self._clock()) // _HOUR
        keys = tuple(f"{self._prefix}{newest - back}" for back in range(min(hours, KEPT_HOURS) + 1))
        try:
            found = self._link.script(_READ, keys)
        except Away:
            return self._fallback.read(hours)
        return _minutes(_counted(found), self._clock(), hours)


def _counted(hashes: list[list[bytes]]) -> Counts:
    counts: Counts = Counter()
    for fields in hashes:
        for name, number in zip(fields[::2], fields[1::2], strict=True):
            minute, scope, allowed = name.decode().split(":")
            counts[int(minute), scope, allowed == "1"] += int(number)
    return counts


def _minutes(counts: Counts, now: float, hours: int) -> list[Minute]:
    since = now - hours * _HOUR
    places = sorted({(minute, scope) for minute, scope, _ in counts if minute >= since})
    return [
        Minute(
            datetime.fromtimestamp(minute, UTC),
            scope,
            counts[minute, scope, True],
            counts[minute, scope, False],
        )
        for minute, scope in places
    ]
