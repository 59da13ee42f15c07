"""What is kept how long: quotes 30 days whole and then one an hour, quarter-hour candles 400 days.

Hourly candles stay for ever. Bookkeeping goes sooner: trending 90 days, calls 62, refusals the newest 1,000; so
do the replies that repeated writes would get, after a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from core.api.kept_replies import forget_expired
from core.lib.clock import floor_to
from markets.models import Candle, ProviderCalls, TrendingToken
from markets.services.price_turns import forget_turns
from markets.services.source_states import trim_refusals

log = structlog.get_logger(__name__)

QUOTES_WHOLE = timedelta(days=30)
QUARTERS = timedelta(days=400)
TRENDING = timedelta(days=90)
LEDGER = timedelta(days=62)
_LOOKS_BACK_DAYS = 7
_QUARTER, _HOUR = 900, 3600


@dataclass(frozen=True)
class Removed:
    quotes: int
    candles: int
    others: int


def clean_up(now: datetime, wall: datetime) -> Removed:
    """`now` is market time and rules what was observed; `wall` rules the bookkeeping."""
    removed = Removed(
        quotes=_thin_quotes(now - QUOTES_WHOLE),
        candles=Candle.objects.filter(interval=_QUARTER, open_time__lt=now - QUARTERS).delete()[0],
        others=TrendingToken.objects.filter(observed_at__lt=now - TRENDING).delete()[0]
        + ProviderCalls.objects.filter(minute__lt=wall - LEDGER).delete()[0]
        + forget_turns(now)
        + trim_refusals()
        + forget_expired(wall),
    )
    log.info("cleaned_up", quotes=removed.quotes, candles=removed.candles, others=removed.others)
    return removed


def _thin_quotes(before: datetime) -> int:
    """Keep the last quote of each token and hour, a day at a time; it can be run again, and looks a week
    back.
    """
    end = floor_to(before, _HOUR)
    days = (end - timedelta(days=back) for back in range(_LOOKS_BACK_DAYS, 0, -1))
    return sum(_thin(start, start + timedelta(days=1)) for start in days)


@transaction.atomic
def _thin(start: datetime, stop: datetime) -> int:
    hour = (
        "date_trunc('hour', observed_at)"
        if connection.vendor == "postgresql"
        else "strftime('%%Y-%%m-%%d %%H', observed_at)"
    )
    between = "observed_at >= %s AND observed_at < %s"
    kept = f"SELECT token_id, max(observed_at) FROM markets_quote WHERE {between} GROUP BY token_id, {hour}"  # noqa: S608
    moments = [connection.ops.adapt_datetimefield_value(moment) for moment in (start, stop)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM markets_quote WHERE {between} AND (token_id, observed_at) NOT IN ({kept})",  # noqa: S608
            [*moments, *moments],
        )
        return int(cursor.rowcount)
