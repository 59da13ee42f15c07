"""Load on one address and what it cost: requests, latencies, and CPU of the server's whole process tree."""

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.ending import ends_with_parent

_TICKS = os.sysconf("SC_CLK_TCK")
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_QUANTILE = re.compile(r"^\s+(50|99)(?:\.000)?%\s+([\d.]+)(us|ms|s|m)\s*$", re.M)


@dataclass(frozen=True)
class Server:
    """A running server: how it is called in tables, its port, and the root of its processes."""

    name: str
    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds that the tree has worked."""
        spent = 0.0
        for one in [self.process, *self.process.children(recursive=True)]:
            try:
                times = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            spent += times.user + times.system
        return spent

    def memory(self) -> int:
        """Bytes that the tree holds."""
        return sum(one.memory_info().rss for one in [self.process, *self.process.children(recursive=True)])


@dataclass(frozen=True)
class Load:
    """One run of wrk. `foreign` is how many cores other programs took meanwhile: above 0.2 a p99 means nothing."""

    requests: int
    rate: float
    p50: float
    p99: float
    bad: int
    cpu_us: float
    foreign: float


@contextmanager
def serving(
    name: str,
    port: int,
    command: list[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    path: str | None,
    output: Any = subprocess.DEVNULL,
    patience: float = 120,
) -> Iterator[Server]:
    """Start a server of our own, wait until `path` answers 200 (or, without one, until it listens), and stop its
    whole tree at the end. `output` is where all that it says goes."""
    process = psutil.Popen(
        command,
        cwd=cwd,
        env=dict(environment),
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=ends_with_parent,
    )
    try:
        _wait_for(port, path, process, name, patience)
        yield Server(name, port, process)
    finally:
        tree = [process, *process.children(recursive=True)] if process.is_running() else []
        if tree:
            process.terminate()
        for left in psutil.wait_procs(tree, timeout=5)[1]:
            left.kill()


def _wait_for(port: int, path: str | None, process: psutil.Popen, name: str, patience: float) -> None:
    for _ in range(int(patience * 10)):
        if process.poll() is not None:
            raise SystemExit(f"{name} ended with code {process.returncode}; start it by hand to see why.")
        if _answers(port, path):
            return
        time.sleep(0.1)
    raise SystemExit(f"{name} did not answer at port {port}{f', path {path}' if path else ''}.")


def _answers(port: int, path: str | None) -> bool:
    try:
        if path is None:
            socket.create_connection(("127.0.0.1", port), 2).close()
            return True
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def load(
    server: Server,
    path: str,
    seconds: float,
    connections: int,
    headers: Mapping[str, str] | None = None,
    script: Path | None = None,
) -> Load:
    """Load `path` for so long; a 304 counts as good. `script` is Lua for wrk."""
    worked, machine, began = server.cpu(), busy(), time.monotonic()
    loaders = os.times().children_user + os.times().children_system
    said = _wrk(f"http://127.0.0.1:{server.port}{path}", seconds, connections, headers or {}, script)
    wall = time.monotonic() - began
    loaders = os.times().children_user + os.times().children_system - loaders
    worked = server.cpu() - worked
    requests = int(_number(r"(\d+) requests in", said))
    times = {name: float(value) * _UNITS[unit] for name, value, unit in _QUANTILE.findall(said)}
    if "99" not in times:
        raise SystemExit(f"{server.name}: nothing was answered.\n{said}")
    return Load(
        requests=requests,
        rate=_number(r"Requests/sec:\s+([\d.]+)", said),
        p50=times["50"],
        p99=times["99"],
        bad=int(_number(r"Non-2xx or 3xx responses: (\d+)", said)) + _broken(said),
        cpu_us=worked / max(requests, 1) * 1e6,
        foreign=max((busy() - machine - worked - loaders) / wall, 0.0),
    )


def _wrk(url: str, seconds: float, connections: int, headers: Mapping[str, str], script: Path | None) -> str:
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("wrk is not there; it is Debian's package wrk.")
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    given += ["-s", str(script)] if script else []
    command = [
        wrk,
        "-t1",
        f"-c{connections}",
        f"-d{seconds:g}s",
        "--latency",
        "--timeout",
        "10s",
        *given,
        url,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found[1]) if found else 0.0


def _broken(said: str) -> int:
    found = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    return sum(map(int, found.groups())) if found else 0


def busy() -> float:
    """CPU seconds of the whole machine."""
    with Path("/proc/stat").open() as lines:
        spent = [int(word) for word in lines.readline().split()[1:9]]
    return (sum(spent) - spent[3] - spent[4]) / _TICKS
