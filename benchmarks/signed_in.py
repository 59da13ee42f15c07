"""The latest forecast for signed-in users beside the same for anonymous ones, limits on, in the distributed form.

    .venv/bin/python -m benchmarks.signed_in [--peer ../shared/bench/serving] [--repeats 5] [--seconds 5] [--users 16]

One process, interleaved repeats; many users take turns, each with a session of its own. Needs wrk, PostgreSQL, Redis;
with the serving kit also Express' private route with its limiter. Goals: p99 with authentication at most 1.3 times the
anonymous one; P4: at least 0.8 times the requests of Express. Also counted: queries and round trips to Redis of one
request in this process, through all of Khalsi.
"""

import argparse
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.api_latest import khalsi, publish
from benchmarks.load import Server, load
from benchmarks.peer import PATH, Peer
from benchmarks.ratios import Loads, Ratio, show_ratios
from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import Scratch

ANONYMOUS, SIGNED_IN, WITH_KEY, EXPRESS = "anonymous", "signed in", "API key", "Express, private"
PRIVATE = "/api/v1/private/predictions/SOL?timeframe=1h"

TURNS = """
local credentials = {%s}
local turn = 0
request = function()
    turn = turn %% #credentials + 1
    wrk.headers["Authorization"] = credentials[turn]
    return wrk.format("GET")
end
"""


class Case(NamedTuple):
    server: Server
    path: str
    turns: Path | None
    headers: dict[str, str]


RATIOS = (
    Ratio(
        "p99, signed in ÷ anonymous",
        "≤ 1.3",
        lambda r: r[SIGNED_IN].p99 / r[ANONYMOUS].p99,
        lambda x: x <= 1.3,
    ),
    Ratio(
        "CPU, signed in ÷ anonymous",
        "",
        lambda r: r[SIGNED_IN].cpu_us / r[ANONYMOUS].cpu_us,
        lambda x: True,
    ),
    Ratio(
        "p99, API key ÷ anonymous", "≤ 1.3", lambda r: r[WITH_KEY].p99 / r[ANONYMOUS].p99, lambda x: x <= 1.3
    ),
    Ratio(
        "P4 requests, signed in ÷ Express' private route",
        "≥ 0.8",
        lambda r: r[SIGNED_IN].rate / r[EXPRESS].rate,
        lambda x: x >= 0.8,
    ),
)


def credentials(users: int) -> dict[str, list[str]]:
    """So many sessions and keys of users of the plan pro."""
    from accounts.services.api_keys import make_api_key
    from benchmarks.reliability.people import people, tokens
    from core.lib.clock import wall_now

    readers = people([f"reader{number}" for number in range(users)], plan="pro")
    programs = people([f"program{number}" for number in range(users)], plan="pro")
    keys = [make_api_key(user_id=one.id, name="a", scopes=["read"], now=wall_now())[1] for one in programs]
    return {
        SIGNED_IN: [f"Bearer {tokens(one).access}" for one in readers],
        WITH_KEY: [f"Api-Key {key}" for key in keys],
    }


def what_it_costs(named: dict[str, list[str]]) -> list[tuple[str, int, int]]:
    """Queries and round trips to Redis of the third request: then all is known that will be."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from core.api.throttling import redis_link
    from khalsi.wsgi import application

    link = redis_link()
    assert link is not None
    asked: list[bytes] = []
    send = link._send
    link._send = lambda command: asked.append(command) or send(command)  # type: ignore[method-assign,func-returns-value]
    rows = []
    for name, credential in {ANONYMOUS: "", **{name: each[0] for name, each in named.items()}}.items():
        for _ in range(3):
            asked.clear()
            with CaptureQueriesContext(connection) as queries:
                status = answered(application, credential)
            if status != "200 OK":
                raise SystemExit(f"{name}: {status}")
        rows.append((name, len(queries), len(asked)))
    link._send = send  # type: ignore[method-assign]
    return rows


def answered(application: Any, credential: str) -> str:
    path, _, query = PATH.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "http",
    }
    if credential:
        environ["HTTP_AUTHORIZATION"] = credential
    said: list[str] = []
    b"".join(application(environ, lambda status, headers, *more: said.append(status)))
    return said[0]


@contextmanager
def cases(peer: Peer | None, scratch: Scratch, named: dict[str, list[str]]) -> Iterator[dict[str, Case]]:
    base = {**scratch.whole_environment(), "RATE_LIMIT_MAX": "1000000000"}
    with ExitStack() as running:
        ours = running.enter_context(khalsi("Khalsi", base))
        found = {ANONYMOUS: Case(ours, PATH, None, {})}
        for name, each in named.items():
            found[name] = Case(ours, PATH, written(scratch.folder / f"{name}.lua", each), {})
        if peer:
            express = running.enter_context(peer.express(EXPRESS, limited=True))
            found[EXPRESS] = Case(express, PRIVATE, None, {"Authorization": f"Bearer {peer.token()}"})
        yield found


def written(file: Path, each: list[str]) -> Path:
    file.write_text(TURNS % ", ".join(f'"{one}"' for one in each))
    return file


def measure(cases: dict[str, Case], repeats: int, seconds: float, connections: int) -> Loads:
    """Repeat 1 of every case, then repeat 2, …, so that drift of the machine hits all alike."""
    loads: Loads = {name: [] for name in cases}
    for _ in range(repeats):
        for name, case in cases.items():
            for lasting in (1, seconds):
                run = load(case.server, case.path, lasting, connections, case.headers, case.turns)
            loads[name].append(run)
    return loads


def show(loads: Loads, connections: int) -> dict[str, float]:
    columns = ("who", "requests/s", "p50 ms", "p99 ms", "CPU µs a request", "bad", "foreign cores")
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
    print_table(f"Latest forecast, limits on, one process, {connections} connections", columns, rows)
    known = [ratio for ratio in RATIOS if EXPRESS in loads or "Express" not in ratio.what]
    return show_ratios(f"Ratios within each repeat, load {os.getloadavg()[0]:.1f}", known, loads)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", type=Path, help="the serving kit, set up and with its services started")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument(
        "--users",
        type=int,
        default=16,
        help="each has 10,000 requests in 15 minutes, and is recognised anew every 5 s",
    )
    options = parser.parse_args()
    peer = Peer(options.peer) if options.peer else None
    with Scratch(RATE_LIMIT_MAX="1000000") as scratch:
        publish()
        named = credentials(options.users)
        rows = what_it_costs(named)
        print_table("One request of somebody known", ("who", "queries", "round trips to Redis"), rows)
        with cases(peer, scratch, named) as found:
            loads = measure(found, options.repeats, options.seconds, options.connections)
    ratios = show(loads, options.connections)
    figures = {name: [asdict(run) for run in runs] for name, runs in loads.items()}
    keep("signed_in", {"ratios": ratios, "costs": rows, "loads": figures})


if __name__ == "__main__":
    main()
