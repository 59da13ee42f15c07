"""How long the collector waits for what, in seconds. Tests are in more of a hurry."""

import time
from dataclasses import dataclass

from core.net.retry import RetryPolicy

_BACKOFF = RetryPolicy(base=1.0, cap=15.0)
"""With a steady connection between, far from the 300 attempts in five minutes that Binance allows."""


@dataclass(frozen=True)
class Rhythm:
    fold: float = 0.9
    """Between two folds at least. Exchanges speak once a second; a full one would never make up for a late message."""
    gather: float = 0.1
    """A first message waits so long for those that come with it."""
    heartbeat: float = 5.0
    pairs: float = 60.0
    refusals: float = 10.0
    silence: float = 30.0
    """Without a price that makes sense the connection counts as dead; not in a replay, whose prices come at closes."""
    renewal: float = 23.5 * 3600
    """Binance ends a connection after 24 hours."""
    steady: float = 5.0
    """A connection that lasted so long was a good one; its successor is tried soon."""
    replies: float = 60.0
    """Between two questions for what the stream would have said, while it is away."""
    ping: float = 20.0
    turn: float = 2.0
    """Between two looks whether another collector's lease has run out."""
    backoff: RetryPolicy = _BACKOFF


USUAL = Rhythm()


class Every:
    """Is due once in so many seconds, the first time at once unless told otherwise."""

    def __init__(self, seconds: float, *, at_once: bool = True) -> None:
        self._seconds = seconds
        self._last = -float("inf") if at_once else time.monotonic()

    def is_due(self) -> bool:
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True
