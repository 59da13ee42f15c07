"""Everyday load on two cores: 50 mixed reads a second beside 1,000 sockets of the live feed.

    .venv/bin/python -m benchmarks.mixed_load [--rate 50] [--sockets 1000] [--seconds 30]

One WSGI worker and one live-feed process as compose starts them, over PostgreSQL and Redis; five prices a second to all
sockets. Requests begin on time, whether or not earlier ones have ended, so waiting counts. Goal (P10): p99 under 100 ms
and less than half of two cores: the work done for a second of the load, however long it took. p99 means something on a
quiet machine only.
"""

import argparse
import itertools
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from benchmarks import api_latest
from benchmarks.feed_fanout import SUBSCRIBE, khalsi, publish_ours, tick
from benchmarks.load import busy
from benchmarks.report import keep, print_table
from benchmarks.scratch import Scratch
from benchmarks.sockets import Crowd, allow_many_files

PATHS = (
    "/api/v1/predictions/SOL?timeframe=1h",
    "/api/v1/market/tokens",
    "/api/v1/predictions/models",
    "/api/v1/market/token/SOL",
    "/api/v1/predictions/track-record",
)
CORES = 2


class Read(NamedTuple):
    path: str
    status: int
    milliseconds: float


def read(port: int, path: str, due: float) -> Read:
    """Timed from the moment at which it was due."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as reply:
            status, _ = reply.status, reply.read()
    except urllib.error.HTTPError as refused:
        status = refused.code
    return Read(path, status, (time.monotonic() - due) * 1e3)


def load(port: int, rate: float, seconds: float) -> list[Read]:
    began, paths, running = time.monotonic(), itertools.cycle(PATHS), []
    with ThreadPoolExecutor(64) as pool:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            if number % int(rate) == 0:
                publish_ours(tick())
            running.append(pool.submit(read, port, next(paths), due))
        return [one.result() for one in running]


def p99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * (len(values) - 1))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    allow_many_files()
    with Scratch() as scratch:
        api_latest.publish()
        environment = scratch.whole_environment()
        with (
            api_latest.khalsi("web", environment) as web,
            khalsi(environment) as feed,
            Crowd(feed.port, "/ws/v1/", SUBSCRIBE) as crowd,
        ):
            opened = crowd.ask("open", number=asked.sockets)["opened"]
            load(web.port, asked.rate, 2)
            before = crowd.ask("clear")
            cpu, machine, began = web.cpu() + feed.cpu(), busy(), time.monotonic()
            reads = load(web.port, asked.rate, asked.seconds)
            time.sleep(1)
            wall = time.monotonic() - began
            cpu, after = web.cpu() + feed.cpu() - cpu, crowd.ask("report")
            foreign = (busy() - machine - cpu - (after["cpu"] - before["cpu"])) / wall
    figures = {
        "reads": len(reads),
        "not 200": sum(one.status != 200 for one in reads),
        "p99 ms of reads": p99([one.milliseconds for one in reads]),
        "sockets, lost": f"{opened}, {after['lost']}",
        "p99 ms of frames": after["p99_ms"],
        "share of two cores": cpu / asked.seconds / CORES,
        "foreign cores": foreign,
    }
    rows = [
        (name, value if isinstance(value, int | str) else f"{value:.2f}") for name, value in figures.items()
    ]
    rows += [
        (path, f"p99 {p99([one.milliseconds for one in reads if one.path == path]):.1f} ms") for path in PATHS
    ]
    print_table("50 reads a second beside 1,000 sockets (P10)", ("what", "figure"), rows)
    keep("mixed_load", figures)


if __name__ == "__main__":
    main()
