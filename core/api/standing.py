"""What is known of a credential for a few seconds: asked and counted in one round trip, so that no query is needed.

Whoever recognises a credential puts its standing here; whoever changes what it says of a user forgets that user, and
the next request of any process asks the database again. Should the word be lost (Redis away, a process killed right
after its commit), a standing ends by itself after `LASTS_SECONDS`.
"""

import threading
import time
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, Protocol

import structlog
from django.conf import settings
from django.db import transaction

from core.api.limiter import COUNT_ALL, Limiter, Verdict, verdict_of
from core.api.tally import RedisTally
from core.api.throttling import limiter, redis_link
from core.net.redis_link import Away, RedisLink, Script

log = structlog.get_logger(__name__)

LASTS_SECONDS = 5.0
MOST_STANDINGS = 20_000
_MARK_SECONDS = 60
"""A mark has to outlast every standing that it contradicts."""

_ASK = Script(
    COUNT_ALL
    + """
    -- KEYS: standing, changes, tally. ARGV: beginnings of marks and of counts, minute, milliseconds of a window or 0
    -- for no count, 1 where only a standing that reads will do
    local value = redis.call('GET', KEYS[1])
    local user, mark, limit, reads
    if value then user, mark, limit, reads = string.match(value, '^(.-)\\n(.-)\\n(%d+)\\n([01])\\n') end
    if not user or (redis.call('GET', ARGV[1] .. user) or '') ~= mark then
        return {redis.call('GET', KEYS[2]) or '0'}
    end
    if ARGV[4] == '0' or (ARGV[5] == '1' and reads == '0') then return {'', value} end
    local allowed, found = count_all({ARGV[2] .. user}, {limit}, {ARGV[4]})
    count_minute(KEYS[3], ARGV[3], allowed)
    return {'', value, found[1], found[2]}
    """
)
_PUT = Script(
    """
    -- KEYS: standing, changes, mark of the user. ARGV: changes as they were, milliseconds, user, the rest
    if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[1] then return 0 end
    local mark = redis.call('GET', KEYS[3]) or ''
    redis.call('SET', KEYS[1], ARGV[3] .. '\\n' .. mark .. '\\n' .. ARGV[4], 'PX', ARGV[2])
    return 1
    """
)
_FORGET = Script(
    """
    -- KEYS: changes, mark of the user. ARGV: seconds that the mark is kept
    redis.call('SET', KEYS[2], redis.call('INCR', KEYS[1]), 'EX', ARGV[1])
    """
)


class Standing(NamedTuple):
    """Whose credential it is, how many requests a window holds, whether public reads are open to it, and what else
    its owner (the app that recognised it) wants to know again."""

    user: str
    limit: int
    reads: bool
    facts: str


class Answer(NamedTuple):
    """The standing and the verdict, where it was counted; or `since`, to be handed to `put` with what is found."""

    standing: Standing | None = None
    verdict: Verdict | None = None
    since: str | None = None


class Standings(Protocol):
    def ask(self, name: str, window_seconds: int, *, to_read: bool = False) -> Answer:
        """What is known under this name, counting a request of its user unless the window is 0; with `to_read`
        only where it `reads`."""

    def put(self, name: str, standing: Standing, seconds: float, since: str | None) -> None:
        """Known for so long, and `LASTS_SECONDS` at most; not if anything changed after the `ask` that gave
        `since`."""

    def forget(self, user: str) -> None:
        """From now on nothing is known of this user."""


def counted_as(user: str) -> str:
    """The key of a user's requests in the limiter."""
    return f"user:{user}"


class MemoryStandings:
    """Of this process. `clock` is monotonic."""

    def __init__(self, counts: Callable[[], Limiter], clock: Callable[[], float] = time.monotonic) -> None:
        self._counts, self._clock = counts, clock
        self._known: dict[str, tuple[Standing, float]] = {}
        self._changes = 0
        self._lock = threading.Lock()

    def ask(self, name: str, window_seconds: int, *, to_read: bool = False) -> Answer:
        known = self._known.get(name)
        now = self._clock()
        if known is None or now >= known[1]:
            return Answer(since=str(self._changes))
        standing = known[0]
        if not window_seconds or (to_read and not standing.reads):
            return Answer(standing)
        verdict = self._counts().hit(counted_as(standing.user), standing.limit, window_seconds, now)
        return Answer(standing, verdict)

    def put(self, name: str, standing: Standing, seconds: float, since: str | None) -> None:
        with self._lock:
            if since != str(self._changes):
                return
            if len(self._known) >= MOST_STANDINGS:
                self._known.clear()
            self._known[name] = standing, self._clock() + min(seconds, LASTS_SECONDS)

    def forget(self, user: str) -> None:
        with self._lock:
            self._changes += 1
            for name in [name for name, (standing, _) in self._known.items() if standing.user == user]:
                del self._known[name]


class RedisStandings:
    """Of all processes together. While Redis is away nothing is known, so everybody asks the database."""

    def __init__(self, link: RedisLink, prefix: str, tally: RedisTally) -> None:
        self._link, self._tally = link, tally
        self._names, self._marks = f"{prefix}:standing:of:", f"{prefix}:standing:mark:"
        self._changes, self._counts = f"{prefix}:standing:changes", f"{prefix}:limit:{counted_as('')}"

    def ask(self, name: str, window_seconds: int, *, to_read: bool = False) -> Answer:
        hour, minute = self._tally.place("user")
        keys = (self._names + name, self._changes, hour)
        try:
            since, *found = self._link.script(
                _ASK, keys, self._marks, self._counts, minute, window_seconds * 1000, int(to_read)
            )
        except Away:
            return Answer()
        if not found:
            return Answer(since=since.decode())
        standing = _unpacked(found[0])
        verdict = verdict_of(found[1], standing.limit, found[2] / 1000) if len(found) > 1 else None
        return Answer(standing, verdict)

    def put(self, name: str, standing: Standing, seconds: float, since: str | None) -> None:
        milliseconds = int(min(seconds, LASTS_SECONDS) * 1000)
        if since is None or milliseconds < 1:
            return
        keys = (self._names + name, self._changes, self._marks + standing.user)
        rest = f"{standing.limit}\n{int(standing.reads)}\n{standing.facts}"
        try:
            self._link.script(_PUT, keys, since, milliseconds, standing.user, rest)
        except Away:
            return

    def forget(self, user: str) -> None:
        try:
            self._link.script(_FORGET, (self._changes, self._marks + user), _MARK_SECONDS)
        except Away:
            log.warning("standing_not_forgotten", effect=f"old rights count for {LASTS_SECONDS:g} s more")


def _unpacked(value: bytes) -> Standing:
    user, _, limit, reads, facts = value.decode().split("\n", 4)
    return Standing(user, int(limit), reads == "1", facts)


@cache
def standings() -> Standings:
    """This process's."""
    link, prefix = redis_link(), settings.KEY_PREFIX
    if link is None:
        return MemoryStandings(limiter)
    return RedisStandings(link, prefix, RedisTally(link, prefix, limiter().tally))


def forget(user: object) -> None:
    """Rights of `user` have changed: at once for who asks inside this transaction, and for all after its commit."""
    standings().forget(str(user))
    transaction.on_commit(lambda: standings().forget(str(user)))
