"""Quotes of a poll into the tables: history appended, the latest overwritten only by newer ones, both or neither.

While the exchange's stream holds a token's price, a poll brings the rest of its row and leaves the price alone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db import transaction

from markets.events import prices_changed, quotes_stored
from markets.models import LatestQuote, Quote, Token
from markets.providers.base import MarketRecord, Refusal
from markets.providers.plausible import is_jump
from markets.selectors.coverage import Edge, newest_candles
from markets.services.bulk import insert_missing, update_existing, upsert_newer
from markets.services.latest_rows import Latest, locked_rows

_SHARED = [each.name for each in fields(MarketRecord) if each.name not in {"coingecko_id", "image_url"}]
HOUR, WITNESS_HOURS = 3600, 3
_OF_THE_STREAM = {"observed_at", "price_usd", "high_24h", "low_24h", "change_24h", "change_percentage_24h"}
"""Of a streamed row; all else is the poll's."""
_BESIDE = [name for name in _SHARED if name not in _OF_THE_STREAM]
_POLLED = ["market_source", "market_observed_at", "market_price_usd", "kept_at"]
_HISTORY = ["observed_at", "price_usd", "market_cap", "volume_24h", "change_percentage_24h"]
Fresh = list[tuple[Token, MarketRecord]]


@dataclass(frozen=True)
class StoredQuotes:
    """`token_ids` have a newer quote, though their price may be the stream's."""

    token_ids: list[int] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    unchanged: int = 0


@transaction.atomic
def store_quotes(
    records: Iterable[MarketRecord], tokens: Mapping[str, Token], *, source: str, fetched_at: datetime
) -> StoredQuotes:
    """Store what is newer than the last good quote and plausible beside it; announce it after commit.

    `tokens` are by CoinGecko id. An older quote, another price for the same instant and an impossible leap
    are refused; the same quote again is no news. A leap back to where the candles are is believed: then the
    stored quote was the wrong one, and must not keep good ones out for as long as it would take to believe them.
    """
    records = list(records)
    rows = locked_rows(token.pk for token in tokens.values())
    polled = {pk: row.polled for pk, row in rows.items()}
    vouched = _vouched_for(
        [each for each in records if _leaps(each, polled.get(tokens[each.coingecko_id].pk))], tokens
    )
    refusals: list[Refusal] = []
    fresh: Fresh = []
    unchanged = 0
    for record in records:
        token = tokens[record.coingecko_id]
        before = polled.get(token.pk)
        if before == (record.observed_at, record.price_usd):
            unchanged += 1
        elif reason := _refused(record, before, vouched):
            refusals.append(Refusal(record.coingecko_id, reason))
        else:
            fresh.append((token, record))
    repriced = _write(fresh, rows, source, fetched_at)
    token_ids = [token.pk for token, _ in fresh]
    if token_ids:
        transaction.on_commit(lambda: _announce(token_ids, repriced))
    return StoredQuotes(token_ids, refusals, unchanged)


def _announce(token_ids: list[int], repriced: list[int]) -> None:
    quotes_stored.send(sender=LatestQuote, token_ids=token_ids)
    if repriced:
        prices_changed.send(sender=LatestQuote, token_ids=repriced)


def _leaps(record: MarketRecord, before: tuple[datetime, float] | None) -> bool:
    if before is None:
        return False
    seen, price = before
    return is_jump(price, record.price_usd, (record.observed_at - seen).total_seconds())


def _vouched_for(leapt: Sequence[MarketRecord], tokens: Mapping[str, Token]) -> set[str]:
    """The ids among them whose price agrees with a candle that closed lately."""
    if not leapt:
        return set()
    edges = newest_candles([tokens[record.coingecko_id].pk for record in leapt], HOUR)
    return {
        record.coingecko_id for record in leapt if _agrees(record, edges.get(tokens[record.coingecko_id].pk))
    }


def _agrees(record: MarketRecord, newest: Edge | None) -> bool:
    if newest is None:
        return False
    age = record.observed_at.timestamp() - newest.opens - HOUR
    return age <= WITNESS_HOURS * HOUR and not is_jump(newest.close, record.price_usd, age)


def _refused(record: MarketRecord, before: tuple[datetime, float] | None, vouched: Collection[str]) -> str:
    if before is None:
        return _unlike_its_own_row(record)
    seen, price = before
    if record.observed_at < seen:
        return f"observed before the last stored quote ({seen:%Y-%m-%d %H:%M:%S})"
    if record.observed_at == seen:
        return "another price for the same instant"
    if _leaps(record, before) and record.coingecko_id not in vouched:
        return f"the price leapt from {price:.6g} to {record.price_usd:.6g} in too short a time"
    return ""


def _unlike_its_own_row(record: MarketRecord) -> str:
    """A first price has no one before it; what the same row says of the day, and the cap over the supply, vouch."""
    witnesses = [record.high_24h, record.low_24h]
    if record.market_cap and record.circulating_supply:
        witnesses.append(record.market_cap / record.circulating_supply)
    known = [witness for witness in witnesses if witness]
    against = [witness for witness in known if is_jump(witness, record.price_usd, 0)]
    if 2 * len(against) <= len(known):
        return ""
    return f"the first price, {record.price_usd:.6g}, is far from what its own row tells ({against[0]:.6g})"


def _write(fresh: Fresh, rows: Mapping[int, Latest], source: str, fetched_at: datetime) -> list[int]:
    """Gives the tokens that have another price now: all but those whose price the stream holds."""
    history = [[token.pk, fetched_at, source, *_values(record, _HISTORY)] for token, record in fresh]
    insert_missing(Quote, ["token", "fetched_at", "source", *_HISTORY], history)
    held = {
        token.pk
        for token, record in fresh
        if (row := rows.get(token.pk)) and row.outranks(record.observed_at, fetched_at)
    }
    repriced = [(token, record) for token, record in fresh if token.pk not in held]
    beside = [(token, record) for token, record in fresh if token.pk in held]
    upsert_newer(
        LatestQuote,
        ["token", "fetched_at", "source", "streamed", *_SHARED, *_POLLED],
        [
            [token.pk, fetched_at, source, False, *_values(record, _SHARED), *_polled(record, source)]
            for token, record in repriced
        ],
        key="token",
        newer_by="observed_at",
    )
    update_existing(
        LatestQuote,
        ["token", *_BESIDE, *_POLLED],
        [[token.pk, *_values(record, _BESIDE), *_polled(record, source)] for token, record in beside],
        key="token",
    )
    _update_tokens(fresh)
    return [token.pk for token, _ in repriced]


def _values(record: MarketRecord, names: Sequence[str]) -> list[Any]:
    return [getattr(record, name) for name in names]


def _polled(record: MarketRecord, source: str) -> list[Any]:
    return [source, record.observed_at, record.price_usd, record.observed_at]


def _update_tokens(fresh: Fresh) -> None:
    """Rank and image follow the source where it names them."""
    changed = []
    for token, record in fresh:
        rank, image = record.market_cap_rank or token.rank, record.image_url or token.image_url
        if (rank, image) != (token.rank, token.image_url):
            token.rank, token.image_url = rank, image
            changed.append([token.pk, rank, image])
    update_existing(Token, ["id", "rank", "image_url"], changed, key="id")
