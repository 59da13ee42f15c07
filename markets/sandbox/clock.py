"""Market time inside the sandbox: a straight line through one anchor, or standing still for tests."""

import threading
import time
from collections.abc import Callable


class SandboxClock:
    """`market = market_at + (wall - wall_at) * speed`, in Unix seconds; speed 0 stands still.

    It may be moved while the server runs, which is how clocks ahead, behind and jumping are tried out.
    """

    def __init__(
        self, market_at: float, wall_at: float, speed: float, wall: Callable[[], float] = time.time
    ) -> None:
        self._anchor = (market_at, wall_at, speed)
        self._wall = wall
        self._lock = threading.Lock()

    @property
    def speed(self) -> float:
        return self._anchor[2]

    def wall(self) -> float:
        return self._wall()

    def now(self) -> float:
        market_at, wall_at, speed = self._anchor
        return market_at + (self._wall() - wall_at) * speed

    def move(self, *, market_at: float | None = None, speed: float | None = None) -> None:
        """From now on the market stands at `market_at` (default: where it is) and runs at `speed` (default:
        as it did).
        """
        with self._lock:
            moment = self.now() if market_at is None else market_at
            self._anchor = (moment, self._wall(), self.speed if speed is None else speed)
