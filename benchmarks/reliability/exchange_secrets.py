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
import multiprocessing
import os
import random
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from benchmarks.ending import ends_with_parent, unwind_at_sigterm
from benchmarks.reliability import canary
from benchmarks.report import keep, print_table
from benchmarks.scratch import ROOT, Scratch
from tests.fakes.exchanges import NAMES, a_fake, wrong

OLD, NEW = secrets.token_urlsafe(40), secrets.token_urlsafe(40)
READERS = 4
KEPT_ON_PURPOSE = {"secret.key", "credentials.key"}
PIECE_OF_PEM = 48
"""Of a private key of several lines each line is looked for by itself."""
COMMAND = [sys.executable, str(ROOT / "manage.py"), "rotate_exchange_keys"]
Keys = dict[str, str]


def _play(pipe: Pipe, count: int) -> None:
    """For each exchange accounts that read, that can do more, and that are revoked after a few calls."""
    ends_with_parent()
    with ExitStack() as ends:
        fakes = {name: ends.enter_context(a_fake(name)) for name in NAMES}
        told: dict[str, list[Keys]] = {}
        for name, fake in fakes.items():
            special: list[dict[str, Any]] = [{}, {"may": {"read", "trade"}}, {"revoked_after": 6}]
            accounts = [fake.opens_account(**more) for more in special]
            accounts += [fake.opens_account() for _ in range(count // len(NAMES))]
            for account in accounts:
                account.holds("SOL", "1")
            told[name] = [
                {"key": one.key, "secret": one.secret, "passphrase": one.passphrase} for one in accounts
            ]
        pipe.send(({name: fake.url for name, fake in fakes.items()}, told))
        faults = {
            "html": wrong.html(),
            "down": wrong.down(500),
            "shape": wrong.other_shape(),
            "cut": wrong.truncated(),
        }
        while (said := pipe.recv()) is not None:
            for fake in fakes.values():
                fake.misbehaves(faults[said])
            pipe.send(said)


@contextmanager
def exchanges(count: int) -> Iterator[tuple[Pipe, dict[str, str], dict[str, list[Keys]]]]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_play, args=(there, count), daemon=True)
    process.start()
    try:
        yield here, *here.recv()
    finally:
        here.send(None)
        process.join(10)


class Visit:
    """A user, staff and a worker do everything that touches keys. What was answered is kept."""

    def __init__(self, pipe: Pipe, keys: dict[str, list[Keys]]) -> None:
        from django.test import Client

        from benchmarks.reliability.people import people, tokens
        from core.lib.clock import wall_now

        self.pipe, self.keys, self.replies = pipe, keys, list[str]()
        self.statuses: dict[int, int] = {}
        self.client, self.browser = (
            Client(raise_request_exception=False),
            Client(raise_request_exception=False),
        )
        (self.alice,) = people(["alice"], plan="pro")
        (self.ada,) = people(["ada"], role="admin", is_superuser=True, second_factor_since=wall_now())
        self.headers = {"Authorization": f"Bearer {tokens(self.alice).access}"}

    def everything(self) -> None:
        from portfolios.models import Connection

        for name, (good, trading, revoked, *_) in self.keys.items():
            for path in ("test", "connect"):
                self._post(path, {"exchange": name, **_sent(trading)})
                self._post(path, {"exchange": name, **_sent(good), "portfolio_id": 7, "name": "\n"})
                self._post(path, {"exchange": name, **_sent(good), "secret": good["secret"][::-1]})
                self._post(path, {"exchange": "mtgox", **_sent(good)})
                self._post(path, {"exchange": name, "key": [good["key"]], "secret": {"a": good["secret"]}})
            self._post("connect", {"exchange": name, **_sent(good)}, key=f"once-{name}")
            self._post("connect", {"exchange": name, **_sent(good)}, key=f"once-{name}")
            self._post("connect", {"exchange": name, **_sent(revoked)})
            self._page_form(name, good)
        for fault in ("", "html", "down", "shape", "cut", ""):
            if fault:
                self.pipe.send(fault)
                self.pipe.recv()
            Connection.objects.update(due_at=self.alice.created_at, lease=None, leased_until=None)
            self._read()
        self._broken()
        self._look()

    def _post(self, path: str, body: dict[str, Any], key: str = "") -> None:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        url = f"/api/v1/exchanges/{path}"
        self._keep(self.client.post(url, body, content_type="application/json", headers=headers))

    def _page_form(self, name: str, good: Keys) -> None:
        self.browser.force_login(self.alice)
        for do in ("test", "connect"):
            said = {**_sent(good), "name": "x", "do": do}
            self._keep(self.browser.post(f"/exchanges/new/{name}", said, follow=True))

    def _read(self) -> None:
        from portfolios.services.syncing import sync_due

        sync_due()

    def _broken(self) -> None:
        """What nobody reckoned with, in the middle of a request and of a reading: all of it is logged."""
        from unittest import mock

        from portfolios.models import Connection
        from portfolios.tasks import sync_due

        name, (good, *_) = next(iter(self.keys.items()))
        with mock.patch(
            "portfolios.services.connecting.examining._judged", side_effect=RuntimeError("broken")
        ):
            self._post("test", {"exchange": name, **_sent(good)})
            self._page_form(name, good)
        Connection.objects.update(due_at=self.alice.created_at, lease=None, leased_until=None, state="active")
        with mock.patch(
            "portfolios.services.syncing.working._look_at_rights", side_effect=RuntimeError("broken")
        ):
            sync_due.apply()

    def _look(self) -> None:
        from portfolios.models import Connection

        self._keep(self.client.get("/api/v1/exchanges/connections", headers=self.headers))
        self._keep(self.client.get("/api/v1/user/export", headers=self.headers))
        self.browser.force_login(self.alice)
        paths = ["/exchanges", *(f"/exchanges/{one.pk}" for one in Connection.objects.all())]
        for path in [*paths, *(f"{path}/keys" for path in paths[1:])]:
            self._keep(self.browser.get(path))
        self.browser.force_login(self.ada)
        for model in (
            "portfolios/connection",
            "portfolios/syncrun",
            "core/deadletter",
            "core/jobrun",
            "accounts/auditentry",
        ):
            self._keep(self.browser.get(f"/admin/{model}/", follow=True))
        for one in Connection.objects.all():
            self._keep(self.browser.get(f"/admin/portfolios/connection/{one.pk}/change/", follow=True))

    def _keep(self, reply: Any) -> None:
        self.statuses[reply.status_code] = self.statuses.get(reply.status_code, 0) + 1
        body = b"".join(reply.streaming_content) if reply.streaming else reply.content
        self.replies.append(f"{dict(reply.items())} {body.decode(errors='replace')}")


def _sent(keys: Keys) -> Keys:
    return {name: value for name, value in keys.items() if value}


def _planted(keys: dict[str, list[Keys]]) -> dict[str, set[str]]:
    """Every form of every secret that went through a door."""
    from core.lib.redaction import forms_of

    found = {}
    for exchange, accounts in keys.items():
        for number, account in enumerate(accounts[:3]):
            for field, value in _sent(account).items():
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
