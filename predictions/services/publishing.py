"""Renders the replies that many ask for, once, when forecasts or prices are new; see `core.api.hot`.

The bytes are true until the first forecast in them expires; then the view makes new ones, which say "stale".
"""

from datetime import datetime, timedelta

from core.api import hot
from core.api.envelope import success_bytes
from core.lib.clock import market_clock, wall_now
from markets.selectors.tokens import token_ids_by_symbol
from predictions.horizons import TIMEFRAMES
from predictions.selectors.forecasts import latest_forecasts
from predictions.selectors.record_detail import record_detail
from predictions.selectors.record_kept import Kept
from predictions.selectors.record_sums import Filters
from predictions.selectors.replies import Reply, reply_of, summary_reply
from predictions.selectors.track_record import track_record

ROOT = "/api/v1/predictions"
DEFAULT_TIMEFRAME = "1h"
MAX_AGE_SECONDS = 5
"""How long a client may use a reply without asking again; Django's views say the same."""
WITHOUT_CHANGE = timedelta(seconds=60)
"""Wall time. A reply in which everything is stale already changes with the next forecast alone."""


def publish_forecasts(timeframe: str, now: datetime) -> int:
    """The newest forecast of every symbol, and the summary; gives how many replies are ready.

    Of tokens that share a ticker only the one that it means: where that has no forecast, no other stands in.
    """
    latest = latest_forecasts([timeframe], token_ids_by_symbol().values())
    for forecast in latest.values():
        reply = reply_of(forecast.token, timeframe, [forecast], now)
        _put(f"{ROOT}/{forecast.token.symbol}", timeframe, reply, "limit=1")
    publish_summary(timeframe, now)
    return len(latest)


def publish_summaries(now: datetime) -> None:
    """Prices are in the summaries too."""
    for timeframe in TIMEFRAMES:
        publish_summary(timeframe.name, now)


def publish_summary(timeframe: str, now: datetime) -> None:
    _put(f"{ROOT}/summary", timeframe, summary_reply(timeframe, None, now))


def add_up_record(*, in_parts: bool) -> None:
    """Adds up what was scored, so that nobody who looks at a long record has to wait for it; `in_parts` each
    timeframe's own page too.
    """
    kept, names = Kept(), [timeframe.name for timeframe in TIMEFRAMES]
    track_record(names, Filters(), kept)
    for name in names if in_parts else ():
        track_record([name], Filters(), kept)
        record_detail(name, Filters(), kept)


def ready_until(stale_after: datetime | None) -> datetime:
    """Wall time until which a reply stays true by itself."""
    return wall_now() + WITHOUT_CHANGE if stale_after is None else market_clock().wall_for(stale_after)


def _put(path: str, timeframe: str, reply: Reply, more: str = "") -> None:
    """Under every spelling that means this reply: nothing is the same as naming the default."""
    body, until = success_bytes(reply.data), ready_until(reply.stale_after)
    named = [f"timeframe={timeframe}", *([""] if timeframe == DEFAULT_TIMEFRAME else [])]
    for query in [*named, *(f"{more}&{query}".strip("&") for query in named if more)]:
        name = hot.key(path, query)
        if name is not None:
            hot.put(name, body, until, MAX_AGE_SECONDS)
