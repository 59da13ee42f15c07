"""Exchange accounts are read while their readers are killed: no transaction is lost, none is booked twice.

    python -m benchmarks.reliability.killed_syncs              # PostgreSQL and Redis
    python -m benchmarks.reliability.killed_syncs --embedded   # SQLite

Processes that synchronise are killed with SIGKILL at 100 random instants; a last one reads what is left. The exchanges
on loopback verify signatures and page; limits, which would only make it wait, are lifted. Two minutes.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.connection import Connection as Pipe
from typing import Any

from benchmarks.ending import ends_with_parent, unwind_at_sigterm
from benchmarks.report import keep, print_table
from benchmarks.scratch import Scratch
from tests.fakes.exchanges import a_fake
from tests.fakes.exchanges.exchange import Counter as Limits

NAMES = ("coinbase", "kraken")
ACCOUNTS, TRADES, MOVES = 40, 120, 15
LONGEST_LIFE = 0.9
"""Seconds that a reader lives at most; an account takes some half a second."""
LONGEST_SECONDS = 900


def _play(pipe: Pipe) -> None:
    """The exchanges with their accounts, until the pipe closes."""
    ends_with_parent()
    with ExitStack() as ends:
        fakes = {name: ends.enter_context(a_fake(name, latency=0.01)) for name in NAMES}
        keys = []
        fakes["kraken"].most_rows = 10  # many pages; of Coinbase a hundred rows are one
        Limits.spend = lambda *_: 0.0  # type: ignore[method-assign]
        fakes["kraken"].counter.spend = lambda *_: True
        for number in range(ACCOUNTS):
            name = NAMES[number % len(NAMES)]
            account = fakes[name].opens_account()
            _history(account)
            keys.append((name, account.credentials.key, account.credentials.secret))
        pipe.send(({name: fake.url for name, fake in fakes.items()}, keys))
        pipe.recv()


def _history(account: Any) -> None:
    now = datetime.now(UTC)
    for number in range(TRADES):
        account.trades("SOL", "USD", at=now - timedelta(days=20, minutes=7 * number), quantity="0.25")
    for number in range(MOVES):
        account.deposits("SOL", "2.5", at=now - timedelta(days=30, minutes=number))
        account.withdraws("SOL", "0.5", at=now - timedelta(days=2, minutes=number))
    account.holds("SOL", "10")


@contextmanager
def exchanges() -> Iterator[tuple[dict[str, str], list[tuple[str, str, str]]]]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_play, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join(10)


def _connected(keys: list[tuple[str, str, str]]) -> None:
    from core.lib.clock import wall_now
    from portfolios.exchanges.base import Credentials
    from portfolios.models import Connection
    from portfolios.services.reaching import seal_into
    from tests.make.accounts import a_user
    from tests.make.portfolios import a_portfolio

    now = wall_now()
    for number, (name, key, secret) in enumerate(keys):
        owner = a_user(f"person{number}")
        row = Connection(
            owner=owner,
            portfolio=a_portfolio(owner),
            exchange=name,
            name=name,
            created_at=now,
            due_at=now,
            keys_since=now,
            rights="read_only",
            rights_seen_at=now,
        )
        seal_into(row, Credentials(key, secret))
        row.save(force_insert=True)


def _without_limits() -> None:
    from portfolios.services import pacing

    class Open:
        def take(self, spendings: Any) -> float:
            return 0.0

        def rest(self, name: str, seconds: float) -> None: ...

    pacing.pace = lambda: Open()  # type: ignore[assignment]


def _reader() -> int:
    """A process that synchronises what is due until nothing is left."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        from portfolios.services.syncing import sync_due

        while sync_due() or _left():
            time.sleep(0.01)
        code = 0
    finally:
        os._exit(code)


def _left() -> int:
    from portfolios.models import Connection

    return Connection.objects.filter(state="active", last_sync_at=None).count()


