"""What an import looks like, in replies and on pages."""

from typing import Any

from core.lib.clock import iso
from portfolios.models import ImportBatch
from portfolios.selectors.imports import rejected_of

ERRORS_SHOWN = 100


def import_shown(batch: ImportBatch, *, with_errors: bool = False) -> dict[str, Any]:
    """With the reasons of the first rejected rows; the file of all of them is on the page."""
    preview = batch.preview or {}
    shown: dict[str, Any] = {
        "id": batch.pk,
        "portfolio_id": batch.portfolio_id,
        "state": batch.state,
        "job_id": batch.run_id,
        "preset": batch.preset or None,
        "encoding": batch.encoding,
        "size": batch.size,
        "rows": {
            name: getattr(batch, f"rows_{name}")
            for name in ("new", "known", "probable", "ignored", "rejected", "booked")
        },
        "unknown_assets": [name for name, _ in preview.get("unknown", [])],
        "without_worth": preview.get("without_worth", 0),
        "failure": batch.failure or None,
        "created_at": iso(batch.created_at),
        "changed_at": iso(batch.changed_at),
    }
    if with_errors:
        shown["row_errors"] = [
            {"line": row.line, "column": row.column, "message": row.message}
            for row in rejected_of(batch)[:ERRORS_SHOWN]
        ]
        shown["header"] = batch.header
    return shown
