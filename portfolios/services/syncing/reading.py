"""What an account tells, window by window. Each page is stored together with the place of the next, so that a worker
may die at any instant: what it had stored stays, what it had not is asked again, and nothing is stored twice."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from core.models import JobRun
from portfolios.exchanges.base import Exchange
from portfolios.models import SyncCursor
from portfolios.selectors.portfolios import locked_portfolios
from portfolios.services.syncing import windows
from portfolios.services.syncing.booking import Names, book
from portfolios.services.syncing.leasing import Held, renew
from portfolios.services.syncing.tickers import moved_since, tickers_of

SLICE_SECONDS = 45.0
"""After so long a worker turns to other connections; this one goes on in its turn."""
Kind = SyncCursor.Kind
KINDS = (Kind.DEPOSITS, Kind.WITHDRAWALS, Kind.TRADES)
"""Trades last: the others tell which tokens to look for."""


class Paused(Exception):
    """There is more; others have their turn first."""


@dataclass
class Reader:
    """One account while it is read. `clock` tells wall time."""

    held: Held
    account: Exchange
    names: Names
    clock: Callable[[], datetime]
    slice_seconds: float = SLICE_SECONDS
    began: float = field(default_factory=time.monotonic)

    def read_all(self, now: datetime) -> bool:
        """Every kind up to `now`; whether all of it made sense. Raises Paused, LeaseLost, ExchangeFailure."""
        found = {kind: self._read(kind, now) for kind in KINDS}  # each of them, whatever the others say
        return all(found.values())

    def _read(self, kind: SyncCursor.Kind, now: datetime) -> bool:
        self._tell(kind)
        cursor = self._cursor(kind)
        is_asked = kind.value in self.account.profile.asks_by_asset
        assets = sorted(tickers_of(self.held.connection)) if is_asked else []
        while windows.is_open(cursor) or cursor.looked_at != now:
            if not windows.is_open(cursor):
                if windows.rests(cursor, assets, now):
                    return False
                windows.open_window(cursor, assets, now, self._only(cursor, assets))
            self._one_page(cursor)
        return not cursor.refused

    def _only(self, cursor: SyncCursor, assets: list[str]) -> set[str] | None:
        """Of trades that are asked token by token, the tokens whose balance moved; each pair costs a call. Deposits
        are no such thing: on its way, one moves nothing yet."""
        since = windows.goes_on(cursor, assets)
        if cursor.kind != Kind.TRADES or since is None:
            return None
        return moved_since(self.held.connection, since)

    def _cursor(self, kind: SyncCursor.Kind) -> SyncCursor:
        with transaction.atomic():
            renew(self.held, self.clock())
            cursor, _ = SyncCursor.objects.get_or_create(connection=self.held.connection, kind=kind)
        return cursor

    def _one_page(self, cursor: SyncCursor) -> None:
        ask = getattr(self.account, cursor.kind)
        page = ask(windows.window_of(cursor), assets=frozenset(cursor.window_assets), cursor=cursor.place)
        run = self.held.run
        with transaction.atomic():
            if page.records:  # locked before the connection, as whoever deletes a portfolio does
                locked_portfolios(self.held.connection.owner_id)
            renew(self.held, self.clock())
            added = book(self.held.connection, self.names, page.records, self.clock())
            run.rows_new += added.new
            run.rows_seen += len(page.records)
            cursor.window_refused += added.refused
            run.windows += windows.turn_page(cursor, page)
            cursor.save()
            run.save(update_fields=["rows_new", "rows_seen", "windows"])
        if not page.is_last and time.monotonic() - self.began > self.slice_seconds:
            raise Paused

    def _tell(self, kind: SyncCursor.Kind) -> None:
        """Whoever waits: how far it is. How much there is nobody knows before the end."""
        job_id = self.held.connection.job_id
        if job_id is not None:
            progress = (1 + KINDS.index(kind)) / (1 + len(KINDS))
            words = f"{self.held.connection.get_exchange_display()}: reading {kind.label.lower()}"
            JobRun.objects.filter(pk=job_id, state=JobRun.State.RUNNING).update(
                progress=progress, detail=words
            )
