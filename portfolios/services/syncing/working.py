"""One worker: it takes a connection, reads it, says what came of it, and turns to the next."""

import time
from collections.abc import Callable
from datetime import datetime

import structlog
from django.conf import settings

from core.lib.clock import wall_now
from core.lib.sealing import CannotOpen
from portfolios.exchanges.base import Exchange
from portfolios.exchanges.errors import ExchangeFailure, KeysCanDoMore, LimitReached, WrongKeys
from portfolios.exchanges.records import Verdict
from portfolios.models import Connection
from portfolios.services.pacing import Turns
from portfolios.services.reaching import account_name, credentials_of, reach
from portfolios.services.syncing import ending
from portfolios.services.syncing.booking import Names
from portfolios.services.syncing.comparing import compare, keep_balances
from portfolios.services.syncing.leasing import Held, LeaseLost, renew, take_next
from portfolios.services.syncing.reading import SLICE_SECONDS, Paused, Reader

log = structlog.get_logger(__name__)
PATIENCE_SECONDS = 50.0
"""After so long a worker begins no other connection: the sweep sends it anew."""
WAITS_FOR_A_TURN = 10.0
Clock = Callable[[], datetime]


def sync_due(*, clock: Clock = wall_now, patience: float = PATIENCE_SECONDS) -> int:
    """Synchronise what is due, in its order, until nothing is left or patience ends; how many there were."""
    began, count = time.monotonic(), 0
    while time.monotonic() - began <= patience:
        held = take_next(clock(), settings.SYNC_AT_ONCE)
        if held is None:
            break
        synchronise(held, clock=clock)
        count += 1
    return count


def synchronise(held: Held, *, clock: Clock = wall_now, slice_seconds: float = SLICE_SECONDS) -> None:
    """One time, to its end or to a pause. What nobody reckoned with is kept as its failure too, and goes on to the
    caller, so that staff see it."""
    turns = Turns(
        account_name(held.connection.key_digest),
        patience=WAITS_FOR_A_TURN,
        and_before=lambda: renew(held, clock()),
    )
    try:
        _read(held, turns, clock, slice_seconds)
    except LeaseLost:
        log.info("exchange_sync_overtaken", connection=str(held.connection.id))
    except Paused:
        ending.pause(held, clock())
    except LimitReached as failure:
        turns.heed(failure)
        ending.wait(held, failure, clock())
    except (WrongKeys, KeysCanDoMore) as failure:
        ending.end_for_good(held, failure, clock())
    except (ExchangeFailure, CannotOpen) as failure:
        ending.end_badly(held, failure, clock())
    except Exception as failure:
        ending.end_badly(held, failure, clock())
        raise
    else:
        ending.end_well(held, clock())


def _read(held: Held, turns: Turns, clock: Clock, slice_seconds: float) -> None:
    """1. May these keys still only read? 2. What is there? 3. What happened? 4. Do the two agree?"""
    began = held.run.began_at
    connection = held.connection
    try:
        with reach(connection.exchange, credentials_of(connection), turns) as account:
            _look_at_rights(connection, account, clock())
            names = Names.now()
            keep_balances(held, names, account.balances(), clock())
            is_whole = Reader(held, account, names, clock, slice_seconds).read_all(began)
        if is_whole:
            compare(held, clock())
    finally:
        held.run.calls = turns.calls


def _look_at_rights(connection: Connection, account: Exchange, now: datetime) -> None:
    """Rights can be widened later. Raises KeysCanDoMore."""
    rights = account.rights()
    title = account.profile.title
    Connection.objects.filter(id=connection.id).update(
        rights=rights.verdict.value, rights_lacking=list(rights.lacking), rights_seen_at=now
    )
    if rights.verdict is Verdict.CAN_DO_MORE:
        more = ", ".join(rights.more)
        raise KeysCanDoMore(
            f"These keys can do more than read now ({more}). Give new ones that only read.",
            exchange=connection.exchange,
        )
    if rights.verdict is Verdict.UNKNOWN and connection.rights_confirmed_at is None:
        raise KeysCanDoMore(
            f"{title} no longer says whether these keys can only read. Connect it again and confirm it.",
            exchange=connection.exchange,
        )
