"""Promise 15, bad input gets a clear 4xx: requests made from the OpenAPI document, and broken frames on the live feed.

    make fuzz        (python -m benchmarks.reliability.bad_input [--embedded] [--requests 10000] [--seeds 1 2 3])

Asks a real server as anonymous, as a user, as staff and by an API key, with limits lifted and signing in as it is. What
replies name is used in later requests. PostgreSQL and Redis, or `--embedded`: SQLite in one process.
"""

import argparse
import http.client
import json
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from benchmarks.load import Server, serving
from benchmarks.reliability.bad_frames import send_bad_frames
from benchmarks.reliability.made_requests import PASSWORD, Asked, Known, Maker
from benchmarks.report import keep, print_table
from benchmarks.scratch import ROOT, Scratch, free_port

FRAMES = 2_000
MAY_BE_CUT = 1024 * 1024
"""The server closes while more than this is still coming; whether its 413 arrives before is the network's doing."""
BARE = ("/api/v1/predictions/track-record.csv", "/api/v1/predictions/abstentions.csv")
Credential = Callable[[], str | None]


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Found:
    """What came back, by operation; and what should not have."""

    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: list[str] = field(default_factory=list)
    undocumented: Counter[str] = field(default_factory=Counter)
    cut: int = 0

    def note(self, asked: Asked, reply: Reply) -> None:
        self.statuses[asked.operation][reply.status] += 1
        fault = fault_of(asked, reply)
        if fault:
            self.faults.append(
                f"{fault}: {asked.method} {asked.url[:150]} {asked.headers} {asked.body[:150]!r}"
            )
        if asked.statuses and str(reply.status) not in asked.statuses | {"304"}:
            self.undocumented[f"{asked.operation}: {reply.status}"] += 1


def fault_of(asked: Asked, reply: Reply) -> str:
    if reply.status >= 500:
        return f"status {reply.status} {reply.body[:200]!r}"
    if len(reply.headers.get("X-Request-ID", "")) < 8:
        return "no request id"
    if asked.method == "HEAD" or reply.status in (204, 304):
        return f"a body with {reply.status}" if reply.body else ""
    if reply.status == 200 and reply.headers.get("Content-Type", "").startswith("text/csv"):
        return "" if asked.url.partition("?")[0].rstrip("/") in BARE else "a file"
    return _out_of_envelope(reply)


def _out_of_envelope(reply: Reply) -> str:
    try:
        body = json.loads(reply.body, parse_constant=lambda name: 1 / 0)
    except (ValueError, ZeroDivisionError):
        return f"no JSON {reply.body[:100]!r}"
    if not isinstance(body, dict) or body.get("success") is not (reply.status < 400):
        return f"no envelope {reply.body[:100]!r}"
    if reply.status < 400:
        return ""
    error = body.get("error", {})
    if (
        not {"code", "message", "request_id"}
        <= set(error)
        <= {"code", "message", "request_id", "details", "retry_after"}
    ):
        return f"an error that says {sorted(error)}"
    return "" if error["request_id"] == reply.headers["X-Request-ID"] else "another request id"


class Client:
    def __init__(self, at: Server) -> None:
        self._port = at.port
        self._open()

    def _open(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)

    def ask(self, asked: Asked) -> Reply | None:
        """None where the server closed before the body was all there, twice."""
        for _ in range(2):
            try:
                headers = {name: value.encode("latin-1", "replace") for name, value in asked.headers.items()}
                self._connection.request(asked.method, asked.url, asked.body or None, headers)
                answer = self._connection.getresponse()
                return Reply(answer.status, answer.headers, answer.read())
            except (OSError, http.client.HTTPException):
                self._connection.close()
                self._open()
        return None


class Person:
    """Signs in anew where a request has ended the session or the account."""

    def __init__(self, name: str, role: str) -> None:
        self._name, self._role, self._token = name, role, ""

    def __call__(self) -> str:
        if not self._token:
            self._token = self._signed_in()
        return f"Bearer {self._token}"

    def forget(self) -> None:
        self._token = ""

    def _signed_in(self) -> str:
        from accounts.models import User
        from accounts.services.tokens import open_session
        from core.lib.clock import wall_now

        now = wall_now()
        user = User.objects.filter(email=f"{self._name}@example.com").first()
        if user is None:
            factor = now if self._role == "staff" else None
            user = User(email=f"{self._name}@example.com", role=self._role, email_verified=True)
            user.second_factor_since = factor
            user.set_password(PASSWORD)
            user.save()
        return open_session(user=user, now=now).access


def a_key(owner: Person) -> str:
    from accounts.models import User
    from accounts.services.api_keys import make_api_key
    from core.lib.clock import wall_now

    owner()
    user = User.objects.get(email="keyed@example.com")
    _, key = make_api_key(user_id=user.id, name="fuzz", scopes=["read"], now=wall_now())
    return f"Api-Key {key}"


def fuzz(at: Server, document: dict[str, Any], requests: int, seed: int, found: Found) -> None:
    chance = random.Random(seed)
    known = Known()
    for name, values in MEANT.items():
        known.values[name] = list(values)
    client, maker = Client(at), Maker(document, known, chance)
    user, staff = Person(f"user{seed}", "user"), Person(f"staff{seed}", "staff")
    key = a_key(Person("keyed", "user"))
    who: list[Credential] = [user] * 4 + [staff] * 3 + [lambda: None] * 2 + [lambda: key]
    children = _ids_below(document)
    for _ in range(requests):
        credential = chance.choice(who)
        asked = maker.make(credential())
        reply = client.ask(asked)
        if reply is None:
            found.cut += len(asked.body) <= MAY_BE_CUT
            continue
        found.note(asked, reply)
        if reply.status == 401 and isinstance(credential, Person):
            credential.forget()
        if reply.status < 300 and reply.body.startswith(b"{"):
            _learn(json.loads(reply.body), children.get(asked.operation.split()[1], ""), known)


