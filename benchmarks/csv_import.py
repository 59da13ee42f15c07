"""How long a large file takes from bytes to lots: read and compared (the dry run), then stored and booked by the job,
again (nothing new), exported and undone. With the process's own time, which says more on a machine that is busy with
other things, and the most memory that it ever had.

    .venv/bin/python -m benchmarks.csv_import [--rows 100000] [--assets 20] [--sqlite]
"""

import argparse
import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.report import keep, print_table
from benchmarks.scratch import Scratch

FIRST = datetime(2023, 1, 1, tzinfo=UTC)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--assets", type=int, default=20)
    asked.add_argument("--sqlite", action="store_true")
    given = asked.parse_args()
    with Scratch(embedded=given.sqlite):
        figures = _measure(_file(given.rows, given.assets))
    load = Path("/proc/loadavg").read_text().split()[0]
    database = "SQLite" if given.sqlite else "PostgreSQL"
    title = f"{given.rows:,} rows of {given.assets} assets, {database}, load {load}"
    rows = [(name, f"{seconds:.1f}", f"{own:.1f}", memory) for name, seconds, own, memory in figures]
    print_table(title, ("step", "seconds", "own CPU", "peak MiB"), rows)
    keep("csv_import", {"title": title, "steps": figures})


def _file(rows: int, assets: int) -> bytes:
    """As Koinly's template: three purchases in four, in the order of time as exports have it."""
    chance = random.Random(7)
    lines = [
        "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,TxHash"
    ]
    held = [Decimal(0)] * assets
    for number in range(rows):
        at = FIRST + timedelta(minutes=15 * number)
        which, amount = chance.randrange(assets), Decimal(chance.randrange(1, 10**6)).scaleb(-3)
        worth = amount * chance.randrange(50, 200)
        sells = held[which] > amount and chance.random() < 0.25
        held[which] += -amount if sells else amount
        money, token = f"{worth},USD", f"{amount},T{which}"
        sides = f"{token},{money}" if sells else f"{money},{token}"
        lines.append(f"{at:%Y-%m-%d %H:%M:%S},{sides},0.5,USD,hash{number}")
    return "\n".join(lines).encode()


def _measure(data: bytes) -> list[tuple[str, float, float, int]]:
    from core.lib.clock import wall_now
    from portfolios.models import ImportBatch, Transaction
    from portfolios.selectors.imports import exported
    from portfolios.services.importing.checking import check
    from portfolios.services.importing.running import run_import, start
    from portfolios.services.importing.terms import Wanted
    from portfolios.services.importing.undoing import begin_undo, run_undo
    from portfolios.services.importing.uploading import upload
    from portfolios.statements.outcomes import Terms
    from portfolios.statements.statement import open_file, statement
    from portfolios.statements.writing import transaction_lines
    from tests.make.accounts import a_user
    from tests.make.portfolios import a_portfolio

    portfolio = a_portfolio(a_user())
    about: dict[str, Any] = {"owner_id": portfolio.owner_id}
    figures: list[tuple[str, float, float, int]] = []

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begun, begun_own = time.perf_counter(), time.process_time()
        result = work()
        seconds, own = time.perf_counter() - begun, time.process_time() - begun_own
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        figures.append((name, round(seconds, 2), round(own, 2), memory))
        return result

    def sent() -> ImportBatch:
        return upload(portfolio_id=portfolio.pk, data=data, wanted=Wanted(), wall=wall_now(), **about)

    def run(batch: ImportBatch) -> None:
        start(batch_id=batch.pk, probable=False, wall=wall_now(), unchecked=True, **about)
        run_import(batch.pk, now=wall_now(), wall=wall_now())
        batch.refresh_from_db()
        assert batch.state == ImportBatch.State.DONE, batch.failure

    def take_back(batch: ImportBatch) -> None:
        begin_undo(batch_id=batch.pk, wall=wall_now(), **about)
        run_undo(batch.pk, wall=wall_now())

    timed("before", lambda: None)
    timed("parse alone", lambda: sum(1 for _ in statement(open_file(data)).outcomes(Terms())))
    batch = timed("upload", sent)
    timed("dry run", lambda: check(batch.pk, now=wall_now(), wall=wall_now()))
    timed("store and book", lambda: run(batch))
    count = Transaction.objects.count()
    timed("the same file again", lambda: run(sent()))
    assert Transaction.objects.count() == count == batch.rows_booked
    timed("export", lambda: sum(len(line) for line in transaction_lines(exported(portfolio.pk))))
    timed("undo", lambda: take_back(batch))
    assert not Transaction.objects.exists()
    return figures


if __name__ == "__main__":
    main()
