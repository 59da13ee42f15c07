"""Files on their way into a portfolio."""

from typing import Any

from core.lib.clock import wall_now
from portfolios.models import ImportBatch, Portfolio
from portfolios.services.importing.checking import check
from portfolios.services.importing.running import run_import, start
from portfolios.services.importing.terms import Wanted
from portfolios.services.importing.uploading import upload
from tests.make.statements import KOINLY

MANY = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency\n" + "".join(
    f"2026-01-{1 + number % 28:02} 10:{number // 60 % 60:02}:{number % 60:02},{number + 1},USD,1,SOL\n"
    for number in range(50)
)
"""Fifty purchases of one SOL each."""


def a_done_batch(portfolio: Portfolio, **changes: Any) -> ImportBatch:
    """The row alone, as if a file without a new row had been imported."""
    now = wall_now()
    fields = {"state": "done", "preset": "koinly", "size": 10, "encoding": "UTF-8", "header": ["Date"]}
    return ImportBatch.objects.create(portfolio=portfolio, created_at=now, changed_at=now, **fields | changes)


def an_upload(portfolio: Portfolio, text: str | bytes = KOINLY, **wanted: Any) -> ImportBatch:
    """Not yet looked at."""
    data = text.encode() if isinstance(text, str) else text
    about = {"owner_id": portfolio.owner_id, "portfolio_id": portfolio.pk, "wall": wall_now()}
    return upload(data=data, wanted=Wanted(**wanted), **about)


def a_checked_import(portfolio: Portfolio, text: str | bytes = KOINLY, **wanted: Any) -> ImportBatch:
    batch = an_upload(portfolio, text, **wanted)
    check(batch.pk, now=wall_now(), wall=wall_now())
    batch.refresh_from_db()
    return batch


def a_begun_import(portfolio: Portfolio, text: str | bytes = KOINLY, **wanted: Any) -> ImportBatch:
    batch = a_checked_import(portfolio, text, **wanted)
    probable = wanted.get("probable", False)
    start(owner_id=portfolio.owner_id, batch_id=batch.pk, probable=probable, wall=wall_now())
    batch.refresh_from_db()
    return batch


def an_import(portfolio: Portfolio, text: str | bytes = KOINLY, **wanted: Any) -> ImportBatch:
    """All the way."""
    batch = a_begun_import(portfolio, text, **wanted)
    run_import(batch.pk, now=wall_now(), wall=wall_now())
    batch.refresh_from_db()
    return batch
