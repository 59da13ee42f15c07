"""History for tokens that lack it, newest first, so that forecasts can start before all of it is there.

Two stages. `essential`: 92 days of hours and 35 of quarter hours, what forecasts need. `deep`: two years of
hours and 400 days of quarter hours. A source that has less ends it. Solana, bitcoin and ether come first,
then by rank.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from core.lib.clock import from_seconds
from markets.models import Token
from markets.providers.base import CandleBundle, CandleSource, NotListed
from markets.providers.plausible import is_jump
from markets.selectors.coverage import Edge
from markets.selectors.latest import latest_quotes
from markets.services import clients
from markets.services.backfill_points import backfill_points
from markets.services.backfill_work import Progress, Spans, Work
from markets.services.candle_pages import Answer, Page, answered_pages, ask_for_history
from markets.services.candle_storage import NewCandles, store_candles, without_leaps
from markets.services.listing import fall_back_to_points, on_exchange, on_points
from markets.services.source_states import BINANCE, asking_many, refused

log = structlog.get_logger(__name__)

DAY, HOUR, QUARTER = 86_400, 3600, 900
ESSENTIAL: Spans = {HOUR: 92 * DAY, QUARTER: 35 * DAY}
DEEP: Spans = {HOUR: 730 * DAY, QUARTER: 400 * DAY}
ENDPOINT = "klines history"
FIRST = ("solana", "bitcoin", "ethereum")


@dataclass(frozen=True)
class Filled:
    """How a run ended: cut by the time it had, or with points that wait for calls of the plan, or at its
    end.
    """

    is_cut: bool
    is_postponed: bool

    @property
    def is_done(self) -> bool:
        return not self.is_cut and not self.is_postponed


def backfill_essential(
    now: datetime,
    progress: Progress | None = None,
    *,
    tokens: Sequence[Token] | None = None,
    source: CandleSource | None = None,
    seconds: float = math.inf,
) -> Filled:
    """What forecasts need. Tells whether it came to its end: `seconds` bounds the time that it may take.

    Raises SourceFailure where a source gives nothing at all.
    """
    return _backfill(ESSENTIAL, now, progress, tokens, source, seconds)


def backfill_deep(
    now: datetime,
    progress: Progress | None = None,
    *,
    tokens: Sequence[Token] | None = None,
    source: CandleSource | None = None,
    seconds: float = math.inf,
) -> Filled:
    """Everything that is wanted; the rest is as in `backfill_essential`."""
    return _backfill(DEEP, now, progress, tokens, source, seconds)


def _backfill(
    spans: Spans,
    now: datetime,
    progress: Progress | None,
    tokens: Sequence[Token] | None,
    source: CandleSource | None,
    seconds: float,
) -> Filled:
    wanting = [token for token in tokens or _in_order() if not token.candles_complete]
    work = Work(on_exchange(wanting), spans, now, progress, seconds)
    work.total += len(on_points(wanting))
    _from_exchange(work, source or clients.binance())
    backfill_points(on_points(wanting), now, work)
    _mark_complete(work)
    return Filled(is_cut=work.is_late, is_postponed=work.is_postponed)


def _in_order() -> list[Token]:
    tokens = list(Token.objects.active().by_rank())
    return sorted(
        tokens, key=lambda one: FIRST.index(one.coingecko_id) if one.coingecko_id in FIRST else len(FIRST)
    )


def _from_exchange(work: Work, source: CandleSource) -> None:
    if work.total == 0 or next(work.first_pages(), None) is None:
        return
    prices = latest_quotes([token.pk for token in work.tokens])
    edges = {pk: Edge(quote.observed_at, quote.price_usd) for pk, quote in prices.items()}

    def ask(page: Page) -> CandleBundle:
        return ask_for_history(source, page, work.now)

    with asking_many(BINANCE, ENDPOINT, source) as outcome:
        for page, answer in answered_pages(work.first_pages(), ask, work.follow):
            outcome.count(answer)
            _take(work, page, answer, edges)
    outcome.raise_where_nothing_came()


def _take(work: Work, page: Page, answer: Answer, prices: dict[int, Edge]) -> None:
    if isinstance(answer, CandleBundle):
        beside = work.edges[page.interval].get(page.token.pk) or prices.get(page.token.pk)
        _store(work, page, answer, beside)
        return
    if isinstance(answer, NotListed):
        fall_back_to_points(page.token)
    else:
        log.warning("backfill_page_failed", token=page.token.coingecko_id, reason=answer.message)
    work.stopped(page)


def _store(work: Work, page: Page, answer: CandleBundle, beside: Edge | None) -> None:
    """Store a page whose newest close fits the good price beside it; one of another scale is all refused."""
    subject = page.token.coingecko_id
    series, refusals = without_leaps(answer.series, beside, subject)
    if _is_off(answer, beside):
        series = series.pick(slice(0, 0))
    refused(BINANCE, ENDPOINT, [*answer.refusals, *refusals], subject=subject)
    if not answer.rows:
        work.ended(page)
    elif not len(series):
        work.stopped(page)
    else:
        first = from_seconds(int(series.open_times[0]))
        with transaction.atomic():
            store_candles([NewCandles(page.token, page.interval, series)], provider=BINANCE)
            _note_reach(page, first)
        work.stored(page, Edge(first, float(series.close[0])))


def _is_off(answer: CandleBundle, beside: Edge | None) -> bool:
    """Whether the candle nearest to the good price leaps from it: then the whole page has another scale."""
    series = answer.series
    if beside is None or not len(series):
        return False
    return is_jump(beside.close, float(series.close[-1]), abs(beside.opens - int(series.open_times[-1])))


def _note_reach(page: Page, first: datetime) -> None:
    if page.interval == HOUR:
        page.token.candles_from = first
        Token.objects.filter(pk=page.token.pk).update(candles_from=first)


def _mark_complete(work: Work) -> None:
    """Nothing more is wanted where both intervals reach as far as the deep stage, or as their source does."""
    complete = [token.pk for token in on_exchange(work.tokens) if work.has_all(token, DEEP)]
    Token.objects.filter(pk__in=complete).update(candles_complete=True)
