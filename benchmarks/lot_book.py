"""What the lot book costs: all of a long history, and one transaction more at its end.

    .venv/bin/python -m benchmarks.lot_book [--transactions 100000] [--times 7] [--sqlite] [--pure]

First the book alone, without a database: buys, sells, rewards and fees of ten assets (one in ten is a trade of one
token for another) are taken apart, put in order and booked by each method. Then, on the tables, one asset with ever
more transactions: what a sale at its end takes, from the service's call to the commit, and for comparison the asset
worked out anew. Goals: 100,000 transactions in under 2 s on one core; one more costs a time that does not grow with the
book.
"""

import argparse
import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import Scratch

START = datetime(2020, 1, 1, tzinfo=UTC)
ASSETS = [f"asset-{number}" for number in range(10)]
SIZES = (1_000, 10_000, 100_000)
SHARES = {"buy": 50, "sell": 40, "reward": 7, "fee": 3}


def history(count: int, assets: list[str]) -> list[Any]:
    from portfolios.accounting.movements import Booked, Kind

    chance = Random(1)
    kinds = chance.choices([Kind(name) for name in SHARES], list(SHARES.values()), k=count)
    return [
        Booked(
            id=f"{number:07}",
            portfolio="main",
            kind=kind,
            at=START + timedelta(minutes=number),
            asset=assets[number % len(assets)],
            quantity=Decimal(chance.randint(1, 10**9)).scaleb(-6),
            price_usd=Decimal(chance.randint(1, 10**8)).scaleb(-4),
            quote_asset="TETHER" if number % 10 == 0 and kind in (Kind.BUY, Kind.SELL) else "",
            quote_quantity=Decimal(chance.randint(1, 10**9)).scaleb(-6),
            fee_quantity=Decimal(number % 3) if kind in (Kind.BUY, Kind.SELL) else Decimal(0),
        )
        for number, kind in enumerate(kinds)
    ]


def timed(work: Callable[[], Any], times: int) -> list[float]:
    """Seconds of this process's own work: others use the cores, too."""
    taken = []
    for _ in range(times):
        gc.collect()
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return taken


def pure(count: int, times: int) -> dict[str, list[float]]:
    from portfolios.accounting.book import worked_out
    from portfolios.accounting.movements import Method
    from portfolios.accounting.taking_apart import taken_apart

    rows = history(count, ASSETS)
    return {
        method.value: timed(
            lambda method=method: worked_out({"main": method}, taken_apart(rows)),  # type: ignore[misc]
            times,
        )
        for method in Method
    }


def stored(size: int, times: int) -> dict[str, Any]:
    """A portfolio of one asset with so many transactions; sales at its end, one after the other."""
    from django.db import connection

    from accounts.models import User
    from core.lib.clock import wall_now
    from portfolios.models import Lot, Portfolio, Transaction
    from portfolios.services.booking.later import catch_up
    from portfolios.services.recording import record_many

    wall = wall_now()
    owner = User.objects.create(email=f"u{size}@example.com", username=f"u{size}", password="!")
    portfolio = Portfolio.objects.create(owner=owner, name="Main", created_at=wall, changed_at=wall)
    record_many(
        owner_id=owner.pk,
        portfolio_id=portfolio.pk,
        entries=[entry_of(row) for row in history(size, ["ASSET"])],
        origin=Transaction.Origin.FILE,
        wall=wall,
        later=True,
    )
    began = time.process_time()
    catch_up(owner.pk)
    anew = time.process_time() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    open_lots = Lot.objects.filter(portfolio=portfolio, is_open=True).count()
    clock, own = one_more(owner.pk, portfolio.pk, size, times)
    return {"size": size, "open": open_lots, "anew": anew, "clock": clock, "own": own}


def entry_of(row: Any) -> Any:
    from portfolios.services.entries import Entry

    return Entry(
        kind=row.kind,
        executed_at=row.at,
        asset=row.asset,
        quantity=row.quantity,
        price_usd=row.price_usd,
        fee_quantity=row.fee_quantity,
    )


def one_more(owner_id: Any, portfolio_id: Any, size: int, times: int) -> tuple[list[float], list[float]]:
    from core.lib.clock import wall_now
    from portfolios.accounting.movements import Kind
    from portfolios.services.entries import Entry
    from portfolios.services.transactions import record_transaction

    clock, own = [], []
    for number in range(times + 2):
        entry = Entry(
            kind=Kind.SELL,
            executed_at=START + timedelta(minutes=size + number),
            asset="ASSET",
            quantity=Decimal(5),
            price_usd=Decimal(100),
        )
        began, busy = time.perf_counter(), time.process_time()
        record_transaction(
            owner_id=owner_id, portfolio_id=portfolio_id, entry=entry, now=wall_now(), wall=wall_now()
        )
        if number > 1:  # the first two warm up
            clock.append(1000 * (time.perf_counter() - began))
            own.append(1000 * (time.process_time() - busy))
    return clock, own


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    asked.add_argument("--transactions", type=int, default=100_000)
    asked.add_argument("--times", type=int, default=7)
    asked.add_argument("--sqlite", action="store_true")
    asked.add_argument("--pure", action="store_true", help="the book alone")
    args = asked.parse_args()
    alone = pure(args.transactions, 3)
    print_table(
        f"{args.transactions} transactions of {len(ASSETS)} assets, from the rows to the sums of holdings",
        ["method", "seconds of one core"],
        [[method, spread(taken)] for method, taken in alone.items()],
    )
    keep("lot_book", {"transactions": args.transactions, "pure": alone})
    if args.pure:
        return
    with Scratch(embedded=args.sqlite):
        from django.db import connection

        found = [stored(size, args.times) for size in SIZES if size <= args.transactions]
        print_table(
            f"One sale more at the end of an asset, {connection.vendor}",
            [
                "transactions",
                "open lots",
                "ms by the clock",
                "ms of this process",
                "s of this process, all anew",
            ],
            [
                [
                    one["size"],
                    one["open"],
                    spread(one["clock"], 1),
                    spread(one["own"], 1),
                    f"{one['anew']:.2f}",
                ]
                for one in found
            ],
        )
        keep("lot_book", {"vendor": connection.vendor, "stored": found})


if __name__ == "__main__":
    main()
