"""Promise 8, a retried write happens once: many at once, killed in the midst, another body, another user.

    python -m benchmarks.reliability.retried_write [--embedded] [--rounds 10] [--kills 10] [--seed 1]

On a real server of two workers with PostgreSQL and Redis; `--embedded`: one ASGI process with SQLite. The write is one
that takes as long as it is told, so that SIGKILL falls before, in and after it.
"""

import argparse
import http.client
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, NamedTuple
from uuid import uuid4

import psutil

from benchmarks.load import Server, serving
from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import ROOT, Scratch, free_port

AT_ONCE = 50
PROMISED_SECONDS = 30
PAUSE = 0.4
PATH = "/api/v1/slow-write"
APP = "benchmarks.reliability.slow_write"


class Reply(NamedTuple):
    status: int
    body: bytes
    retry_after: int


class Users(NamedTuple):
    alice: str
    bob: str


@contextmanager
def server(scratch: Scratch) -> Iterator[Server]:
    port = free_port()
    here = [sys.executable, "-m"]
    if scratch.embedded:
        command = [*here, "uvicorn", f"{APP}:asgi", "--port", str(port), "--log-level", "critical"]
    else:
        command = [*here, "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--workers", "2", "--blocking-threads", "16", "--log-level", "critical", f"{APP}:wsgi"]
    environment = scratch.whole_environment()
    live = "/api/v1/health/live"
    with serving("khalsi", port, command, cwd=ROOT, environment=environment, path=live) as running:
        yield running


def ask(at: Server, token: str, key: str, name: str, seconds: float = 0.0) -> Reply:
    """Raises OSError or HTTPException where the server is gone."""
    connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=60)
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    try:
        connection.request("POST", PATH, json.dumps({"name": name, "seconds": seconds}), headers)
        reply = connection.getresponse()
        return Reply(reply.status, reply.read(), int(reply.headers.get("Retry-After", 0)))
    finally:
        connection.close()


def effects(name: str) -> int:
    from core.models import JobRun

    return JobRun.objects.filter(detail=name).count()


def many_at_once(at: Server, users: Users, rounds: int) -> dict[str, Any]:
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    for number in range(rounds):
        name, together = f"at once {number}", Barrier(AT_ONCE)
        key = str(uuid4())

        def one(_: int, name: str = name, key: str = key, together: Barrier = together) -> Reply:
            together.wait(60)
            return ask(at, users.alice, key, name, 0.05)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            replies = list(threads.map(one, range(AT_ONCE)))
        statuses.update(reply.status for reply in replies)
        done = {reply.body for reply in replies if reply.status < 300}
        conflicts = [reply for reply in replies if reply.status == 409]
        if len(done) != 1:
            wrong.append(f"{name}: {len(done)} different replies")
        if effects(name) != 1:
            wrong.append(f"{name}: {effects(name)} effects")
        if any(not reply.retry_after for reply in conflicts):
            wrong.append(f"{name}: 409 without Retry-After")
        if ask(at, users.alice, key, name, 0.05).body not in done:
            wrong.append(f"{name}: a later repeat differs")
    if set(statuses) - {201, 409}:
        wrong.append(f"statuses {dict(statuses)}")
    return {"statuses": dict(statuses), "wrong": wrong}


def killed(scratch: Scratch, users: Users, kills: int, chance: random.Random) -> dict[str, Any]:
    """Each kill takes the whole tree of processes; the next server is another one on the same database."""
    waits: list[float] = []
    wrong: list[str] = []
    ends: Counter[str] = Counter()
    for number in range(kills):
        name, key = f"killed {number}", str(uuid4())
        with server(scratch) as first, ThreadPoolExecutor(1) as thread:
            asked = thread.submit(ask, first, users.alice, key, name, PAUSE)
            time.sleep(chance.uniform(0, PAUSE + 0.2))
            kill(first)
            try:
                ends[f"answered {asked.result().status} before it"] += 1
            except (OSError, http.client.HTTPException):
                ends["cut off"] += 1
        with server(scratch) as second:
            began = time.monotonic()
            reply = retried(second, users.alice, key, name)
            waits.append(time.monotonic() - began)
            again = ask(second, users.alice, key, name, PAUSE)
        if reply.status != 201 or again.body != reply.body:
            wrong.append(f"{name}: {reply.status}, then {again.status}")
        if effects(name) != 1:
            wrong.append(f"{name}: {effects(name)} effects")
    if max(waits) > PROMISED_SECONDS:
        wrong.append(f"waited {max(waits):.1f} s")
    return {"waits": waits, "ends": dict(ends), "wrong": wrong}


def kill(at: Server) -> None:
    tree = [at.process, *at.process.children(recursive=True)]
    os.killpg(at.process.pid, signal.SIGKILL)
    psutil.wait_procs(tree, timeout=10)


def retried(at: Server, token: str, key: str, name: str) -> Reply:
    """As a patient client does it."""
    ends = time.monotonic() + 2 * PROMISED_SECONDS
    while True:
        reply = ask(at, token, key, name, PAUSE)
        if reply.status != 409 or time.monotonic() > ends:
            return reply
        time.sleep(reply.retry_after)


def others(at: Server, users: Users) -> dict[str, Any]:
    key, wrong = str(uuid4()), []
    first = ask(at, users.alice, key, "mine")
    other_body = ask(at, users.alice, key, "another")
    other_user = ask(at, users.bob, key, "mine")
    if other_body.status != 409 or effects("another"):
        wrong.append(f"another body: {other_body.status}")
    if other_user.status != 201 or other_user.body == first.body or effects("mine") != 2:
        wrong.append(f"another user: {other_user.status}")
    return {"wrong": wrong}


def people() -> Users:
    from accounts.models import User
    from accounts.services.tokens import open_session
    from core.lib.clock import wall_now

    users = [User.objects.create(email=f"{name}@example.com", email_verified=True) for name in Users._fields]
    return Users(*(open_session(user=user, now=wall_now()).access for user in users))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}, load {os.getloadavg()[0]:.1f}")
    with Scratch(embedded=given.embedded, JWT_EXPIRES_IN="2h") as scratch:
        users = people()
        with server(scratch) as running:
            raced, apart = many_at_once(running, users, given.rounds), others(running, users)
        died = killed(scratch, users, given.kills, random.Random(given.seed))
    broken = [*raced["wrong"], *died["wrong"], *apart["wrong"]]
    rows = [
        (
            f"{AT_ONCE} at once, {given.rounds} rounds",
            "1 effect, same bytes, others 409",
            raced["statuses"],
        ),
        (f"killed in the midst, {given.kills} times", "1 effect, answer within 30 s", died["ends"]),
        ("… seconds from the first retry to the answer", f"≤ {PROMISED_SECONDS}", spread(died["waits"], 1)),
        ("another body · another user", "409 · its own", "as promised" if not apart["wrong"] else "broken"),
        ("broken", "0", len(broken)),
    ]
    print_table("embedded" if given.embedded else "distributed", ("what", "promised", "reached"), rows)
    for line in broken:
        print(f"  {line}")
    keep("reliability.retried_write", {**vars(given), "rows": [list(map(str, row)) for row in rows]})
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
