"""A thousand exchange accounts, each read every five minutes, from exchanges that take 200 ms for an answer.

    python -m benchmarks.exchange_sync                 # PostgreSQL and Redis, as the distributed form
    python -m benchmarks.exchange_sync --embedded      # SQLite in one process
    python -m benchmarks.exchange_sync --slow kucoin   # one exchange takes ten times as long

The four fakes run in a process of their own: they verify each signature, count calls as the real ones do, and refuse
what is too much. The accounts were read before; in every round a tenth of them has traded since. Goals: every account
once within each five minutes, no call refused by an exchange, no trade lost or booked twice.
"""

import argparse
import multiprocessing
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.connection import Connection as Pipe
from statistics import quantiles
from typing import Any

from benchmarks.ending import ends_with_parent, unwind_at_sigterm
from benchmarks.report import keep, print_table
from benchmarks.scratch import Scratch
from tests.fakes.exchanges import NAMES, a_fake

ROUND_SECONDS = 300.0
IDLE_SECONDS = 0.05
HELD = {"SOL": "25", "BTC": "0.5"}


def dollars(name: str) -> str:
    return "USD" if name in ("kraken", "coinbase") else "USDT"


def _play(pipe: Pipe, count: int, latency: float, slow: str) -> None:
    """The four exchanges, until the pipe closes. They are told `trade` with numbers of accounts and `tell`."""
    ends_with_parent()
    with ExitStack() as ends:
        fakes = {
            name: ends.enter_context(a_fake(name, latency=latency * (10 if name == slow else 1)))
            for name in NAMES
        }
        accounts = [fakes[NAMES[number % 4]].opens_account() for number in range(count)]
        for number, account in enumerate(accounts):
            for asset, total in {**HELD, dollars(NAMES[number % 4]): "5000"}.items():
                account.holds(asset, total)
        pipe.send({name: fake.url for name, fake in fakes.items()})
        while (said := pipe.recv()) is not None:
            word, numbers = said
            if word == "trade":
                at = datetime.now(UTC)
                for number in numbers:
                    account, quote = accounts[number], dollars(NAMES[number % 4])
                    account.trades("SOL", quote, at=at, quantity="0.1", price="150", fee="0.01")
                    account.holds("SOL", str(account.balances["SOL"] + Decimal("0.1")))
                    account.holds(quote, str(account.balances[quote] - Decimal("15.01")))
            pipe.send(
                {
                    name: {
                        "calls": len(fake.asked),
                        "refused": fake.refused_for_limits,
                        "strangers": fake.strangers,
                    }
                    for name, fake in fakes.items()
                }
            )


@contextmanager
def exchanges(count: int, latency: float, slow: str) -> Iterator[tuple[Pipe, dict[str, str]]]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_play, args=(there, count, latency, slow), daemon=True
    )
    process.start()
    try:
        yield here, here.recv()
    finally:
        here.send(None)
        process.join(10)


def connected(count: int, now: datetime) -> list[Any]:
    """So many accounts, ten to a person, read up to now and due over the next five minutes as they come."""
    from portfolios.models import Connection, SeenBalance, SyncCursor
    from portfolios.services.reaching import seal_into
    from tests.fakes.exchanges.server import KINDS
    from tests.make.accounts import a_user
    from tests.make.portfolios import a_portfolio

    makers = {name: kind() for name, kind in KINDS.items()}
    rows = []
    for number in range(count):
        if number % 10 == 0:
            owner = a_user(f"person{number}")
            portfolio = a_portfolio(owner)
        name = NAMES[number % 4]
        row = Connection(
            owner=owner,
            portfolio=portfolio,
            exchange=name,
            name=name.title(),
            created_at=now,
            keys_since=now,
            rights="read_only",
            rights_seen_at=now,
            due_at=now + timedelta(seconds=number * ROUND_SECONDS / count),
            last_sync_at=now,
        )
        seal_into(row, makers[name].opens_account().credentials)
        rows.append(row)
    Connection.objects.bulk_create(rows)
    cursors, balances = [], []
    for row in rows:
        held = {**HELD, dollars(row.exchange): "5000"}
        for kind in SyncCursor.Kind:
            is_asked = (row.exchange, kind) in {
                ("binance", "trades"),
                ("coinbase", "deposits"),
                ("coinbase", "withdrawals"),
            }
            assets = sorted(held) if is_asked else []
            cursors.append(SyncCursor(connection=row, kind=kind, reached=now, looked_at=now, assets=assets))
        balances += [
            SeenBalance(connection=row, ticker=asset, asset=asset, total=total, seen_at=now)
            for asset, total in held.items()
        ]
    SyncCursor.objects.bulk_create(cursors)
    SeenBalance.objects.bulk_create(balances)
    return rows


class Workers:
    """What the workers of the queue `sync` do, in threads of this process as they are."""

    def __init__(self, count: int) -> None:
        self._stops = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        from django.db import connections

        from portfolios.services.syncing import sync_due

        try:
            while not self._stops.is_set():
                if not sync_due(patience=1.0):
                    self._stops.wait(IDLE_SECONDS)
        finally:
            connections.close_all()

    def stop(self) -> None:
        self._stops.set()
        for thread in self._threads:
            thread.join(60)


