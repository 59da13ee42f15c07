"""Where ready bytes lie: a dictionary in each process, and behind it Redis where there are several processes.

An entry is trusted for a second before Redis is asked again, so what another process dropped is gone after a
second. Embedded there is one process, whose dictionary is all there is.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import structlog
from django.conf import settings

from core.api.conditional import etag_of
from core.api.hot.ready import Ready
from core.api.hot.shared import SharedBytes
from core.api.throttling import redis_link
from core.net.redis_link import Away

log = structlog.get_logger(__name__)

TRUSTED_SECONDS = 1.0
MOST_ENTRIES = 16_384
MOST_BYTES = 64 * 1024 * 1024


class HotStore:
    """`clock` is wall time in seconds since 1970."""

    def __init__(self, shared: SharedBytes | None = None, clock: Callable[[], float] = time.time) -> None:
        self._shared, self._clock = shared, clock
        self._entries: dict[str, Ready] = {}
        self._missing: dict[str, float] = {}
        self._bytes = 0
        self._drops = 0
        self._lock = threading.Lock()

    @property
    def is_remote(self) -> bool:
        return self._shared is not None

    def get(self, key: str) -> Ready | None:
        now = self._clock()
        ready = self._entries.get(key)
        if ready is not None and now < ready.trusted_until:
            return ready
        if self._shared is not None:
            return self._fetched(self._shared, key, now)
        if ready is not None:
            self._forget(key)
        return None

    def put(
        self,
        key: str,
        body: bytes,
        expires_at: datetime,
        max_age: int,
        *,
        content_type: str = "application/json",
        since: int | None = None,
    ) -> Ready:
        """Keep `body` until `expires_at` (wall time). With `since` (from `moment`), not if something was
        dropped meanwhile: a reply that was being made of old rows must not outlive the drop that announced
        the new ones."""
        now = self._clock()
        ready = Ready(body, etag_of(body), content_type, expires_at.timestamp(), max_age)
        if now < ready.expires and self._shared_took(key, ready, now, since):
            self._remember(key, ready, now, since)
        return ready

    def moment(self) -> int | None:
        """Where the drops stand now; None where that cannot be told, so that nothing is kept."""
        if self._shared is None:
            return self._drops
        try:
            return self._shared.drops()
        except Away:
            return None

    def drop(self, prefix: str) -> None:
        """Forget every reply whose key begins with `prefix`, here at once and elsewhere within a second."""
        if self._shared is not None:
            try:
                self._shared.drop(prefix)
            except Away:
                log.warning("hot_drop_lost", prefix=prefix, effect="old replies are served until they expire")
        with self._lock:
            self._drops += 1
            for key in [key for key in self._entries if key.startswith(prefix)]:
                self._bytes -= len(self._entries.pop(key).body)
            self._missing.clear()

    def _shared_took(self, key: str, ready: Ready, now: float, since: int | None) -> bool:
        if self._shared is None:
            return True
        try:
            return self._shared.put(key, ready, now, since)
        except Away:
            return False

    def _fetched(self, shared: SharedBytes, key: str, now: float) -> Ready | None:
        """Ask Redis, at most once a second for each key; what it doesn't have isn't asked for again so soon
        either."""
        if now < self._missing.get(key, 0.0):
            return None
        try:
            found = shared.get(key)
        except Away:
            found = None
        if found is None or now >= found.expires:
            self._forget(key)
            if len(self._missing) >= MOST_ENTRIES:
                self._missing.clear()
            self._missing[key] = now + TRUSTED_SECONDS
            return None
        known = self._entries.get(key)
        if known is not None and known.etag == found.etag and known.expires == found.expires:
            known.trusted_until = min(known.expires, now + TRUSTED_SECONDS)
            return known
        return self._remember(key, found, now)

    def _remember(self, key: str, ready: Ready, now: float, since: int | None = None) -> Ready:
        ready.trusted_until = min(ready.expires, now + TRUSTED_SECONDS) if self._shared else ready.expires
        with self._lock:
            if self._shared is None and since not in (None, self._drops):
                return ready
            old = self._entries.pop(key, None)
            self._bytes += len(ready.body) - (len(old.body) if old else 0)
            self._entries[key] = ready
            self._missing.pop(key, None)
            while len(self._entries) > MOST_ENTRIES or self._bytes > MOST_BYTES:
                oldest = next(iter(self._entries))
                self._bytes -= len(self._entries.pop(oldest).body)
        return ready

    def _forget(self, key: str) -> None:
        with self._lock:
            old = self._entries.pop(key, None)
            self._bytes -= len(old.body) if old else 0


@cache
def store() -> HotStore:
    """This process's store."""
    link = redis_link()
    return HotStore(SharedBytes(link, settings.KEY_PREFIX) if link else None)


def get(key: str) -> Ready | None:
    return store().get(key)


def put(key: str | None, body: bytes, expires_at: datetime, max_age: int, **more: Any) -> None:
    """Keep a reply; `key` is from `hot.key`. See `HotStore.put`."""
    if key is None:
        raise ValueError("This address has no key: its spelling is odd.")
    store().put(key, body, expires_at, max_age, **more)


def drop(prefix: str) -> None:
    store().drop(prefix)
