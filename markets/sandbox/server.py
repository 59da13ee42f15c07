"""Starts and stops the sandbox: one threaded HTTP server over one market and one clock.

Roots: `/coingecko/api/v3`, `/binance/api/v3`, `/stream` and `/ws` (Binance's WebSocket streams),
`/stream/prices` (server-sent events). `/ping` answers as soon as the market is ready. Control: GET
`/control/state`, POST `/control/faults` with `{"fault", "target", "count", "probability", "retry_after",
"path"}` and DELETE to take all back (`faults.py` lists them), POST `/control/clock` with `{"market_at",
"speed"}`.
"""

import contextlib
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from markets.candles.folder import default_start
from markets.sandbox.clock import SandboxClock
from markets.sandbox.faults import Faults
from markets.sandbox.handler import Handler
from markets.sandbox.market import DAY
from markets.sandbox.replay import ReplayMarket
from markets.sandbox.simulation import SimulatedMarket


@dataclass(frozen=True)
class SandboxConfig:
    """What market to show and where. `market_at` and `wall_at` are one anchor of market time; speed 0 stands
    still.

    With `replay` (a candle folder) and no `market_at`, the replay starts now at `default_start`. Without
    `replay` the market is simulated and its time is wall time unless an anchor is given; `epoch` is the UTC
    day from which it is computed, today where it is left out. `tokens` is how many it has: the first of the
    registry, then invented ones.
    """

    host: str = "127.0.0.1"
    port: int = 0
    replay: Path | None = None
    speed: float = 1.0
    market_at: datetime | None = None
    wall_at: datetime | None = None
    seed: int = 1
    epoch: datetime | None = None
    tokens: int | None = None


class Listener(ThreadingHTTPServer):
    """The sockets; `sandbox` is what they serve."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: "SandboxServer") -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer would ask the name service who we are
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave in the middle are no error; anything else was logged by the handler."""

    def hang_up(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class SandboxServer:
    """A running sandbox. Tests may reach into `faults`, `clock` and `market`."""

    def __init__(self, config: SandboxConfig) -> None:
        self._listener = Listener((config.host, config.port), self)  # a taken port is found out at once
        try:
            self.clock, self.market = _clock_and_market(config)
        except BaseException:
            self._listener.server_close()
            raise
        self.faults = Faults(config.seed)
        self.stopping = threading.Event()
        self.requests: Counter[str] = Counter()
        self._weight = (0, 0)
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.1,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self._listener.server_address[0]!s}:{self.port}"

    @property
    def coingecko_url(self) -> str:
        """Base URL in place of `https://api.coingecko.com/api/v3`."""
        return f"{self.url}/coingecko/api/v3"

    @property
    def binance_url(self) -> str:
        """Base URL in place of `https://data-api.binance.vision`; `/api/v3` follows."""
        return f"{self.url}/binance"

    @property
    def stream_url(self) -> str:
        """In place of `wss://data-stream.binance.vision`."""
        return f"ws{self.url.removeprefix('http')}"

    def run(self) -> "SandboxServer":
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        if self._thread.is_alive():
            self._listener.shutdown()
            self._thread.join()
        self._listener.hang_up()
        self._listener.server_close()

    def __enter__(self) -> "SandboxServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def count(self, target: str, path: str) -> None:
        with self._lock:
            self.requests[f"{target} {path}"] += 1

    def used_weight(self, weight: int) -> int:
        """Binance's weight used in the present minute, this request included."""
        minute = int(time.time()) // 60
        with self._lock:
            then, used = self._weight
            self._weight = (minute, weight + (used if then == minute else 0))
            return self._weight[1]

    def move_clock(self, wish: Any) -> None:
        """From the body of a request: `market_at` in ISO 8601, `speed`, or both. Raises ValueError."""
        if not isinstance(wish, dict) or not set(wish) <= {"market_at", "speed"}:
            raise ValueError('write an object such as {"market_at": "2025-03-04T00:00:00Z", "speed": 60}')
        at, speed = wish.get("market_at"), wish.get("speed")
        if at is not None and not isinstance(at, str):
            raise ValueError("market_at: write a time in ISO 8601")
        if speed is not None and (not isinstance(speed, int | float) or speed < 0):
            raise ValueError("speed: write a number from 0")
        self.clock.move(market_at=None if at is None else _seconds(datetime.fromisoformat(at)), speed=speed)

    def state(self) -> dict[str, Any]:
        now = self.clock.now()
        return {
            "kind": self.market.kind,
            "identity": self.market.identity,
            "market_time": datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z"),
            "wall_time": datetime.fromtimestamp(self.clock.wall(), UTC).isoformat().replace("+00:00", "Z"),
            "speed": self.clock.speed,
            "tokens": len(self.market.board(now)),
            "pairs": len(self.market.pairs(now)),
            "requests": dict(self.requests),
            "faults": self.faults.listed(),
            "faults_taken": self.faults.taken,
        }


def start(config: SandboxConfig | None = None) -> SandboxServer:
    """A sandbox that is ready when this returns; `stop()` it."""
    return SandboxServer(config or SandboxConfig()).run()


def _clock_and_market(config: SandboxConfig) -> tuple[SandboxClock, ReplayMarket | SimulatedMarket]:
    wall = time.time()
    wall_at = wall if config.wall_at is None else _seconds(config.wall_at)
    if config.replay is not None:
        begin = _seconds(config.market_at or default_start(config.replay))
        return SandboxClock(begin, wall_at, config.speed), ReplayMarket(config.replay)
    market_at = wall_at if config.market_at is None else _seconds(config.market_at)
    clock = SandboxClock(market_at, wall_at, config.speed)
    epoch = clock.now() if config.epoch is None else _seconds(config.epoch)
    market = SimulatedMarket(config.seed, int(epoch) // DAY * DAY, config.tokens)
    market.prepare(clock.now())
    return clock, market


def _seconds(moment: datetime) -> float:
    """A time without a zone is taken as UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
