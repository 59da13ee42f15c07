"""Khalsi as it runs, for one benchmark: its real servers as processes of their own, and clients for them.

Distributed where both `DATABASE_URL` and `REDIS_URL` are set, else embedded.
"""

import http.client
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NamedTuple, TypeVar

import orjson
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from benchmarks.load import serving
from benchmarks.report import keep, print_table
from benchmarks.scratch import ROOT, Scratch, free_port

EMBEDDED = not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
FORM = "embedded" if EMBEDDED else "distributed"
API = "/api/v1"
_LIVE = f"{API}/health/live"
_UVICORN = (
    *("-m", "uvicorn", "khalsi.asgi:application", "--host", "127.0.0.1", "--ws", "core.live.wire:Wire"),
    *("--log-level", "warning", "--no-access-log", "--no-proxy-headers"),
)
_GRANIAN = (
    *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--workers", "2"),
    *("--blocking-threads", "1", "--backlog", "1024", "--log-level", "warning", "khalsi.wsgi:application"),
)
_WORKER = (
    *("-m", "celery", "-A", "khalsi", "worker", "-Q", "deliver", "-c", "1", "-l", "ERROR"),
    *("--without-gossip", "--without-mingle"),
)
T = TypeVar("T")


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def data(self) -> Any:
        return orjson.loads(self.body)["data"]


class Site(NamedTuple):
    """The ports of the API and of the live feed."""

    http: int
    feed: int

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        bearer: str = "",
        peer: str = "127.0.0.1",
        **headers: str,
    ) -> Reply:
        """One request on a connection of its own, from `peer`, any address of loopback."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=60, source_address=(peer, 0))
        try:
            return ask(connection, method, path, body, bearer=bearer, **headers)
        finally:
            connection.close()

    def listen(self, access: str) -> "Feed":
        """A live feed that this token opened."""
        feed = connect(f"ws://127.0.0.1:{self.feed}/ws/v1/", max_size=None)
        feed.send(orjson.dumps({"action": "authenticate", "token": access}).decode())
        answer = orjson.loads(feed.recv(10))
        if answer["type"] != "authenticated":
            raise SystemExit(f"The live feed refused a good token: {answer}")
        return Feed(feed)


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: Any = None,
    *,
    bearer: str = "",
    **headers: str,
) -> Reply:
    """One request; the time is from its first byte to the last of the reply."""
    lines = {name.replace("_", "-"): value for name, value in headers.items()}
    if bearer:
        lines["Authorization"] = f"Bearer {bearer}"
    text = body if isinstance(body, str | None) else orjson.dumps(body).decode()
    if body is not None:
        lines.setdefault("Content-Type", "application/json")
    connection.connect()
    began = time.perf_counter()
    connection.request(method, path, text, lines)
    reply = connection.getresponse()
    read = reply.read()
    seconds = time.perf_counter() - began
    connection.close()
    found = {name.lower(): value for name, value in reply.getheaders()}
    return Reply(reply.status, found, read, seconds)


@contextmanager
def scratch(**settings: str) -> Iterator[Scratch]:
    with Scratch(embedded=EMBEDDED, **settings) as made:
        yield made


@contextmanager
def running(made: Scratch, *, jobs: bool = False, **settings: str) -> Iterator[Site]:
    """The servers with these settings; with `jobs` also whatever sends mail."""
    port = free_port()
    base = {**made.whole_environment(), "SITE_URL": f"http://127.0.0.1:{port}", "PORT": str(port), **settings}
    site = Site(port, port if EMBEDDED else free_port())
    if EMBEDDED:
        _let_go_of_data()
    with ExitStack() as up:
        for name, at, words in _servers(site, jobs, made.name):
            command = [sys.executable, *words]
            up.enter_context(serving(name, at, command, cwd=ROOT, environment=base, path=_LIVE))
        yield site


def _let_go_of_data() -> None:
    """Preparing the folder held it against a second process, which is to run on it now."""
    from khalsi.embedded import alone

    if alone._held is not None:
        os.close(alone._held)
        alone._held = None


def _servers(site: Site, jobs: bool, name: str) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """What each is called, the port that tells whether all is well, and how Python starts it."""
    if EMBEDDED:
        whole = ("manage.py", "serve")
        yield "Khalsi", site.http, whole if jobs else (*_UVICORN, "--port", str(site.http))
        return
    yield "Khalsi", site.http, (*_GRANIAN, "--port", str(site.http))
    yield "live feed", site.feed, (*_UVICORN, "--port", str(site.feed))
    if jobs:
        yield "worker", site.http, (*_WORKER, "-n", f"{name}@%h")


def at_once(times: int, work: Callable[[int], T]) -> list[T]:
    """The results of so many threads that begin together."""
    gate = threading.Barrier(times)

    def begin(number: int) -> T:
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(begin, range(times)))


class Feed:
    """A live feed that is listened to, so that the moment of its end is known."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._closed_at = float("inf")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                self._connection.recv()
        self._closed_at = time.monotonic()

    def closed_after(self, moment: float, patience: float = 15.0) -> float:
        """How many seconds after this moment (of `time.monotonic`) the server closed it; infinity where it never
        did."""
        self._thread.join(max(moment + patience - time.monotonic(), 0))
        seconds = self._closed_at - moment
        self._connection.close()
        return seconds


class Line(NamedTuple):
    """One line of a report; `kept` is None where the machine was too loud to tell."""

    what: str
    promised: str
    reached: object
    kept: bool | None


def report(name: str, title: str, seed: int, lines: list[Line]) -> None:
    """Print and keep what was found; ends with code 1 where a promise was broken."""
    words = {True: "kept", False: "BROKEN", None: "too loud to tell"}
    rows = [(line.what, line.promised, line.reached, words[line.kept]) for line in lines]
    load = os.getloadavg()[0]
    print_table(f"{title}, {FORM}, seed {seed}, load {load:.1f}", ("what", "promised", "reached", ""), rows)
    keep(
        f"reliability_{name}",
        {"form": FORM, "seed": seed, "load": load, "lines": [list(row) for row in rows]},
    )
    if any(line.kept is False for line in lines):
        raise SystemExit(1)
