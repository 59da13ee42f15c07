"""Holes in the candles of the last days are found and asked for; those the source does not have either are
left.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import structlog
from django.core.cache import cache
from django.db import transaction

from core.lib.clock import floor_to
from markets.candles.gaps import missing_spans
from markets.models import Token
from markets.providers.base import CandleBundle, CandleSource
from markets.selectors.coverage import oldest_candles
from markets.selectors.panel import HOUR, QUARTER, Panel, hourly_panel, quarter_panel
from markets.services import clients
from markets.services.candle_pages import PAGE_ROWS, Page, answered_pages, ask_for
from markets.services.candle_storage import NewCandles, missing_of, store_candles
from markets.services.listing import on_exchange
from markets.services.source_states import BINANCE, asking_many, refused

log = structlog.get_logger(__name__)

ENDPOINT = "klines gaps"
MOST_PAGES = 200
ASK_AGAIN_AFTER_SECONDS = 24 * 3600
_SECONDS_A_DAY = 86_400


def fill_gaps(now: datetime, days: int = 7, source: CandleSource | None = None) -> int:
    """Ask the exchange for what is missing of the last `days`; gives how many candles were stored.

    A hole that was asked for in vain is asked for again a day later.
    """
    tokens = on_exchange(list(Token.objects.active().by_rank()))
    pages = [page for interval in (HOUR, QUARTER) for page in _holes(tokens, interval, now, days)][
        :MOST_PAGES
    ]
    if not pages:
        return 0
    client, stored = source or clients.binance(), 0
    with asking_many(BINANCE, ENDPOINT, client) as outcome:
        for page, answer in answered_pages(pages, lambda page: ask_for(client, page, now)):
            outcome.count(answer)
            if isinstance(answer, CandleBundle):
                stored += _store(page, answer)
    log.info("gaps_filled", asked=len(pages), candles=stored)
    return stored


def _holes(tokens: Sequence[Token], interval: int, now: datetime, days: int) -> list[Page]:
    """Spans without candles between the first stored one and the last that closed."""
    oldest = oldest_candles([token.pk for token in tokens], interval)
    started = [token for token in tokens if token.pk in oldest]
    panel = _panel([token.pk for token in started], interval, now, days)
    since, end = int((now - timedelta(days=days)).timestamp()), int(floor_to(now, interval).timestamp())
    pages = []
    for place, token in enumerate(started):
        known = panel.times[~np.isnan(panel.close[:, place])] - interval
        for first, stop in missing_spans(known, interval, max(since, oldest[token.pk].opens), end):
            page = Page(token, interval, first, min((stop - first) // interval, PAGE_ROWS))
            if cache.get(_memory(page)) is None:
                pages.append(page)
    return pages


def _panel(token_ids: Sequence[int], interval: int, now: datetime, days: int) -> Panel:
    length = days * _SECONDS_A_DAY // interval + 1
    return hourly_panel(token_ids, now, length) if interval == HOUR else quarter_panel(token_ids, now, length)


def _store(page: Page, answer: CandleBundle) -> int:
    new, refusals = missing_of(NewCandles(page.token, page.interval, answer.series))
    refused(BINANCE, ENDPOINT, [*answer.refusals, *refusals], subject=page.token.coingecko_id)
    with transaction.atomic():
        store_candles([new], provider=BINANCE)
    if len(new.series) < page.rows:
        cache.set(_memory(page), True, ASK_AGAIN_AFTER_SECONDS)
    return len(new.series)


def _memory(page: Page) -> str:
    return f"markets:hole:{page.token.pk}:{page.interval}:{page.first_open}"