def _let_go() -> int:
    """As at the embedded start: nobody waits two minutes for the dead. How many he held."""
    from core.lib.clock import wall_now
    from portfolios.models import Connection
    from portfolios.services.syncing.leasing import release_leases

    Connection.objects.filter(last_sync_at=None).update(due_at=wall_now())
    return release_leases(wall_now())


def _killed(kills: int, chance: random.Random) -> tuple[int, int]:
    """How many kills fell into a reading, and how many accounts were still to be read after the last."""
    hits = 0
    for number in range(kills):
        if not _left():  # all are read: they are read anew from the beginning
            _begin_anew(chance)
        child = _reader()
        time.sleep(chance.uniform(0, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        hits += bool(_let_go())
        if number % 10 == 9:
            print(
                f"  {number + 1} kills, {hits} in the middle of a reading, {_left()} accounts left",
                flush=True,
            )
    return hits, _left()


def _begin_anew(chance: random.Random) -> None:
    """What is booked stays: reading it once more from the beginning must double nothing."""
    from core.lib.clock import wall_now
    from portfolios.models import Connection, SyncCursor

    SyncCursor.objects.all().delete()
    some = chance.sample(list(Connection.objects.values_list("id", flat=True)), ACCOUNTS // 2)
    Connection.objects.filter(id__in=some).update(last_sync_at=None, due_at=wall_now())


def _finish() -> None:
    child = _reader()
    ends = time.monotonic() + LONGEST_SECONDS
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > ends:
            os.kill(child, signal.SIGKILL)
            raise SystemExit("It does not come to an end; see the table of connections.")
        time.sleep(0.1)


def _counted() -> dict[str, int]:
    """Over all accounts: what should be there, what is, what is there twice, and sums that are wrong."""
    from portfolios.models import Connection, Holding, Transaction

    wrong = doubled = found = 0
    for connection in Connection.objects.all():
        rows = Transaction.objects.filter(portfolio=connection.portfolio_id)
        names = Counter(rows.values_list("external_id", flat=True))
        found += len(names)
        doubled += sum(names.values()) - len(names)
        kinds = Counter(rows.values_list("kind", flat=True))
        wanted = {"buy": TRADES, "transfer_in": MOVES, "transfer_out": MOVES}
        holding = Holding.objects.filter(portfolio=connection.portfolio_id).exclude(asset="USD").first()
        held = TRADES * Decimal("0.25") + MOVES * (Decimal("2.5") - Decimal("0.51"))
        wrong += dict(kinds) != wanted or holding is None or holding.quantity != held
    promised = ACCOUNTS * (TRADES + 2 * MOVES)
    return {"promised": promised, "lost": promised - found, "doubled": doubled, "wrong": wrong}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    unwind_at_sigterm()
    with exchanges() as (urls, keys):
        there = ",".join(f"{name}={url}" for name, url in urls.items())
        with Scratch(embedded=asked.embedded, EXCHANGE_URLS=there):
            _without_limits()
            import ccxt  # noqa: F401  readers inherit it, and live long enough to do something

            _connected(keys)
            began = time.monotonic()
            hits, left = _killed(asked.kills, random.Random(asked.seed))
            _finish()
            found = _counted()
            seconds = time.monotonic() - began
    rows = [
        ("kills, of which in the middle of a reading", asked.kills, hits),
        ("accounts still to be read after the last kill", "", left),
        ("transactions lost", 0, found["lost"]),
        ("transactions booked twice", 0, found["doubled"]),
        ("accounts whose rows or holding are wrong", 0, found["wrong"]),
        ("seconds", "", f"{seconds:.0f}"),
    ]
    database = "SQLite" if asked.embedded else "PostgreSQL and Redis"
    title = f"{found['promised']:,} transactions of {ACCOUNTS} accounts, {database}, seed {asked.seed}"
    print_table(title, ("what", "promised", "reached"), rows)
    keep("killed_syncs", {"database": database, "seed": asked.seed, "rows": rows})
    sys.exit(bool(found["lost"] or found["doubled"] or found["wrong"]))


if __name__ == "__main__":
    main()
