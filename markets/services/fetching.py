"""Prices of all followed tokens, in one request for each 250 of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings

from markets.models import Token
from markets.providers.base import QuoteSource, Refusal
from markets.services import clients
from markets.services.quote_storage import store_quotes
from markets.services.source_states import COINGECKO, ask, refused

log = structlog.get_logger(__name__)

PAGE_TOKENS = 250
ENDPOINT = "coins/markets"


@dataclass
class FetchedQuotes:
    """What one cycle brought: tokens with a newer price, how many were refused, and ids that got no
    answer.
    """

    token_ids: list[int] = field(default_factory=list)
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def fetch_quotes(now: datetime, source: QuoteSource | None = None) -> FetchedQuotes:
    """One cycle at market time `now`. Raises SourceFailure; then the last good quotes stay as they are."""
    source = source or clients.coingecko()
    tokens = list(Token.objects.active().by_rank())
    result = FetchedQuotes()
    for start in range(0, len(tokens), PAGE_TOKENS):
        _fetch_page(tokens[start : start + PAGE_TOKENS], source, now, result)
    log.info(
        "quotes_fetched",
        stored=len(result.token_ids),
        unchanged=result.unchanged,
        refused=len(result.refusals),
        missing=len(result.missing),
        first_missing=result.missing[:10],
    )
    return result


def _fetch_page(page: Sequence[Token], source: QuoteSource, now: datetime, result: FetchedQuotes) -> None:
    by_id = {token.coingecko_id: token for token in page}
    parsed = ask(COINGECKO, ENDPOINT, lambda: source.quotes(list(by_id), now))
    stored = store_quotes(parsed.records, by_id, source=settings.MARKET.stamp(COINGECKO), fetched_at=now)
    refusals = [*parsed.refusals, *stored.refusals]
    refused(COINGECKO, ENDPOINT, refusals)
    result.token_ids += stored.token_ids
    result.unchanged += stored.unchanged
    result.refusals += refusals
    result.missing += parsed.missing
