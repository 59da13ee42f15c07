"""Promise 11 for keys of exchange accounts: nobody finds them, and the key that seals them changes while they are used.

    python -m benchmarks.reliability.exchange_secrets              # PostgreSQL and Redis
    python -m benchmarks.reliability.exchange_secrets --embedded   # SQLite

1. Accounts at four exchanges on loopback are tested, connected, read, refused, revoked and misbehaved at, with the log
   at DEBUG; their pages, the staff site and exports are opened. Then database, Redis, files, log and replies are
   searched for every key: plain, base64 at any place, hex and URL form.
2. The keys of 1,000 connections are sealed anew while workers read accounts; the command is killed in the middle and
   run again. No reading may fail for it, and all must open with the new key alone.
"""

import argparse
import json
import os
import random
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.ending import unwind_at_sigterm
from benchmarks.reliability import canary
from benchmarks.reliability.exchange_visit import Keys, Visit, exchanges, sent
from benchmarks.report import keep, print_table
from benchmarks.scratch import ROOT, Scratch

OLD, NEW = secrets.token_urlsafe(40), secrets.token_urlsafe(40)
READERS = 4
KEPT_ON_PURPOSE = {"secret.key", "credentials.key"}
PIECE_OF_PEM = 48
"""Of a private key of several lines each line is looked for by itself."""
COMMAND = [sys.executable, str(ROOT / "manage.py"), "rotate_exchange_keys"]


def _planted(keys: dict[str, list[Keys]]) -> dict[str, set[str]]:
    """Every form of every secret that went through a door."""
    from core.lib.redaction import forms_of

    found = {}
    for exchange, accounts in keys.items():
        for number, account in enumerate(accounts[:3]):
            for field, value in sent(account).items():
                pieces = [
                    value,
                    *(line for line in value.split("\n") if PIECE_OF_PEM <= len(line) < len(value)),
                ]
                forms = set().union(*(forms_of(piece) | forms_of(piece[::-1]) for piece in pieces))
                found[f"{exchange} {number} {field}"] = forms
    return found


def _contents(files: list[Path]) -> bytes:
    """By another process: whoever closes a file of SQLite's lets go of the locks that its process holds there."""
    return subprocess.run(["cat", "--", *map(str, files)], capture_output=True, check=True).stdout


def search(scratch: Scratch, visit: Visit, log: Path) -> tuple[list[tuple[Any, ...]], list[str]]:
    files = [
        file
        for file in scratch.folder.rglob("*")
        if file.is_file()
        and file != log
        and not KEPT_ON_PURPOSE & set(file.relative_to(scratch.folder).parts)
    ]
    places = {
        "database, every table": canary._dump(),
        "files in DATA (with SQLite's own)": canary._text(_contents(files)),
        **({} if scratch.embedded else {"Redis, every key": canary._redis(scratch.name)}),
        "log of the process, at DEBUG": canary._text(log.read_bytes()),
        "replies, pages, staff site, exports": "\n".join(visit.replies),
    }
    rows, hits = list[tuple[Any, ...]](), list[str]()
    planted = _planted(visit.keys)
    for place, text in places.items():
        found = sorted(name for name, forms in planted.items() if any(form in text for form in forms))
        rows.append((place, f"{len(text):,}", 0, len(found)))
        hits += [f"{name} in {place}" for name in found]
    return rows, hits


