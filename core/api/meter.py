"""How many requests came, what became of them and how long they took: by minute and surface, for whoever watches.

A request costs two additions under a lock. What was counted goes to Redis in one piece every few seconds, with the next
request, so that all processes are seen together; embedded it stays in this process.
"""

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple, Protocol

from django.conf import settings

from core.api.throttling import redis_link
from core.net.redis_link import Away, RedisLink, Script

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds; what took longer falls behind the last."""
KEPT_HOURS = 3
FLUSHED_EVERY = 5.0
_MINUTE, _HOUR = 60, 3600
_SURFACES = (
    ("/api/v1/health", "health"), ("/health", "health"), ("/metrics", "health"), ("/api/", "API"), ("/admin/", "staff"),
    ("/static/", "files"),
)  # fmt: skip

Counts = Counter[tuple[int, str, str]]
"""By start of the minute, surface, and class (`2xx`) or index of the bound (`3`)."""


class Traffic(NamedTuple):
    """The requests of one surface within one minute. `within` has one number for each bound and one for the rest."""

    at: datetime
    surface: str
    by_class: dict[str, int]
    within: tuple[int, ...]


class Store(Protocol):
    def add(self, counts: Counts) -> bool:
        """Whether they were taken."""

    def read(self, since: int) -> Counts: ...

    def totals(self) -> Counts:
        """All that was ever counted, under minute 0."""


def surface_of(path: str) -> str:
    return next((name for start, name in _SURFACES if path.startswith(start)), "pages")


class Meter:
    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._fresh: Counts = Counter()
        self._flushed = clock()

    def count(self, path: str, status: int, seconds: float) -> None:
        now = self._clock()
        minute, surface = int(now) // _MINUTE * _MINUTE, surface_of(path)
        with self._lock:
            self._fresh[minute, surface, f"{status // 100}xx"] += 1
            self._fresh[minute, surface, str(bisect_left(BOUNDS, seconds))] += 1
            is_due = now - self._flushed > FLUSHED_EVERY
            if is_due:
                self._flushed = now
        if is_due:
            self.flush()

    def flush(self) -> None:
        """What cannot be handed over now waits for the next time, the last hours of it."""
        with self._lock:
            fresh, self._fresh = self._fresh, Counter()
        if not fresh or self._store.add(fresh):
            return
        kept = self._clock() - KEPT_HOURS * _HOUR
        with self._lock:
            self._fresh.update({place: number for place, number in fresh.items() if place[0] >= kept})

    def read(self, minutes: int) -> list[Traffic]:
        """Oldest first, the minute that runs included; minutes without a request are left out."""
        self.flush()
        since = int(self._clock()) // _MINUTE * _MINUTE - minutes * _MINUTE
        return _traffic(self._store.read(since))

    def totals(self) -> list[Traffic]:
        """Since the counting began, by surface."""
        self.flush()
        return _traffic(self._store.totals())


class MemoryStore:
    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._lock, self._clock = threading.Lock(), clock
        self._counts: Counts = Counter()
        self._totals: Counts = Counter()

    def add(self, counts: Counts) -> bool:
        oldest = self._clock() - KEPT_HOURS * _HOUR
        with self._lock:
            self._counts.update(counts)
            for (_, surface, what), number in counts.items():
                self._totals[0, surface, what] += number
            for place in [place for place in self._counts if place[0] < oldest]:
                del self._counts[place]
        return True

    def read(self, since: int) -> Counts:
        with self._lock:
            return Counter({place: number for place, number in self._counts.items() if place[0] >= since})

    def totals(self) -> Counts:
        with self._lock:
            return Counter(self._totals)


_ADD = Script(
    """
    for i = 2, #ARGV, 3 do
        local hour = KEYS[1] .. ':' .. ARGV[i]
        redis.call('HINCRBY', hour, ARGV[i + 1], ARGV[i + 2])
        redis.call('EXPIRE', hour, ARGV[1])
        redis.call('HINCRBY', KEYS[1], string.gsub(ARGV[i + 1], '^%d+', '0'), ARGV[i + 2])
    end
    """
)


class RedisStore:
    """A hash for each hour, and one for all time."""

    def __init__(self, link: RedisLink, prefix: str, clock: Callable[[], float] = time.time) -> None:
        self._link, self._key, self._clock = link, f"{prefix}:meter", clock

    def add(self, counts: Counts) -> bool:
        words: list[str | int] = [(KEPT_HOURS + 1) * _HOUR]
        for (minute, surface, what), number in counts.items():
            words += [minute // _HOUR, f"{minute}:{surface}:{what}", number]
        try:
            self._link.script(_ADD, (self._key,), *words)
        except Away:
            return False
        return True

    def read(self, since: int) -> Counts:
        hours = range(since // _HOUR, int(self._clock()) // _HOUR + 1)
        found: Counts = Counter()
        for hour in hours:
            found.update(self._hash(f"{self._key}:{hour}"))
        return Counter({place: number for place, number in found.items() if place[0] >= since})

    def totals(self) -> Counts:
        return self._hash(self._key)

    def _hash(self, key: str) -> Counts:
        try:
            fields = self._link.hash(key)
        except Away:
            return Counter()
        counts: Counts = Counter()
        for name, number in fields.items():
            minute, surface, what = name.decode().split(":")
            counts[int(minute), surface, what] = int(number)
        return counts


@cache
def meter() -> Meter:
    """The one of this process."""
    link = redis_link()
    return Meter(RedisStore(link, settings.KEY_PREFIX) if link else MemoryStore())


def quantile(within: tuple[int, ...], share: float) -> float | None:
    """Seconds below which `share` of the requests stayed, as fine as the bounds are; None without requests."""
    wanted, seen, below = share * sum(within), 0, 0.0
    if not sum(within):
        return None
    for number, bound in zip(within, (*BOUNDS, BOUNDS[-1]), strict=True):
        if seen + number >= wanted and number:
            return below + (bound - below) * (wanted - seen) / number
        seen, below = seen + number, bound
    return below


def _traffic(counts: Counts) -> list[Traffic]:
    rows = []
    for minute, surface in sorted({(minute, surface) for minute, surface, _ in counts}):
        by_class = {
            what: number
            for (at, where, what), number in sorted(counts.items())
            if (at, where) == (minute, surface) and what.endswith("xx")
        }
        within = tuple(counts[minute, surface, str(index)] for index in range(len(BOUNDS) + 1))
        rows.append(Traffic(datetime.fromtimestamp(minute, UTC), surface, by_class, within))
    return rows
