"""Promise 11: a canary in every place where secrets come in, and nowhere where they must not come out.

`python -m benchmarks.reliability.canary` (`--sqlite`): a real server with its log at DEBUG is driven through
registration, right and wrong log-ins, second factor, keys, links, exports and errors of every kind. Then database,
Redis, logs, files and every refusal are searched for each secret: plain, base64 at any place, hex and URL form.
"""

import argparse
import os
import random
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.ending import ends_with_parent
from benchmarks.load import serving
from benchmarks.reliability.driving import Visitor
from benchmarks.report import keep, print_table
from benchmarks.scratch import ROOT, Scratch, free_port

SECRETS_OF_THE_PROCESS = (
    "SECRET_KEY",
    "CREDENTIALS_KEY",
    "JWT_SIGNING_KEY",
    "COINGECKO_API_KEY",
    "METRICS_TOKEN",
)
KEPT_ON_PURPOSE = {"outbox", "secret.key", "credentials.key"}
"""Mail that would have been sent, and the keys' own files."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    own = {name: secrets.token_urlsafe(40) for name in SECRETS_OF_THE_PROCESS}
    with Scratch(embedded=asked.sqlite, **{**own, "LOG_LEVEL": "DEBUG"}) as scratch:
        log = scratch.folder / "server.log"
        with _server(scratch, log) as (port, broken):
            visitor = Visitor(
                f"http://127.0.0.1:{port}", scratch.folder / "outbox", random.Random(asked.seed)
            )
            visitor.live(broken)
        planted = {**own, **visitor.secrets}
        _report(planted, _places(scratch, log, visitor), visitor, asked)


def _report(planted: Mapping[str, str], places: dict[str, str], visitor: Visitor, asked: Any) -> None:
    from core.lib.redaction import forms_of

    forms = {name: forms_of(secret) for name, secret in planted.items()}
    rows, hits = [], []
    for place, text in places.items():
        found = sorted(name for name, all_forms in forms.items() if any(form in text for form in all_forms))
        rows.append((place, f"{len(text):,}", 0, len(found)))
        hits += [f"{name} in {place}" for name in found]
    database = "SQLite" if asked.sqlite else "PostgreSQL and Redis"
    title = f"{len(planted)} secrets planted, {visitor.asked} requests, {database}, seed {asked.seed}"
    print_table(title, ("place", "characters", "promised", "secrets found"), rows)
    print(f"  replies by status: {dict(sorted(visitor.statuses.items()))}")
    for hit in hits:
        print(f"  FOUND {hit}")
    keep("canary", {"database": database, "seed": asked.seed, "planted": sorted(planted), "rows": rows})
    sys.exit(bool(hits))


@contextmanager
def _server(scratch: Scratch, log: Path) -> Iterator[tuple[int, Callable[[], Any]]]:
    """All of Khalsi in one process, or the server with a worker of its own for mail; all they say goes into `log`."""
    from django.core.management import call_command

    if scratch.embedded:
        _give_the_folder_away()
    else:
        call_command("collectstatic", interactive=False, verbosity=0)  # `serve` does it by itself
    port = free_port()
    environment = {**scratch.whole_environment(), "PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"}
    words = ["uvicorn", "khalsi.asgi:application", "--port", str(port), "--log-level", "debug"]
    command = [sys.executable, "manage.py", "serve"] if scratch.embedded else [sys.executable, "-m", *words]
    celery = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "khalsi",
        "worker",
        "-Q",
        "deliver",
        "-c",
        "1",
        "-l",
        "debug",
    ]
    with log.open("ab") as out:
        worker = None
        if not scratch.embedded:
            worker = subprocess.Popen(
                celery, cwd=ROOT, env=environment, stdout=out, stderr=out, preexec_fn=ends_with_parent
            )
        try:
            where: dict[str, Any] = {
                "cwd": ROOT,
                "environment": environment,
                "path": "/health/live",
                "patience": 300,
            }
            with serving("Khalsi", port, command, output=out, **where):
                yield port, lambda: _without_a_table(scratch)
        finally:
            if worker:
                worker.terminate()
                worker.wait(20)


def _give_the_folder_away() -> None:
    """`prepare` holds DATA for this process, and one process alone may."""
    from khalsi.embedded import alone

    if alone._held is not None:
        os.close(alone._held)


@contextmanager
def _without_a_table(scratch: Scratch) -> Iterator[None]:
    """What nobody reckoned with: every request with a key fails in the middle."""
    from django.db import connection

    def rename(old: str, new: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")
        connection.close()

    tables = ("accounts_apikey", "accounts_onetimetoken")
    for table in tables:
        rename(table, f"{table}_away")
    try:
        yield
    finally:
        for table in tables:
            rename(f"{table}_away", table)


def _places(scratch: Scratch, log: Path, visitor: Visitor) -> dict[str, str]:
    files = [
        file
        for file in scratch.folder.rglob("*")
        if file.is_file()
        and file != log
        and not KEPT_ON_PURPOSE & set(file.relative_to(scratch.folder).parts)
    ]
    return {
        "database, every table": _dump(),
        "files in DATA (with SQLite's own)": "\n".join(_text(file.read_bytes()) for file in files),
        **({} if scratch.embedded else {"Redis, every key": _redis(scratch.name)}),
        "log of the processes": _text(log.read_bytes()),
        "refusals and error pages": "\n".join(visitor.refusals),
        "exports": "\n".join(visitor.exports),
    }


def _dump() -> str:
    """Every row of every table, as a driver shows it."""
    from django.db import connection

    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [f"{table} {_text(value)}" for row in cursor for value in row]
    return "\n".join(rows)


def _redis(prefix: str) -> str:
    import redis

    readers: dict[bytes, Callable[[Any, Any], Iterable[Any]]] = {
        b"string": lambda link, key: [link.get(key)],
        b"hash": lambda link, key: [part for pair in link.hgetall(key).items() for part in pair],
        b"list": lambda link, key: link.lrange(key, 0, -1),
        b"set": lambda link, key: link.smembers(key),
        b"zset": lambda link, key: link.zrange(key, 0, -1),
        b"stream": lambda link, key: [repr(entry).encode() for entry in link.xrange(key)],
    }
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as link:
        keys = list(link.scan_iter(f"{prefix}*", count=1000))
        parts = [part for key in keys for part in (key, *readers[link.type(key)](link, key))]
    return "\n".join(_text(part) for part in parts)


def _text(value: Any) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)


if __name__ == "__main__":
    main()
