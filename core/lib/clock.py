"""Wall time and market time.

Wall time rules sessions, limits and retries. Market time rules freshness, schedule slots, horizons, scoring and alert
windows: it equals wall time for live and simulated markets and runs at another speed, from another start, in a replay.
Both are read at the edge (a view, a task, a command) and passed in: a function that asks the time cannot be replayed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class MarketClock:
    """Market time as a straight line through one anchor: at `wall_at` the market stood at `market_at`."""

    market_at: datetime
    wall_at: datetime
    speed: float = 1.0

    def at(self, wall: datetime) -> datetime:
        return self.market_at + (wall - self.wall_at) * self.speed

    def wall_for(self, market: datetime) -> datetime:
        """When market time will be (or was) `market`."""
        return self.wall_at + (market - self.market_at) / self.speed


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WALL_CLOCK = MarketClock(_EPOCH, _EPOCH)


TRUSTED_SECONDS = 5.0
"""A process asks where market time stands this often: another one may have started the replay anew."""

Load = Callable[[], MarketClock | None]


def _wall_clock() -> MarketClock:
    return WALL_CLOCK


_load: Load = _wall_clock
_current: MarketClock | None = None
_asked = 0.0


def load_market_clock_with(load: Load) -> None:
    """Name the function that knows this process's market clock, or says None while it cannot tell."""
    global _load, _current
    _load, _current = load, None


def forget_market_clock() -> None:
    """Ask again at the next use, since the anchor was moved."""
    global _current
    _current = None


def market_clock() -> MarketClock:
    """What is known holds while nobody can tell; wall time where nothing is known, and only until it is."""
    global _current, _asked
    if _current is None or time.monotonic() - _asked > TRUSTED_SECONDS:
        _current = _load() or _current
        _asked = time.monotonic()
    return _current or WALL_CLOCK


def wall_now() -> datetime:
    return datetime.now(UTC)


def market_now() -> datetime:
    return market_clock().at(wall_now())


def floor_to(moment: datetime, seconds: int) -> datetime:
    """The last multiple of `seconds` since 1970 at or before `moment` (days and quarter hours start on UTC's grid)."""
    return moment - timedelta(seconds=int(moment.timestamp()) % seconds, microseconds=moment.microsecond)


def from_seconds(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def iso(moment: datetime) -> str:
    """UTC in ISO 8601 with `Z`, milliseconds only where there are any."""
    text = moment.astimezone(UTC).replace(tzinfo=None)
    return text.isoformat(timespec="milliseconds" if text.microsecond else "seconds") + "Z"
