"""The candles that closed since the last ones stored, of every followed token that has a history."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction

from core.lib.clock import floor_to
from core.lib.errors import SourceFailure
from markets.events import candles_stored
from markets.models import Candle, Token
from markets.providers.base import CandleBundle, CandleSource, NotListed
from markets.selectors.coverage import Edge, newest_candles
from markets.services import clients
from markets.services.candle_pages import PAGE_ROWS, Page, answered_pages, ask_for
from markets.services.candle_storage import NewCandles, store_candles, without_leaps
from markets.services.listing import on_exchange
from markets.services.points import fetch_points
from markets.services.source_states import BINANCE, asking_many, refused

log = structlog.get_logger(__name__)

ENDPOINT = "klines"
INTERVALS = (900, 3600)
Stored = dict[int, list[int]]
"""By interval, the tokens whose newest closed candle was stored."""


def fetch_closed_candles(now: datetime, source: CandleSource | None = None) -> Stored:
    """Store what closed by market time `now` and announce it, for each interval: the exchange's candles as soon as
    they are there, points once CoinGecko has given them, so that a slow one makes no other forecast late.

    Tokens without any candle are left to the back-fill. Raises SourceFailure where the exchange gave
    nothing at all; points are fetched all the same.
    """
    tokens = list(Token.objects.active().by_rank())
    stored: Stored = {interval: [] for interval in INTERVALS}
    failure: SourceFailure | None = None
    try:
        _fetch_from_exchange(on_exchange(tokens), now, source or clients.binance(), stored)
    except SourceFailure as caught:
        failure = caught
    _announce(stored, now)
    from_points = fetch_points(tokens, now)
    _announce(from_points, now)
    log.info(
        "candles_fetched", quarters=len(stored[900]), hours=len(stored[3600]), points=len(from_points[3600])
    )
    if failure:
        raise failure
    return {interval: stored[interval] + from_points[interval] for interval in INTERVALS}


def _fetch_from_exchange(
    tokens: Sequence[Token], now: datetime, source: CandleSource, stored: Stored
) -> None:
    newest = {interval: newest_candles([token.pk for token in tokens], interval) for interval in INTERVALS}
    pages = [page for interval in INTERVALS for page in _due(tokens, interval, newest[interval], now)]
    if not pages:
        return
    found: dict[int, list[NewCandles]] = defaultdict(list)
    with asking_many(BINANCE, ENDPOINT, source) as outcome:
        for page, answer in answered_pages(pages, lambda page: ask_for(source, page, now)):
            outcome.count(answer)
            if isinstance(answer, CandleBundle):
                found[page.interval].append(_believed(page, answer, newest[page.interval]))
            elif not isinstance(answer, NotListed):
                log.warning("candles_missing", token=page.token.coingecko_id, reason=answer.message)
    for interval in INTERVALS:
        with transaction.atomic():
            store_candles(found[interval], provider=BINANCE)
        stored[interval] += _with_newest(found[interval], interval, now)
    outcome.raise_where_nothing_came()


def _due(tokens: Sequence[Token], interval: int, newest: dict[int, Edge], now: datetime) -> list[Page]:
    """One page for each token that lacks the newest closed candle; older ones are left to the gaps."""
    last_open = int(floor_to(now, interval).timestamp()) - interval
    pages = []
    for token in tokens:
        if token.pk in newest and newest[token.pk].opens < last_open:
            first = max(newest[token.pk].opens + interval, last_open - (PAGE_ROWS - 1) * interval)
            pages.append(Page(token, interval, first, (last_open - first) // interval + 1))
    return pages


def _believed(page: Page, answer: CandleBundle, newest: dict[int, Edge]) -> NewCandles:
    """The candles that do not leap from the last good close. What was refused is told."""
    series, refusals = without_leaps(answer.series, newest.get(page.token.pk), page.token.coingecko_id)
    refused(BINANCE, ENDPOINT, [*answer.refusals, *refusals], subject=page.token.coingecko_id)
    return NewCandles(page.token, page.interval, series)


def _with_newest(batch: Sequence[NewCandles], interval: int, now: datetime) -> list[int]:
    last_open = int(floor_to(now, interval).timestamp()) - interval
    return [new.token.pk for new in batch if len(new.series) and int(new.series.open_times[-1]) == last_open]


def _announce(stored: Stored, now: datetime) -> None:
    for interval in INTERVALS:
        if stored[interval]:
            event = {
                "interval": interval,
                "closed_at": floor_to(now, interval),
                "token_ids": list(stored[interval]),
            }
            transaction.on_commit(partial(candles_stored.send, sender=Candle, **event))
