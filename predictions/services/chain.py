"""Appends links to the chain over the record, in the transaction that stores what they digest.

One writer at a time: a link is made while no other can be, and is there with its rows or not at all. So positions
have no hole and the chain no fork. Whoever appends takes this lock last and keeps it to the end of its transaction.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from core.lib.clock import wall_now
from predictions.models import Forecast, Outcome, RecordLink
from predictions.record import written
from predictions.record.written import Content
from predictions.selectors.chain import newest_link
from predictions.selectors.written_rows import rows_without_link, unsaved_forecasts, unsaved_outcomes

Kind = RecordLink.Kind
_LOCK = 0x6B68616C7369
"""Any number that nobody else locks by: "khalsi"."""


def link_forecasts(rows: Sequence[Forecast], timeframe: str, moment: datetime) -> None:
    """Make the link of forecasts that are about to be stored, and have each of them name it."""
    if rows:
        content = written.content_of(Kind.FORECASTS, unsaved_forecasts(rows))
        _name(rows, _append(Kind.FORECASTS, timeframe, moment, content))


def link_outcomes(rows: Sequence[Outcome], moment: datetime) -> None:
    """The same of outcomes. Those that somebody else has stored meanwhile must be left out before: see `hold`."""
    if rows:
        content = written.content_of(Kind.OUTCOMES, unsaved_outcomes(rows))
        _name(rows, _append(Kind.OUTCOMES, "", moment, content))


def hold() -> None:
    """Nobody else appends until this transaction ends; may be taken more than once.

    SQLite has one writer anyway, from the first statement of a transaction on (see `khalsi/settings/database.py`).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def begin() -> RecordLink | None:
    """Digest a record that is older than its chain in a first link; gives it where there was one to make."""
    hold()
    if RecordLink.objects.exists():
        return None
    content = Content(Kind.GENESIS).add(rows_without_link())
    return _link(None, Kind.GENESIS, "", wall_now(), content) if content.rows else None


def _append(kind: Kind, timeframe: str, moment: datetime, content: Content) -> RecordLink:
    hold()
    return _link(newest_link() or begin(), kind, timeframe, moment, content)


def _link(
    last: RecordLink | None, kind: Kind, timeframe: str, moment: datetime, content: Content
) -> RecordLink:
    now = wall_now()
    said = written.Link(
        previous=last.head if last else "",
        position=last.position + 1 if last else 1,
        kind=kind.value,
        timeframe=timeframe,
        moment=moment,
        linked_at=max(now, last.linked_at) if last else now,  # the wall clock may have been set back
        rows=content.rows,
        content=content.hex,
    )
    return RecordLink.objects.create(**vars(said), head=said.head, row_digests=bytes(content.row_digests))


def _name(rows: Sequence[Forecast] | Sequence[Outcome], link: RecordLink) -> None:
    for row in rows:
        row.link = link
