"""Descriptions and links of tokens, those that were looked up longest ago first, as many as the plan
allows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import F, Q

from core.lib.errors import BudgetSpent, ReplyRefused
from markets.models import Token
from markets.providers.base import DetailsRecord, NotListed
from markets.providers.coingecko.plans import plan
from markets.services import clients
from markets.services.source_states import COINGECKO, ask

log = structlog.get_logger(__name__)

ENDPOINT = "coins/{id}"
FRESH_FOR = timedelta(hours=20)


@dataclass(frozen=True)
class FetchedDetails:
    """How many tokens were looked up; `retry_after` is set where the plan's calls ended before the tokens
    did.
    """

    tokens: int
    retry_after: float = 0.0


def fetch_details(now: datetime) -> FetchedDetails:
    """Look up what is due. Raises SourceFailure where CoinGecko is away."""
    fetched, pause = 0, 0.0
    for token in _due(now)[: plan().details_a_day]:
        try:
            record = _looked_up(token.coingecko_id)
        except BudgetSpent as error:
            log.info("details_postponed", reason=error.message)
            pause = error.retry_after or 0.0
            break
        _store(token, record, now)
        fetched += record is not None
    log.info("details_fetched", tokens=fetched)
    return FetchedDetails(fetched, pause)


def _looked_up(coingecko_id: str) -> DetailsRecord | None:
    """None where the source has no such token, or sent something else for it."""
    try:
        return ask(COINGECKO, ENDPOINT, lambda: clients.coingecko().details(coingecko_id))
    except (NotListed, ReplyRefused) as error:
        log.info("details_missing", token=coingecko_id, reason=error.message)
        return None


def _due(now: datetime) -> list[Token]:
    due = Token.objects.active().filter(Q(details_at=None) | Q(details_at__lt=now - FRESH_FOR))
    return list(due.order_by(F("details_at").asc(nulls_first=True), F("rank").asc(nulls_last=True)))


def _store(token: Token, record: DetailsRecord | None, now: datetime) -> None:
    """What the source leaves empty stays; a mint that staff named is not replaced."""
    token.details_at = now
    if record:
        token.description = record.description or token.description
        token.links = record.links or token.links
        token.image_url = record.image_url or token.image_url
        token.mint = token.mint or record.mint
    token.save(update_fields=["details_at", "description", "links", "image_url", "mint"])
