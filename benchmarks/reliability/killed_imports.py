"""A file goes into a portfolio and out again while whoever works on it is killed: no row is lost, doubled or left over.

    python -m benchmarks.reliability.killed_imports              # PostgreSQL and Redis
    python -m benchmarks.reliability.killed_imports --embedded   # SQLite

Workers are killed with SIGKILL at random instants, by turns in an import and in an undo; each is then ended by another
worker, and what is there is counted. Some minutes.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from benchmarks.ending import unwind_at_sigterm
from benchmarks.report import keep, print_table
from benchmarks.scratch import Scratch

ROWS, PART = 4000, 250
"""Parts smaller than in earnest, so that there is more to be cut off."""
LONGEST_LIFE = 3.0
"""Seconds that a worker lives at most."""


def _file() -> bytes:
    lines = (
        f"2026-01-{1 + number % 28:02} 10:{number // 60 % 60:02}:{number % 60:02},{number + 1},USD,1,T{number % 5}"
        for number in range(ROWS)
    )
    return "\n".join(["Date,Sent Amount,Sent Currency,Received Amount,Received Currency", *lines]).encode()


def _worker(work: Callable[[], None]) -> int:
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def _killed(work: Callable[[], None], life: float) -> bool:
    """Whether it was before its work was done."""
    child = _worker(work)
    time.sleep(life)
    os.kill(child, signal.SIGKILL)
    return bool(os.WIFSIGNALED(os.waitpid(child, 0)[1]))


def _left_by_the_dead(batch_id: UUID) -> None:
    """Nobody waits two minutes for them."""
    from portfolios.models import ImportBatch

    ImportBatch.objects.filter(pk=batch_id).update(lease_until=None, attempts=0)


def _both_ways(portfolio: Any, data: bytes, kills: int, chance: random.Random) -> tuple[int, int, int]:
    """How many kills fell into the work, and how often what was there in the end was wrong: in, then out."""
    from core.lib.clock import wall_now
    from portfolios.services.importing.running import run_import, start
    from portfolios.services.importing.terms import Wanted
    from portfolios.services.importing.undoing import begin_undo, run_undo
    from portfolios.services.importing.uploading import upload

    about = {"owner_id": portfolio.owner_id}
    hits = wrong_in = wrong_out = 0
    for number in range(kills // 2):
        batch = upload(portfolio_id=portfolio.pk, data=data, wanted=Wanted(), wall=wall_now(), **about)
        start(batch_id=batch.pk, probable=False, wall=wall_now(), unchecked=True, **about)

        def comes_in(pk: UUID = batch.pk) -> None:
            run_import(pk, now=wall_now(), wall=wall_now() + timedelta(seconds=1))

        hits += _killed(comes_in, chance.uniform(0, LONGEST_LIFE))
        _left_by_the_dead(batch.pk)
        comes_in()
        wrong_in += not _is_whole(portfolio)
        begin_undo(batch_id=batch.pk, wall=wall_now(), **about)

        def goes_out(pk: UUID = batch.pk) -> None:
            run_undo(pk, wall=wall_now() + timedelta(seconds=1))

        hits += _killed(goes_out, chance.uniform(0, LONGEST_LIFE))
        _left_by_the_dead(batch.pk)
        goes_out()
        wrong_out += not _is_empty(portfolio)
        if number % 10 == 9:
            print(f"  {2 * number + 2} kills, {hits} in the middle", flush=True)
    return hits, wrong_in, wrong_out


def _is_whole(portfolio: Any) -> bool:
    from portfolios.models import Holding, Lot

    names = list(portfolio.transactions.values_list("external_id", flat=True))
    held = Holding.objects.filter(portfolio=portfolio).values_list("quantity", flat=True)
    lots = Lot.objects.filter(portfolio=portfolio).count()
    return len(names) == len(set(names)) == lots == ROWS and list(held) == [Decimal(ROWS // 5)] * 5


def _is_empty(portfolio: Any) -> bool:
    from portfolios.models import Holding, Lot, UnbookedAsset

    left = (model.objects.filter(portfolio=portfolio).exists() for model in (Holding, Lot, UnbookedAsset))
    return not (portfolio.transactions.exists() or any(left))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    unwind_at_sigterm()
    with Scratch(embedded=asked.embedded):
        from portfolios.services.importing import running, undoing
        from tests.make.accounts import a_user
        from tests.make.portfolios import a_portfolio

        running.AT_ONCE = undoing.AT_ONCE = PART
        began = time.monotonic()
        portfolio = a_portfolio(a_user())
        hits, wrong_in, wrong_out = _both_ways(portfolio, _file(), asked.kills, random.Random(asked.seed))
        seconds = time.monotonic() - began
    rows = [
        ("kills, of which in the middle of the work", asked.kills, hits),
        ("imports with a row, lot or holding too many or too few", 0, wrong_in),
        ("undos that left something", 0, wrong_out),
        ("seconds", "", f"{seconds:.0f}"),
    ]
    database = "SQLite" if asked.embedded else "PostgreSQL and Redis"
    title = f"{ROWS:,} rows in and out again, {database}, seed {asked.seed}"
    print_table(title, ("what", "promised", "reached"), rows)
    keep("killed_imports", {"database": database, "seed": asked.seed, "rows": rows})
    sys.exit(bool(wrong_in or wrong_out))


if __name__ == "__main__":
    main()
