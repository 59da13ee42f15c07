"""A place for one benchmark: a database made for it and dropped after it, keys of its own in Redis, its own processes.

`DATABASE_URL` and `REDIS_URL` name the servers, in which nothing else is touched. Enter `Scratch` before anything of
Khalsi is imported, since settings are read once.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from benchmarks.ending import ends_with_parent, unwind_at_sigterm

ROOT = Path(__file__).resolve().parents[1]
POSTGRESQL = os.environ.get("DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/postgres"
REDIS = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/8"


class Scratch:
    """Enter it, and Khalsi runs on an empty, migrated database: PostgreSQL and Redis, or embedded."""

    def __init__(self, *, embedded: bool = False, **settings: str) -> None:
        self.name = f"khalsi_bench_{os.getpid()}"
        self.embedded = embedded
        self._settings = settings
        self._ends = ExitStack()

    def __enter__(self) -> Self:
        refuse_other_machines()
        unwind_at_sigterm()
        self.folder = Path(tempfile.mkdtemp(prefix="khalsi-bench-"))
        self._ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
        environment = {**self._of_every_form(), **({} if self.embedded else self._of_servers())}
        os.environ.update({**environment, **self._settings})
        self._set_up()
        return self

    def whole_environment(self) -> dict[str, str]:
        """For processes that are to see this scratch."""
        return dict(os.environ)

    def __exit__(self, *_: object) -> None:
        from django.db import connections

        connections.close_all()
        self._ends.close()

    def _of_every_form(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "khalsi.settings",
            "DEBUG": "false",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "CREDENTIALS_KEY": secrets.token_urlsafe(60),
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "DATA": str(self.folder),
            "SOURCE": "sandbox",
            "REPLAY": "",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "RATE_LIMIT_MAX": "0",
            "LOG_LEVEL": "ERROR",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }

    def _of_servers(self) -> dict[str, str]:
        self._ends.enter_context(scratch_database(self.name))
        self._ends.enter_context(scratch_keys(self.name))
        url = urlsplit(POSTGRESQL)._replace(path=f"/{self.name}").geturl()
        return {"DATABASE_URL": url, "REDIS_URL": REDIS, "KEY_PREFIX": self.name}

    def _set_up(self) -> None:
        import django
        from django.core.management import call_command

        django.setup()
        with Path(os.devnull).open("w") as nowhere:
            call_command("prepare", stdout=nowhere)


def refuse_other_machines() -> None:
    """What is measured loads its servers: only those of this machine are asked."""
    for name, url in (("DATABASE_URL", POSTGRESQL), ("REDIS_URL", REDIS)):
        if urlsplit(url).hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise SystemExit(f"{name}: benchmarks use servers on loopback alone.")


@contextmanager
def scratch_database(name: str) -> Iterator[None]:
    import psycopg

    with psycopg.connect(POSTGRESQL, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')  # the name is our own
        try:
            yield
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def scratch_keys(prefix: str) -> Iterator[None]:
    import redis

    with redis.Redis.from_url(REDIS) as client:
        client.ping()
        try:
            yield
        finally:
            for key in client.scan_iter(f"{prefix}*", count=1000):
                client.delete(key)


@contextmanager
def sandbox(tokens: int) -> Iterator[str]:
    """The simulated market with so many tokens, in a process of its own; gives its address."""
    command = [sys.executable, str(ROOT / "manage.py"), "sandbox", "--tokens", str(tokens), "--port", "0"]
    command.append("--until-stdin-closes")
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, preexec_fn=ends_with_parent, **pipes) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().removeprefix("Sandbox ready on ").split(": ")[0]
        finally:
            process.terminate()


def ask(url: str, body: Any = None) -> Any:
    """GET, or POST of `body`, as JSON."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as reply:
        return json.load(reply)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def one_core() -> Iterator[None]:
    """This process on one core alone; the database may use the others."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, cores)
