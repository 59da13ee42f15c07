"""Where market time stands, kept in the database so that every process agrees and a restart goes on where it was."""

from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, transaction

from core.lib.clock import WALL_CLOCK, MarketClock, forget_market_clock, market_now, wall_now
from core.lib.errors import Conflict
from core.models import SourceStamp


def stored_market_clock() -> MarketClock | None:
    """The clock of this database; wall time where no market has been stamped yet, None where it cannot be asked."""
    try:
        stamp = SourceStamp.objects.first()
    except DatabaseError:
        return None
    return stamp.clock if stamp else WALL_CLOCK


@transaction.atomic
def stamp_market(
    *,
    kind: str,
    identity: str,
    speed: float,
    start: datetime | None = None,
    default_start: Callable[[], datetime | None] = lambda: None,
    at_least: Callable[[], datetime | None] = lambda: None,
) -> SourceStamp:
    """Stamp a new database, or go on with the stamped market; a replay moves on from where it stood.

    `start` is the market time of a replay's first moment where somebody asked for one; `default_start` is asked when a
    new database needs it. `at_least` is the newest market time that anything was written at: a killed process may
    have written more after it last wrote down its time. Raises Conflict where the database holds another market.
    """
    now = wall_now()
    stamp = SourceStamp.objects.select_for_update().first()
    if stamp is None:
        first = start or default_start() or now
        stamp = SourceStamp(kind=kind, identity=identity, started_at=first, reached=first)
    _refuse_another(stamp, kind, identity, start)
    stamp.speed, stamp.wall_at = speed, now
    stamp.market_at = max(stamp.reached, at_least() or stamp.reached) if kind == "replay" else now
    stamp.reached = stamp.market_at
    stamp.save()
    forget_market_clock()
    return stamp


def refuse_another_market(kind: str, identity: str) -> None:
    """For processes that write without having stamped: raises Conflict where the database holds another market, or none
    yet."""
    stamp = SourceStamp.objects.first()
    if stamp is None:
        raise Conflict("This database holds no market yet: run manage.py prepare first.")
    _refuse_another(stamp, kind, identity, None)


def _refuse_another(stamp: SourceStamp, kind: str, identity: str, start: datetime | None) -> None:
    if (stamp.kind, stamp.identity) != (kind, identity):
        raise Conflict(
            f"This database holds the {stamp.kind} market {stamp.identity}, not the {kind} market {identity}: prices of"
            " two markets never mix. Start with the SOURCE or REPLAY it was made with, or name another DATA folder"
            " (embedded) or DATABASE_URL."
        )
    if start is not None and start != stamp.started_at:
        raise Conflict(
            f"This replay began at {stamp.started_at:%Y-%m-%dT%H:%MZ}; it cannot begin anew at {start:%Y-%m-%dT%H:%MZ}."
            " Leave REPLAY_START out to go on, or name another DATA folder to begin anew."
        )


def keep_market_time() -> datetime:
    """Write down how far market time has come; never backwards."""
    reached = market_now()
    SourceStamp.objects.filter(reached__lt=reached).update(reached=reached)
    return reached