def rotate(keys: dict[str, list[Keys]]) -> list[tuple[Any, ...]]:
    """Readers open keys and read accounts, while the command seals them anew."""
    from django.conf import settings

    from portfolios.models import Connection, SyncRun
    from portfolios.services.reaching import credentials_of
    from portfolios.services.sealed import KEY

    wanted = _stored(keys)
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    SyncRun.objects.all().delete()
    done, failures = threading.Event(), list[str]()
    threads = [threading.Thread(target=_reading, args=(done, failures)) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    environment = {**os.environ, "CREDENTIALS_KEY": f"{NEW},{OLD}"}
    first = subprocess.Popen(COMMAND, env=environment, stdout=subprocess.DEVNULL)
    while first.poll() is None and KEY.under_other_keys().count() > len(wanted) * 0.7:
        time.sleep(0.01)
    first.kill()
    first.wait()
    left = KEY.under_other_keys().count()
    code = subprocess.run(COMMAND, env=environment, stdout=subprocess.DEVNULL, check=False).returncode
    seconds = time.monotonic() - began
    done.set()
    for thread in threads:
        thread.join()
    settings.CREDENTIALS_KEYS = [NEW]
    rows = Connection.objects.filter(id__in=wanted)
    opened = sum(credentials_of(row).secret == wanted[row.id] for row in rows)
    unopened = SyncRun.objects.filter(error_class="CannotOpen").count()
    return [
        ("connections whose keys open with the new key alone", len(wanted), opened),
        ("readings that found keys shut, or failed in a thread", 0, unopened + len(failures)),
        ("readings meanwhile", "", SyncRun.objects.filter(state="done").count()),
        ("left to do when the command was killed", "some", left),
        ("the command's end", 0, code),
        ("seconds", "", f"{seconds:.1f}"),
    ]


def _stored(keys: dict[str, list[Keys]]) -> dict[Any, str]:
    """The secret of each, by its connection."""
    from benchmarks.reliability.people import people
    from core.lib.clock import wall_now
    from portfolios.exchanges.base import Credentials
    from portfolios.models import Connection, SyncCursor
    from portfolios.services.reaching import seal_into
    from tests.make.portfolios import a_portfolio

    now, rows, wanted = wall_now(), [], {}
    every = [(name, one) for name, accounts in keys.items() for one in accounts[3:]]
    for number, (name, one) in enumerate(every):
        if number % 10 == 0:
            (owner,) = people([f"person{number}"])
            portfolio = a_portfolio(owner)
        row = Connection(
            owner=owner, portfolio=portfolio, exchange=name, name=name, created_at=now, due_at=now
        )
        row.keys_since, row.rights, row.rights_seen_at = now, "read_only", now
        seal_into(row, Credentials(**one))
        wanted[row.id] = one["secret"]
        rows.append(row)
    Connection.objects.bulk_create(rows)
    SyncCursor.objects.bulk_create(
        SyncCursor(connection=row, kind=kind, reached=now, looked_at=now, assets=["SOL"])
        for row in rows
        for kind in SyncCursor.Kind
    )
    return wanted


def _reading(done: threading.Event, failures: list[str]) -> None:
    from django.db import connection

    from portfolios.services.syncing import sync_due

    while not done.is_set():
        try:
            sync_due(patience=0.5)
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")
        time.sleep(0.01)
    connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    unwind_at_sigterm()
    with exchanges(asked.connections) as (pipe, urls, keys):
        there = ",".join(f"{name}={url}" for name, url in urls.items())
        terms = {"EXCHANGE_URLS": there, "LOG_LEVEL": "DEBUG", "CREDENTIALS_KEY": OLD}
        with Scratch(embedded=asked.embedded, **terms) as scratch:
            from django.core.management import call_command

            call_command("collectstatic", interactive=False, verbosity=0)
            log = scratch.folder / "process.log"
            with _told_to(log):
                visit = Visit(pipe, keys)
                visit.everything()
            found, hits = search(scratch, visit, log)
            rotated = rotate(keys)
    database = "SQLite" if asked.embedded else "PostgreSQL and Redis"
    title = f"{len(_planted(keys))} secrets of exchange accounts, {len(visit.replies)} replies, {database}"
    print_table(title, ("place", "characters", "promised", "found"), found)
    print(f"  replies by status: {json.dumps(dict(sorted(visit.statuses.items())))}")
    for hit in hits:
        print(f"  FOUND {hit}")
    print_table("Sealed anew while accounts are read", ("what", "promised", "reached"), rotated)
    keep("exchange_secrets", {"database": database, "rows": found, "rotated": rotated})
    sys.exit(bool(hits or rotated[0][1] != rotated[0][2] or rotated[1][2] or rotated[4][2]))


@contextmanager
def _told_to(log: Path) -> Iterator[None]:
    """What this process says, whoever says it."""
    sys.stderr.flush()
    kept = os.dup(2)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)


if __name__ == "__main__":
    main()
