"""Promise 11: 1,000 stored secrets are sealed anew under concurrent reads and writes, without one failure.

`python -m benchmarks.reliability.rekey` (`--sqlite`, `--secrets 1000`, `--seed`): four threads read and write random
rows while `manage.py rekey_credentials` is killed once in the middle and run again to its end.
"""

import argparse
import os
import random
import secrets
import subprocess
import sys
import threading
import time
from uuid import UUID

from benchmarks.ending import ends_with_parent
from benchmarks.report import keep, print_table
from benchmarks.scratch import ROOT, Scratch

OLD, NEW = secrets.token_urlsafe(40), secrets.token_urlsafe(40)
READERS, WRITERS = 2, 2
WRITTEN = 100
"""Rows that are written meanwhile; the others are the command's alone."""
COMMAND = [sys.executable, str(ROOT / "manage.py"), "rekey_credentials"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--secrets", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    with Scratch(embedded=asked.sqlite, CREDENTIALS_KEY=OLD):
        _run(asked.secrets, asked.seed, "SQLite" if asked.sqlite else "PostgreSQL")


def _run(count: int, seed: int, database: str) -> None:
    from django.conf import settings

    keys = _stored(count)
    settings.CREDENTIALS_KEYS = [NEW, OLD]
    done = threading.Event()
    reads: list[int] = []
    writes: list[int] = []
    failures: list[str] = []
    rngs = [random.Random(seed + number) for number in range(READERS + WRITERS)]
    threads = [
        threading.Thread(target=_busy, args=(keys, rng, number < WRITERS, done, reads, writes, failures))
        for number, rng in enumerate(rngs)
    ]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    left, ended = _rekeyed_in_spite_of_a_kill(count)
    seconds = time.monotonic() - began
    done.set()
    for thread in threads:
        thread.join()
    settings.CREDENTIALS_KEYS = [NEW]
    lost = sum(not _opens(key) for key in keys)
    rows = [
        ("secrets that open with the new key alone", f"{count} of {count}", count - lost),
        ("failed reads and writes", 0, len(failures)),
        ("the command's end", 0, ended),
        ("left to do when it was killed", "some", left),
        ("reads meanwhile", "", len(reads)),
        ("writes meanwhile", "", len(writes)),
        ("seconds", "", f"{seconds:.1f}"),
    ]
    print_table(
        f"Re-keying {count} secrets on {database}, seed {seed}", ("what", "promised", "reached"), rows
    )
    keep("rekey", {"database": database, "seed": seed, "rows": rows})
    for failure in failures[:3]:
        print(f"  {failure}")
    sys.exit(bool(lost or failures or ended))


def _stored(count: int) -> list[UUID]:
    from accounts.models import SecondFactor, User
    from accounts.services.second_factor import SECRET
    from core.lib.clock import wall_now

    users = [User(email=f"user{number}@example.com", username=f"user{number}") for number in range(count)]
    User.objects.bulk_create(users)
    rows = [SecondFactor(user=user, begun_at=wall_now()) for user in users]
    for row in rows:
        SECRET.put(row, f"secret of {row.pk}")
    SecondFactor.objects.bulk_create(rows)
    return [row.pk for row in rows]


def _busy(
    keys: list[UUID],
    rng: random.Random,
    is_writer: bool,
    done: threading.Event,
    reads: list[int],
    writes: list[int],
    failures: list[str],
) -> None:
    from django.db import connection

    from accounts.models import SecondFactor
    from accounts.services.second_factor import SECRET

    while not done.is_set():
        key = rng.choice(keys[:WRITTEN] if is_writer else keys)
        try:
            row = SecondFactor.objects.get(pk=key)
            if SECRET.get(row) != f"secret of {key}":
                raise ValueError(f"{key} says something else")
            if is_writer:
                SECRET.put(row, f"secret of {key}")
                row.save()
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")
        (writes if is_writer else reads).append(1)
        time.sleep(rng.uniform(0, 0.004))
    connection.close()


def _rekeyed_in_spite_of_a_kill(count: int) -> tuple[int, int]:
    """Killed in the middle, then run to its end: how many were left at the kill, and the code of the end."""
    environment = {**os.environ, "CREDENTIALS_KEY": f"{NEW},{OLD}"}
    first = subprocess.Popen(COMMAND, env=environment, stdout=subprocess.DEVNULL, preexec_fn=ends_with_parent)
    while first.poll() is None and _left() > count * 0.7:
        time.sleep(0.01)
    first.kill()
    first.wait()
    left = _left()
    return left, subprocess.run(COMMAND, env=environment, check=False).returncode


def _left() -> int:
    from accounts.services.second_factor import SECRET

    return SECRET.under_other_keys().count()


def _opens(key: UUID) -> bool:
    from accounts.models import SecondFactor
    from accounts.services.second_factor import SECRET

    return SECRET.get(SecondFactor.objects.get(pk=key)) == f"secret of {key}"


if __name__ == "__main__":
    main()
