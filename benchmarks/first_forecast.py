"""How long from `make run` on an installed checkout, with the sandbox, to the first forecast shown, and to all of them.

    .venv/bin/python -m benchmarks.first_forecast [--runs 3] [--port 8190]

Each run begins with an empty data folder; a second start in the same folder is timed too. Goals: 60 s and 10 s.
"""

import argparse
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from benchmarks.ending import ends_with_parent, unwind_at_sigterm
from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import ROOT

TOKENS_SHOWN = 40


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
    except OSError:
        return 0, b""


def seconds_until(found: Callable[[], bool], began: float, patience: float = 180) -> float:
    while time.monotonic() - began < patience:
        if found():
            return time.monotonic() - began
        time.sleep(0.1)
    raise SystemExit(f"not there within {patience} s")


def start(port: int, data: str) -> subprocess.Popen[bytes]:
    command = ["make", "-s", "run", "SOURCE=sandbox", f"PORT={port}", f"DATA={data}", "RATE_LIMIT_MAX=0"]
    environment = {**os.environ, "DATABASE_URL": "", "REDIS_URL": "", "REPLAY": ""}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=ends_with_parent,
    )


def stop(process: subprocess.Popen[bytes]) -> float:
    """Ctrl-C: the signal goes to make and to what it runs. Gives the seconds until all has ended."""
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)
    return time.monotonic() - began


def one_run(port: int) -> dict[str, float]:
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        began = time.monotonic()
        process = start(port, data)
        try:
            page = seconds_until(lambda: get(f"{base}/")[0] == 200, began)
            first = seconds_until(lambda: get(f"{base}/api/v1/predictions/SOL?timeframe=1h")[0] == 200, began)
            every = seconds_until(lambda: shown(base) >= TOKENS_SHOWN, began)
        finally:
            ended = stop(process)
        began = time.monotonic()
        process = start(port, data)
        try:
            again = seconds_until(lambda: shown(base) >= TOKENS_SHOWN, began)
        finally:
            stop(process)
    return {
        "page": page,
        "first forecast": first,
        "forty tokens": every,
        "second start": again,
        "Ctrl-C": ended,
    }


def shown(base: str) -> int:
    """How many tokens the summary shows a forecast of."""
    status, body = get(f"{base}/api/v1/predictions/summary?timeframe=1h")
    return len(json.loads(body)["data"]["predictions"]) if status == 200 else 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--port", type=int, default=8190)
    options = parser.parse_args()
    unwind_at_sigterm()
    runs = [one_run(options.port) for _ in range(options.runs)]
    rows = [(name, spread([run[name] for run in runs], 1)) for name in runs[0]]
    print_table("From `make run` to …, seconds", ("what", "median (range)"), rows)
    keep("first_forecast", runs)


if __name__ == "__main__":
    main()