def watched(pipe: Pipe, seconds: float, count: int, moving: float, chance: random.Random) -> int:
    """While accounts are read, `moving` of them trade in each five minutes; how many trades there were."""
    traded, ends, step = 0, time.monotonic() + seconds, ROUND_SECONDS / 20
    while time.monotonic() < ends:
        numbers = chance.sample(range(count), max(1, int(count * moving / 20)))
        asked(pipe, "trade", numbers)
        traded += len(numbers)
        time.sleep(min(step, max(0.0, ends - time.monotonic())))
    return traded


def asked(pipe: Pipe, word: str, numbers: list[int] | None = None) -> dict[str, dict[str, int]]:
    pipe.send((word, numbers or []))
    return dict(pipe.recv())


def wait_for_all(since: datetime, seconds: float) -> None:
    """Until every account was read after `since`, or time is over."""
    from portfolios.models import Connection

    ends = time.monotonic() + seconds
    while time.monotonic() < ends and Connection.objects.filter(last_sync_at__lt=since).exists():
        time.sleep(1)


def figures_of(began: datetime, ended: datetime) -> dict[str, Any]:
    """From the runs that are kept of each connection."""
    from portfolios.models import Connection, SyncRun, Transaction

    runs = list(SyncRun.objects.values_list("connection_id", "state", "began_at", "ended_at"))
    done: dict[Any, list[datetime]] = {key: [] for key in Connection.objects.values_list("id", flat=True)}
    for connection, state, at, _ in sorted(runs, key=lambda run: run[2]):
        if state == SyncRun.State.DONE:
            done[connection].append(at)
    gaps = [
        (later - earlier).total_seconds()
        for times in done.values()
        for earlier, later in zip([began, *times], [*times, ended], strict=True)
    ]
    took = [(end - at).total_seconds() for _, state, at, end in runs if end and state == SyncRun.State.DONE]
    return {
        "runs": len(took),
        "runs not done": dict(
            Counter(SyncRun.objects.exclude(state__in=["done", "running"]).values_list("state", flat=True))
        ),
        "errors": dict(
            Counter(SyncRun.objects.exclude(error_class="").values_list("error_class", flat=True))
        ),
        "longest between two readings, s": round(max(gaps), 1),
        "one reading, median s": round(quantiles(took, n=2)[0], 2),
        "one reading, p99 s": round(quantiles(took, n=100)[98], 2),
        "accounts that need their owner": Connection.objects.exclude(state="active").count(),
        "trades booked": Transaction.objects.filter(origin="exchange").count(),
        "trades booked twice": Transaction.objects.count()
        - Transaction.objects.values("portfolio_id", "external_id").distinct().count(),
    }


def measure(options: argparse.Namespace, pipe: Pipe) -> dict[str, Any]:
    from django.conf import settings

    from core.lib.clock import wall_now

    began = wall_now()
    connected(options.connections, began)
    workers = Workers(options.workers or settings.SYNC_AT_ONCE)
    cpu, wall = time.process_time(), time.monotonic()
    try:
        traded = watched(
            pipe, options.seconds, options.connections, options.moving, random.Random(options.seed)
        )
        busy = (time.process_time() - cpu) / (time.monotonic() - wall)
        measured = figures_of(began, wall_now())
        wait_for_all(wall_now(), ROUND_SECONDS + 60)
    finally:
        workers.stop()
    booked = {name: figure for name, figure in figures_of(began, wall_now()).items() if "booked" in name}
    told = asked(pipe, "tell")
    return {
        "accounts": options.connections,
        **measured,
        "trades made": traded,
        **booked,
        **{f"{name}: calls": one["calls"] for name, one in told.items()},
        "calls refused for limits": sum(one["refused"] for one in told.values()),
        "calls wrongly signed": sum(one["strangers"] for one in told.values()),
        "cores of this process": round(busy, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=2 * ROUND_SECONDS)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds of every answer")
    parser.add_argument("--moving", type=float, default=0.1, help="part of the accounts that trade in 5 min")
    parser.add_argument("--workers", type=int, default=0, help="threads; by default as many as the queue has")
    parser.add_argument("--slow", choices=NAMES, default="", help="an exchange that takes ten times as long")
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    unwind_at_sigterm()
    print(f"seed {options.seed}")
    with exchanges(options.connections, options.latency, options.slow) as (pipe, urls):
        told = ",".join(f"{name}={url}" for name, url in urls.items())
        with Scratch(embedded=options.embedded, EXCHANGE_URLS=told):
            figures = measure(options, pipe)
    rows = [(name, figure) for name, figure in figures.items()]
    form = "embedded" if options.embedded else "distributed"
    print_table(f"exchange_sync, {form}, {options.latency * 1000:.0f} ms", ("what", "figure"), rows)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    keep("exchange_sync", {"form": form, "seed": options.seed, "load": os.getloadavg()[0], **figures})


if __name__ == "__main__":
    main()
