"""The daily file: one line for each day that is over, with its last head, kept beside the database.

The database is where the heads come from, and what `/record/heads.csv` shows. The file only grows, so it is a witness
against the database: where the two disagree, nothing is written and the job fails.
"""

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from core.lib.errors import KhalsiError
from predictions.selectors.chain import FILE_HEADER, day_heads, heads_file


class RecordRewritten(KhalsiError):
    """The heads that the file keeps are not those that the database has now."""


def head_file() -> Path:
    """Each market has a record of its own, and a file of its own."""
    market = settings.MARKET
    name = f"{market.kind}-{market.identity}" if market.replay else market.kind
    return Path(settings.DATA / f"record-heads-{name}.csv")


def write_day_heads(now: datetime) -> int:
    """Append the days that are over at `now` (wall time) and not in the file yet; gives how many."""
    file = head_file()
    due = list(heads_file(day_heads(now)))
    kept = file.read_text().splitlines(keepends=True) if file.exists() else []
    kept = [*kept[:-1], *(line for line in kept[-1:] if line.endswith("\n"))]  # a line that a crash cut off
    _refuse_rewritten(file, kept, due)
    new = due[len(kept) :]
    if new:
        _append(file, "".join(kept), "".join(new))
    return sum(1 for line in new if line != f"{FILE_HEADER}\n")


def _refuse_rewritten(file: Path, kept: list[str], due: list[str]) -> None:
    for place, line in enumerate(kept):
        if place >= len(due) or due[place] != line:
            raise RecordRewritten(
                f"Line {place + 1} of {file.name} says {line.strip()}, the database another thing: the record was"
                " rewritten, or begun anew. Run `manage.py verify_record --file` on it; move it away only if it was"
                " begun anew."
            )


def _append(file: Path, kept: str, new: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("r+" if file.exists() else "w+") as out:
        out.seek(len(kept))
        out.truncate()
        out.write(new)
        out.flush()
        os.fsync(out.fileno())
