"""History for tokens that no exchange lists: ninety days of hourly points, which is what one request
gives.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from core.lib.clock import from_seconds
from core.lib.errors import BudgetSpent, ReplyRefused
from markets.models import Token
from markets.providers.base import NotListed
from markets.services.backfill_work import Work
from markets.services.points import HOUR, MOST_DAYS, ask_points, store_points

log = structlog.get_logger(__name__)

SOON_SECONDS = 120.0
"""Calls that come back so soon are waited for; else the next slot of the job tries."""


def backfill_points(tokens: Sequence[Token], now: datetime, work: Work) -> None:
    """A spent budget or the time leave the rest to the next run. Raises SourceFailure where CoinGecko is
    away.
    """
    for token in tokens:
        if work.is_late:
            return
        try:
            _backfill_token(token, now)
        except NotListed:
            _complete(token, None)
        except ReplyRefused as error:
            log.warning("points_refused", token=token.coingecko_id, reason=error.message)
        except BudgetSpent as error:
            log.info("points_postponed", reason=error.message)
            work.is_postponed = (error.retry_after or 0) <= SOON_SECONDS
            return
        work.advance(1, f"{token.symbol} points")


def _backfill_token(token: Token, now: datetime) -> None:
    """The last day in quarter hours first: its fine points also make the truer hours."""
    fine, hourly = ask_points(token, 1, now), ask_points(token, MOST_DAYS, now)
    for interval, bundle in (*fine.items(), *hourly.items()):
        store_points(token, interval, bundle, now)
    series = hourly[HOUR].series
    _complete(token, from_seconds(int(series.open_times[0])) if len(series) else None)


def _complete(token: Token, since: datetime | None) -> None:
    token.candles_from, token.candles_complete = since, True
    token.save(update_fields=["candles_from", "candles_complete"])
