"""From the exchange's message to the frame at a client: how long a price is on its way, and what it costs.

    .venv/bin/python -m benchmarks.stream_to_feed [--seconds 60]

`make run`'s one process (`manage.py serve`, SQLite), its own sandbox for polls and candles, and a stream made here that
sends every pair once a second. Goal: p95 under 1 s.
"""

import argparse
import json
import math
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from benchmarks.ending import ends_with_parent, unwind_at_sigterm
from benchmarks.report import keep, print_table
from benchmarks.scratch import ROOT, ask, free_port

GOAL_P95 = 1.0
READY_WITHIN = 240


class Upstream:
    """Binance's combined stream; each price is used once, so that it tells when it was sent."""

    def __init__(self) -> None:
        self.prices: dict[str, float] = {}
        """None is sent before it is known what each costs."""
        self.sent: dict[tuple[str, str], float] = {}
        self.is_measuring = threading.Event()
        self._number = 0

    def respond(self, connection: ServerConnection, request: Any, response: Any) -> Any:
        response.headers["X-Market"] = "simulated"
        return response

    def talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None  # it was answered before anybody talks
        asked = parse_qs(urlsplit(connection.request.path).query).get("streams", [""])[0]
        pairs = [name.split("@")[0].upper() for name in asked.split("/") if name]
        with suppress(ConnectionClosed):
            while True:
                began = time.monotonic()
                self._number += 1
                for pair in pairs:
                    if pair in self.prices:
                        self._send(connection, pair)
                time.sleep(max(0.0, began + 1 - time.monotonic()))

    def _send(self, connection: ServerConnection, pair: str) -> None:
        price = f"{self.prices[pair] * (1 + self._number * 1e-6):.10g}"
        event = {"e": "24hrMiniTicker", "E": int(time.time() * 1000), "s": pair, "c": price}
        if self.is_measuring.is_set():
            self.sent[pair, repr(float(price))] = time.monotonic()
        connection.send(json.dumps({"stream": f"{pair.lower()}@miniTicker", "data": event}))


class Client:
    """Listens to all prices and writes down when each came."""

    def __init__(self, url: str, symbols: dict[str, str]) -> None:
        self.frames = 0
        self.came: dict[tuple[str, str], float] = {}
        self._url, self._symbols = url, symbols
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> "Client":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(5)

    def _listen(self) -> None:
        with connect(self._url, max_size=None, proxy=None, compression=None) as feed:
            feed.send(json.dumps({"action": "subscribe", "channel": "prices", "symbols": "*"}))
            while not self._over.is_set():
                with suppress(TimeoutError):
                    self._hear(json.loads(feed.recv(timeout=0.5)))

    def _hear(self, frame: dict[str, Any]) -> None:
        now = time.monotonic()
        self.frames += frame["type"] == "prices"
        for item in frame.get("items", []):
            if pair := self._symbols.get(item["symbol"]):
                self.came.setdefault((pair, repr(item["price"])), now)


@contextmanager
def khalsi(data: str, port: int, stream: str) -> Iterator[int]:
    """The embedded process; gives its id once its prices are there."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings_of_stream",
        "STREAM_UNDER_TEST": stream,
        "DATA": data,
        "PORT": str(port),
        "SOURCE": "sandbox",
        "REPLAY": "",
        "RATE_LIMIT_MAX": "0",
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "LOG_LEVEL": "ERROR",
        "OMP_NUM_THREADS": "1",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "CREDENTIALS_KEY": secrets.token_urlsafe(60),
    }
    command = [sys.executable, str(ROOT / "manage.py"), "serve"]
    with Path(data, "said.txt").open("w") as said:
        process = subprocess.Popen(
            command, env=environment, stdout=said, stderr=said, preexec_fn=ends_with_parent
        )
    try:
        wait_for_first_forecasts(Path(data, "said.txt"))
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def wait_for_first_forecasts(said: Path) -> None:
    """What follows is the everyday: nothing is back-filled any more, but everything else runs."""
    ends = time.monotonic() + READY_WITHIN
    while "forecast" not in said.read_text().rsplit("Making forecasts", 1)[-1]:
        if time.monotonic() > ends:
            raise SystemExit(f"Khalsi was not ready within {READY_WITHIN} s:\n{said.read_text()[-2000:]}")
        time.sleep(0.5)


def base_prices(port: int) -> dict[str, float]:
    rows = ask(f"http://127.0.0.1:{port + 1}/binance/api/v3/ticker/price")
    return {row["symbol"]: float(row["price"]) for row in rows}


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(seconds: float) -> dict[str, Any]:
    port, upstream = free_port_pair(), Upstream()
    with (
        tempfile.TemporaryDirectory(prefix="khalsi-bench-") as data,
        serve(upstream.talk, "127.0.0.1", 0, process_response=upstream.respond, compression=None) as server,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stream = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        with khalsi(data, port, stream) as pid:
            upstream.prices.update(base_prices(port))
            symbols = {pair.removesuffix("USDT"): pair for pair in upstream.prices}
            with Client(f"ws://127.0.0.1:{port}/ws/v1/", symbols) as client:
                time.sleep(5)
                upstream.is_measuring.set()
                frames, began = client.frames, cpu_seconds(pid)
                time.sleep(seconds)
                upstream.is_measuring.clear()
                cpu = cpu_seconds(pid) - began
                time.sleep(3)
                return figures(upstream, client, client.frames - frames, cpu, seconds)


def figures(upstream: Upstream, client: Client, frames: int, cpu: float, seconds: float) -> dict[str, Any]:
    waits = sorted(client.came[key] - at for key, at in upstream.sent.items() if key in client.came)
    if not waits:
        raise SystemExit("No price of the stream came to the client.")
    return {
        "pairs": len({pair for pair, _ in upstream.sent}),
        "messages": len(upstream.sent),
        "arrived": len(waits),
        "frames": frames,
        "p50": median(waits),
        "p95": waits[math.ceil(len(waits) * 0.95) - 1],
        "p99": waits[math.ceil(len(waits) * 0.99) - 1],
        "worst": waits[-1],
        "cpu_share": cpu / seconds,
        "load": os.getloadavg()[0],
    }


def free_port_pair() -> int:
    """Two in a row; the sandbox takes the second."""
    while True:
        port = free_port()
        with suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
            return port


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    unwind_at_sigterm()
    found = measure(options.seconds)
    rows = [
        ("pairs, messages each second", found["pairs"]),
        ("messages · of them at the client", f"{found['messages']} · {found['arrived']}"),
        ("frames", found["frames"]),
        *((f"{name}, ms", f"{found[name] * 1000:.0f}") for name in ("p50", "p95", "p99", "worst")),
        ("CPU of the whole process, % of a core", f"{found['cpu_share'] * 100:.0f}"),
        ("load of the machine", f"{found['load']:.1f}"),
    ]
    print_table("From the exchange's message to the client's frame, embedded", ("what", "figure"), rows)
    keep("stream_to_feed", found)
    if found["p95"] >= GOAL_P95:
        sys.exit(f"The goal is a p95 under {GOAL_P95:g} s.")


if __name__ == "__main__":
    main()
