"""From when to when an account's history is read, as changes of a cursor that is not saved yet.

A window begins a little before the end of what is stored and ends now. It is read page by page, perhaps by several
workers after one another, and only its end moves the cursor. Where a token appears that was not looked through before,
all is read from the beginning.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from portfolios.exchanges.records import OVERLAP, Deposit, Move, Page, Trade, Window, Withdrawal
from portfolios.models import SyncCursor

AGAIN_AFTER = timedelta(hours=1)
"""A window with rows that made no sense is read again, but not each time."""
AnyPage = Page[Trade] | Page[Deposit] | Page[Withdrawal] | Page[Move]


def is_open(cursor: SyncCursor) -> bool:
    return cursor.window_until is not None


def window_of(cursor: SyncCursor) -> Window:
    assert cursor.window_until is not None  # noqa: S101  the caller asked is_open
    return Window(cursor.window_since, cursor.window_until)


def rests(cursor: SyncCursor, assets: list[str], now: datetime) -> bool:
    """Whether it is too early to read again what made no sense."""
    if not cursor.refused or cursor.looked_at is None:
        return False
    return set(assets) <= {*cursor.window_assets, *cursor.assets} and now - cursor.looked_at < AGAIN_AFTER


def goes_on(cursor: SyncCursor, assets: list[str]) -> datetime | None:
    """Where the next window begins; None where all is to be read from the beginning."""
    is_whole = cursor.reached is not None and set(assets) <= set(cursor.assets)
    return cursor.reached - OVERLAP if cursor.reached is not None and is_whole else None


def open_window(
    cursor: SyncCursor, assets: list[str], now: datetime, only: Collection[str] | None = None
) -> None:
    """`only`: of the tokens that were looked through before, those that need be looked through again."""
    cursor.window_since = goes_on(cursor, assets)
    cursor.window_until = now
    wanted = {*assets, *cursor.assets}
    if cursor.window_since is not None and only is not None:
        wanted &= set(only)
    cursor.window_assets = sorted(wanted)
    cursor.window_refused, cursor.open_from, cursor.place = 0, None, ""


def turn_page(cursor: SyncCursor, page: AnyPage) -> bool:
    """Note what the page said; whether the window is read to its end."""
    cursor.place = page.cursor
    cursor.window_refused += len(page.refused)
    found = [moment for moment in (cursor.open_from, page.open_from) if moment is not None]
    cursor.open_from = min(found, default=None)
    if not page.is_last:
        return False
    _end(cursor)
    return True


def _end(cursor: SyncCursor) -> None:
    until = cursor.window_until
    assert until is not None  # noqa: S101  a page is only asked for in a window
    if not cursor.window_refused:
        cursor.reached = min(until, cursor.open_from or until)
        cursor.assets = sorted({*cursor.assets, *cursor.window_assets})
    cursor.looked_at, cursor.refused = until, cursor.window_refused
    cursor.window_since = cursor.window_until = cursor.open_from = None
    cursor.window_refused, cursor.place = 0, ""
