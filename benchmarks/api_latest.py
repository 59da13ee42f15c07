"""The latest forecast over the API, in the distributed form, against the Express peer in the same run.

    .venv/bin/python -m benchmarks.api_latest [--peer ../shared/bench/serving] [--repeats 5] [--seconds 5]

One process of each server, 64 connections, interleaved repeats. Needs wrk, PostgreSQL, Redis, and the serving kit set
up with its services running (its README). Goals: P1, limiter off: three times Express' throughput, p99 no worse, half
the bare limit of the same server; P2, with the exact limit and its headers: 1.5 times Express with its limiter; P3, a
304 costs no more CPU than the full reply. Trust CPU for each request first, then ratios; p99 on a quiet machine only.
"""

import argparse
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.load import Server, load, serving
from benchmarks.peer import PATH, Peer
from benchmarks.ratios import Loads, Ratio, show_ratios
from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import ROOT, Scratch, free_port

GRANIAN = [
    str(Path(sys.executable).parent / "granian"),
    *("--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1", "--blocking-threads", "1"),
    *("--backlog", "4096", "--log-level", "warning"),
]
KHALSI, EXPRESS, BARE = "Khalsi", "Express", "bare granian"
KHALSI_LIMITED, EXPRESS_LIMITED, KHALSI_304 = "Khalsi, limit on", "Express, limit on", "Khalsi, 304"


class Case(NamedTuple):
    server: Server
    path: str
    headers: dict[str, str]


RATIOS = (
    Ratio(
        "P1 requests, Khalsi ÷ Express", "≥ 3", lambda r: r[KHALSI].rate / r[EXPRESS].rate, lambda x: x >= 3
    ),
    Ratio("P1 p99, Khalsi ÷ Express", "≤ 1", lambda r: r[KHALSI].p99 / r[EXPRESS].p99, lambda x: x <= 1),
    Ratio("P1 requests, Khalsi ÷ bare", "≥ 0.5", lambda r: r[KHALSI].rate / r[BARE].rate, lambda x: x >= 0.5),
    Ratio(
        "P2 requests, limits on, Khalsi ÷ Express",
        "≥ 1.5",
        lambda r: r[KHALSI_LIMITED].rate / r[EXPRESS_LIMITED].rate,
        lambda x: x >= 1.5,
    ),
    Ratio(
        "P3 CPU, 304 ÷ full reply", "≤ 1", lambda r: r[KHALSI_304].cpu_us / r[KHALSI].cpu_us, lambda x: x <= 1
    ),
)


def publish() -> None:
    """Forecasts of this quarter hour, and the ready bytes that their publishing leaves in Redis."""
    from benchmarks.world import make_candles, make_quotes, make_tokens
    from core.lib.clock import floor_to, market_now
    from predictions.services.forecasting import make_forecasts
    from predictions.services.publishing import publish_forecasts
    from predictions.services.tallying import keep_tallies

    now = market_now()
    as_of = floor_to(now, 900)
    tokens = make_tokens(10)
    make_candles(tokens, as_of, days=60, quarter_days=6)
    make_quotes(tokens, now)
    keep_tallies(now)
    make_forecasts(as_of, as_of + timedelta(seconds=30), ["1h"])
    publish_forecasts("1h", now)


@contextmanager
def khalsi(name: str, environment: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    command = [*GRANIAN, "--port", str(port), "khalsi.wsgi:application"]
    with serving(name, port, command, cwd=ROOT, environment=environment, path=PATH) as server:
        yield server


def fetched(server: Server) -> tuple[bytes, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{PATH}") as reply:
        return reply.read(), reply.headers["ETag"]


@contextmanager
def cases(peer: Peer, scratch: Scratch) -> Iterator[dict[str, Case]]:
    """All servers run side by side; only one is loaded at a time."""
    base = scratch.whole_environment()
    with ExitStack() as running:
        ours = running.enter_context(khalsi(KHALSI, base))
        limited = running.enter_context(khalsi(KHALSI_LIMITED, {**base, "RATE_LIMIT_MAX": "1000000000"}))
        body, etag = fetched(ours)
        yield {
            KHALSI: Case(ours, PATH, {}),
            EXPRESS: Case(running.enter_context(peer.express(EXPRESS, limited=False)), PATH, {}),
            BARE: Case(running.enter_context(peer.bare(BARE, GRANIAN, body, scratch.folder)), "/", {}),
            KHALSI_304: Case(ours, PATH, {"If-None-Match": etag}),
            KHALSI_LIMITED: Case(limited, PATH, {}),
            EXPRESS_LIMITED: Case(
                running.enter_context(peer.express(EXPRESS_LIMITED, limited=True)), PATH, {}
            ),
        }


def measure(cases: dict[str, Case], repeats: int, seconds: float, connections: int) -> Loads:
    """Repeat 1 of every case, then repeat 2, …, so that drift of the machine hits all alike."""
    loads: Loads = {name: [] for name in cases}
    for _ in range(repeats):
        for name, case in cases.items():
            load(case.server, case.path, 1, connections, case.headers)
            loads[name].append(load(case.server, case.path, seconds, connections, case.headers))
    return loads


def show(loads: Loads) -> None:
    rows = [
        (
            name,
            spread([run.rate for run in runs], 0),
            spread([run.p50 for run in runs]),
            spread([run.p99 for run in runs]),
            spread([run.cpu_us for run in runs], 1),
            sum(run.bad for run in runs),
            f"{max(run.foreign for run in runs):.2f}",
        )
        for name, runs in loads.items()
    ]
    columns = ("server", "requests/s", "p50 ms", "p99 ms", "CPU µs a request", "bad", "foreign cores")
    print_table("Latest forecast, one process, 64 connections", columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--peer", type=Path, default=ROOT.parent / "shared/bench/serving", help="the serving kit"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    peer = Peer(options.peer)
    with Scratch() as scratch:
        publish()
        with cases(peer, scratch) as found:
            loads = measure(found, options.repeats, options.seconds, options.connections)
    show(loads)
    ratios = show_ratios("Ratios within each repeat", RATIOS, loads)
    keep(
        "api_latest", {"ratios": ratios, "loads": {n: [asdict(r) for r in runs] for n, runs in loads.items()}}
    )


if __name__ == "__main__":
    main()