MEANT: dict[str, tuple[Any, ...]] = {
    "symbol": ("SOL", "BTC", "ETH", "BENCH1", "NOPE"),
    "id": ("solana", "bitcoin", "nobody"),
    "coingecko_id": ("solana", "bitcoin"),
    "email": ("user1@example.com", "nobody@example.com"),
    "password": (PASSWORD, "quiet rivers bend twice", "short"),
    "current_password": (PASSWORD, "not the right one"),
    "scopes": (["read"], ["read", "train"]),
    "kind": ("price_above", "price_below", "webhook", "email"),
    "params": ({"price": 200.0}, {"price": -1}, {}, {"price": "NaN"}, {"percent": 5, "hours": 24}),
    "preferences": ({"theme": "dark"}, {"theme": "none"}, {"quiet_hours": {}}),
    "code": ("000000", "123456", "12345"),
    "cursor": ("", "bm9uc2Vuc2U=", "1", "-1"),
}
_TELLING = {"job_id", "refresh", "token", "cursor", "channel_id", "delivery_id", "alert_id", "event_id"}


def _ids_below(document: dict[str, Any]) -> dict[str, str]:
    """The id that the paths below one hold: what `/alerts` calls `id` is `{alert_id}` further down."""
    below = [path.partition("/{") for path in document["paths"] if "/{" in path]
    return {above: rest.partition("}")[0] for above, _, rest in below}


def _learn(value: Any, called: str, known: Known) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, (str, int)) and (name in _TELLING or (name == "id" and called)):
                known.learn(called if name == "id" else name, inner)
            _learn(inner, called, known)
    elif isinstance(value, list):
        for inner in value[:5]:
            _learn(inner, called, known)


def make_world() -> None:
    from benchmarks.world import make_candles, make_quotes, make_tokens
    from core.lib.clock import floor_to, market_now
    from predictions.services.forecasting import make_forecasts
    from predictions.services.tallying import keep_tallies

    now = market_now()
    as_of = floor_to(now, 900)
    tokens = make_tokens(6)
    make_candles(tokens, as_of, days=40, quarter_days=3)
    make_quotes(tokens, now)
    keep_tallies(now)
    make_forecasts(as_of, as_of + timedelta(seconds=30), ["1h", "1d"])


@contextmanager
def servers(scratch: Scratch) -> Iterator[tuple[Server, Server]]:
    """What answers HTTP, and what has the live feed: one process embedded, two distributed."""
    live = [sys.executable, "-m", "uvicorn", "khalsi.asgi:application", "--ws", "websockets-sansio"]
    live += ["--log-level", "critical", "--port"]
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1"]
    web += ["--blocking-threads", "2", "--log-level", "critical", "khalsi.wsgi:application", "--port"]
    with _serving("live feed", live, scratch) as feed:
        if scratch.embedded:
            yield feed, feed
            return
        with _serving("web", web, scratch) as http_server:
            yield http_server, feed


@contextmanager
def _serving(name: str, command: list[str], scratch: Scratch) -> Iterator[Server]:
    port = free_port()
    environment = scratch.whole_environment()
    path = "/api/v1/health/live"
    with serving(name, port, [*command, str(port)], cwd=ROOT, environment=environment, path=path) as running:
        yield running


def documented(at: Server) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=60)
    connection.request("GET", "/api/schema/?format=json", headers={"Accept": "application/json"})
    return dict(json.loads(connection.getresponse().read()))


def report(found: Found, frames: dict[str, int], title: str) -> bool:
    rows = [
        (name, sum(those.values()), *(sum(those[s] for s in those if s // 100 == k) for k in (2, 3, 4, 5)))
        for name, those in sorted(found.statuses.items())
    ]
    print_table(title, ("operation", "requests", "2xx", "3xx", "4xx", "5xx"), rows)
    total: Counter[int] = sum(found.statuses.values(), Counter())
    print_table("all", ("status", "replies"), sorted(total.items()))
    broken = len(found.faults) + found.cut + frames["faults"]
    summary = [
        ("replies", "", sum(total.values())),
        ("replies ≥ 500 or outside the envelope", "0", len(found.faults)),
        ("requests cut off without a reply", "0", found.cut),
        ("replies with a status that is not documented", "0", sum(found.undocumented.values())),
        ("broken frames sent", FRAMES, frames["sent"]),
        ("error frames · connections closed for them", "", f"{frames['refused']} · {frames['closed']}"),
        ("faults on the connection beside them", "0", frames["faults"]),
    ]
    print_table("promise 15", ("what", "promised", "reached"), summary)
    for name, times in found.undocumented.most_common():
        print(f"  {name}, {times} times")
    keep("reliability.bad_input", {"title": title, "rows": [list(map(str, row)) for row in summary]})
    return not broken and not found.undocumented


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--requests", type=int, default=10_000, help="by each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--frames", type=int, default=FRAMES)
    given = parser.parse_args()
    form, found, began = "embedded" if given.embedded else "distributed", Found(), time.monotonic()
    print(f"seeds {given.seeds}, load {os.getloadavg()[0]:.1f}")
    with Scratch(embedded=given.embedded, JWT_EXPIRES_IN="6h") as scratch:
        make_world()
        with servers(scratch) as (web, feed):
            document = documented(web)
            for seed in given.seeds:
                fuzz(web, document, given.requests, seed, found)
            frames = send_bad_frames(feed.port, given.frames, random.Random(given.seeds[0]))
    kept = report(found, frames, f"{form}, seeds {given.seeds}, {time.monotonic() - began:.0f} s")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
