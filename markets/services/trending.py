"""A snapshot of what people search for, each place tied to the registry by CoinGecko id."""

from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from markets.models import Token, TrendingToken
from markets.providers.base import TrendingRecord
from markets.services import clients
from markets.services.source_states import COINGECKO, ask, refused

log = structlog.get_logger(__name__)

ENDPOINT = "search/trending"


def fetch_trending(now: datetime) -> int:
    """Store one snapshot observed at market time `now`; gives how many places it has."""
    parsed = ask(COINGECKO, ENDPOINT, clients.coingecko().trending)
    refused(COINGECKO, ENDPOINT, parsed.refusals)
    _store(parsed.records, now.replace(microsecond=0))
    log.info("trending_fetched", places=len(parsed.records), refused=len(parsed.refusals))
    return len(parsed.records)


@transaction.atomic
def _store(records: list[TrendingRecord], observed_at: datetime) -> None:
    ids = [record.coingecko_id for record in records]
    tokens = Token.objects.in_bulk(ids, field_name="coingecko_id")
    source = settings.MARKET.stamp(COINGECKO)
    TrendingToken.objects.bulk_create(
        [
            TrendingToken(
                observed_at=observed_at,
                rank=record.rank,
                coingecko_id=record.coingecko_id,
                symbol=record.symbol,
                name=record.name,
                token=tokens.get(record.coingecko_id),
                market_cap_rank=record.market_cap_rank,
                price_usd=record.price_usd,
                change_percentage_24h=record.change_percentage_24h,
                source=source,
            )
            for record in records
        ],
        ignore_conflicts=True,
    )
