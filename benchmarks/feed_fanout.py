"""The live feed before a crowd: one `prices` frame a second to every socket of one server process.

    .venv/bin/python -m benchmarks.feed_fanout [--sockets 5000 10000] [--seconds 20] [--repeats 1]
        [--peer ../shared/bench/serving] [--embedded]

The server is uvicorn as compose starts it; one process of `benchmarks.sockets` holds all the clients, which subscribe
to "*"; five symbols are published once a second over Redis, as a collector does. With --peer the `ws` peer of the
serving kit (set up with node; its Redis need not run) gets the same frames beside it, interleaved.
Goals: nobody lost, p99 under 300 ms and 40 KiB a socket at 10,000, 1,000 connects a second; at 5,000 p99 and CPU a
frame at most twice the peer's. CPU a frame and ratios are what counts on a shared machine.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import redis

from benchmarks.load import Server, busy, serving
from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import REDIS, ROOT, Scratch, free_port
from benchmarks.sockets import Crowd, allow_many_files

UVICORN = [
    str(Path(sys.executable).parent / "uvicorn"),
    *("khalsi.asgi:application", "--host", "127.0.0.1", "--ws", "core.live.wire:Wire"),
    *("--ws-ping-interval", "30", "--ws-ping-timeout", "20", "--ws-max-size", "65536"),
    *("--ws-per-message-deflate", "false", "--log-level", "warning", "--no-access-log", "--no-server-header"),
    *("--backlog", "4096"),
]
SYMBOLS = ("SOL", "BONK", "WIF", "JUP", "RAY")
SUBSCRIBE = '{"action":"subscribe","channel":"prices","symbols":"*"}'
KHALSI, WS = "Khalsi", "ws (node)"
Publish = Callable[[dict[str, dict[str, object]]], None]


def tick() -> dict[str, dict[str, object]]:
    """Five quotes as the feed sends them, and beside them when they were published."""
    now = time.time_ns()
    return {
        symbol: {
            "t": now,
            "symbol": symbol,
            "price": 140.0 + (now % 1000) / 1000,
            "change_24h": -2.51,
            "change_percentage_24h": -1.76,
            "volume_24h": 4123456789.12,
            "observed_at": "2026-11-21T09:00:00Z",
            "source": "simulated",
            "freshness": "live",
        }
        for symbol in SYMBOLS
    }


@contextmanager
def khalsi(environment: dict[str, str], *words: str) -> Iterator[Server]:
    port = free_port()
    command = [*UVICORN, "--port", str(port), *words]
    with serving(KHALSI, port, command, cwd=ROOT, environment=environment, path="/health/live") as server:
        yield server


@contextmanager
def ws_peer(kit: Path) -> Iterator[Server]:
    port = free_port()
    environment = {**os.environ, "REDIS_URL": REDIS, "NODE_ENV": "production"}
    command = ["node", "ws_node.mjs", str(port), "1"]
    with serving(WS, port, command, cwd=kit / "ws", environment=environment, path=None) as server:
        yield server


def publish_ours(quotes: dict[str, dict[str, object]]) -> None:
    from core.live.publish import publish

    publish("prices", quotes.items())


def publish_to_peer(quotes: dict[str, dict[str, object]]) -> None:
    """Numbered and framed beforehand, since the peer only hands on what it gets."""
    items = [{**quote, "seq": 1} for quote in quotes.values()]
    with redis.Redis.from_url(REDIS) as client:
        client.publish("prices", orjson.dumps({"type": "prices", "items": items}))


def fan_out(server: Server, crowd: Crowd, publish: Publish, sockets: int, seconds: int) -> dict[str, Any]:
    """Open, then a tick a second; what all of it cost."""
    idle, worked = server.memory(), server.cpu()
    opening = crowd.ask("open", number=sockets)
    time.sleep(2)
    opened, held = max(opening["opened"], 1), server.memory()
    connect_cpu = server.cpu() - worked
    before = crowd.ask("clear")
    worked, machine, began = server.cpu(), busy(), time.monotonic()
    for number in range(seconds):
        time.sleep(max(0.0, began + number - time.monotonic()))
        publish(tick())
    time.sleep(1.5)
    after = crowd.ask("report")
    worked, wall = server.cpu() - worked, time.monotonic() - began
    clients = after["cpu"] - before["cpu"]
    frames = max(after["frames"], 1)
    return {
        "server": server.name,
        "opened": opening["opened"],
        "lost": after["lost"],
        "connects_a_second": opened / opening["seconds"],
        "connect_cpu_us": connect_cpu / opened * 1e6,
        "kib_a_socket": (held - idle) / opened / 1024,
        "p50_ms": after["p50_ms"],
        "p99_ms": after["p99_ms"],
        "max_ms": after["max_ms"],
        "skipped": seconds * opening["opened"] - after["frames"],
        "cpu_us_a_frame": worked / frames * 1e6,
        "foreign": max((busy() - machine - worked - clients) / wall, 0.0),
    }


def run_one(server: Server, publish: Publish, sockets: int, seconds: int) -> dict[str, Any]:
    ours = server.name == KHALSI
    with Crowd(server.port, "/ws/v1/" if ours else "/ws", *([SUBSCRIBE] if ours else [])) as crowd:
        found = fan_out(server, crowd, publish, sockets, seconds)
    time.sleep(2)  # the server sees them go
    return {"sockets": sockets, **found}


def show(runs: list[dict[str, Any]]) -> None:
    columns = (
        *("server", "sockets", "lost", "skipped", "connects/s", "connect µs", "KiB a socket"),
        *("p50 ms", "p99 ms", "max ms", "CPU µs a frame", "foreign cores"),
    )
    rows = []
    for name, sockets in dict.fromkeys((run["server"], run["sockets"]) for run in runs):
        same = [run for run in runs if (run["server"], run["sockets"]) == (name, sockets)]

        def middle(field: str, digits: int = 0, same: list[dict[str, Any]] = same) -> str:
            return spread([run[field] for run in same], digits)

        rows.append(
            (
                name,
                f"{min(run['opened'] for run in same)} of {sockets}",
                sum(run["lost"] for run in same),
                sum(run["skipped"] for run in same),
                middle("connects_a_second"),
                middle("connect_cpu_us"),
                middle("kib_a_socket", 1),
                middle("p50_ms"),
                middle("p99_ms"),
                middle("max_ms"),
                middle("cpu_us_a_frame", 1),
                middle("foreign", 2),
            )
        )
    print_table("Fan-out, one server process, one frame of five symbols a second", columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sockets", type=int, nargs="+", default=[5000, 10_000])
    parser.add_argument(
        "--seconds", type=int, default=20, help="ticks of each run; 300 shows that nobody is lost"
    )
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--peer", type=Path, help="the serving kit, for the `ws` peer beside it")
    asked = parser.parse_args()
    files = allow_many_files()
    if max(asked.sockets) > files - 500:
        raise SystemExit(f"One process may open {files} files here; fewer sockets, or a higher `ulimit -n`.")
    runs = []
    with Scratch() as scratch:
        for _ in range(asked.repeats):
            for sockets in asked.sockets:
                with khalsi(scratch.whole_environment()) as server:
                    runs.append(run_one(server, publish_ours, sockets, asked.seconds))
                if asked.peer:
                    with ws_peer(asked.peer.resolve()) as server:
                        runs.append(run_one(server, publish_to_peer, sockets, asked.seconds))
                print(runs[-1 if not asked.peer else -2], flush=True)
    show(runs)
    keep("feed_fanout", runs)


if __name__ == "__main__":
    main()
