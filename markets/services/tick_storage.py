"""One second of the stream into the tables: the latest prices in one statement, and one event for all of them.

The history is not written here: a row a second and token would be 6.5 million a day for 75 tokens, and charts are made
of candles and of what polls say of volume and cap. Only where no poll has brought a row for as long as a quote is
fresh, the stream's price stands in, so that the history of prices has no hole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from markets.events import prices_changed
from markets.freshness import QUOTE_LIMIT
from markets.models import LatestQuote, Quote
from markets.providers.base import Refusal, Tick
from markets.providers.plausible import is_apart
from markets.providers.reading import SKEW
from markets.selectors.coverage import Edge, newest_candles
from markets.services.bulk import insert_missing, update_existing, upsert_newer
from markets.services.latest_rows import Latest, locked_rows
from markets.services.price_turns import store_turns

QUARTER = 900
OLDER = "observed before the last stored price"
_FIELDS = ["token", "fetched_at", "source", "streamed", "observed_at", "price_usd"]
_DAY = ["high_24h", "low_24h", "change_24h", "change_percentage_24h"]
_KEPT = ["token", "observed_at", "fetched_at", "price_usd", "change_percentage_24h", "source"]
Named = list[tuple[int, Tick]]
"""Ticks with the token that each is of."""


@dataclass(frozen=True)
class StoredTicks:
    """`unchanged` say nothing new beside what is stored. `unwitnessed` are first prices of tokens that no poll and no
    candle has spoken of yet: those wait.
    """

    token_ids: list[int] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    unchanged: int = 0
    unwitnessed: int = 0


@transaction.atomic
def store_ticks(
    ticks: Iterable[Tick],
    tokens: Mapping[str, int],
    *,
    source: str,
    now: datetime,
    turns: Iterable[Tick] = (),
) -> StoredTicks:
    """Store what is newer than the last price and near to what another source says; announce it after commit.

    `tokens` are ids by listing; `now` is market time. A price stands where the last poll or the newest candle is near,
    so that neither a wrong poll nor a wrong message keeps good prices out; where neither is there, the last stored one
    must be. `turns` are prices that were left again before the newest one; the same holds for them, in silence.
    """
    named = [(tokens[tick.listing], tick) for tick in ticks]
    left = [(tokens[turn.listing], turn) for turn in turns]
    rows = locked_rows(token_id for token_id, _ in named)
    doubtful = [pk for pk, tick in [*named, *left] if not _vouches_poll(tick, rows.get(pk))]
    candles = newest_candles(doubtful, QUARTER)
    refusals: list[Refusal] = []
    fresh: Named = []
    unchanged = unwitnessed = 0
    for token_id, tick in named:
        row, candle = rows.get(token_id), candles.get(token_id)
        if row and _is_no_news(tick, row):
            unchanged += 1
        elif row is None and candle is None:
            unwitnessed += 1
        elif reason := _refused(tick, row, candle):
            refusals.append(Refusal(tick.listing, reason))
        else:
            fresh.append((token_id, tick))
    _write(fresh, rows, source, now)
    store_turns([(pk, turn) for pk, turn in left if _is_vouched(turn, rows.get(pk), candles.get(pk))], source)
    if fresh:
        token_ids = [token_id for token_id, _ in fresh]
        transaction.on_commit(lambda: _announce(token_ids), robust=True)
    return StoredTicks([token_id for token_id, _ in fresh], refusals, unchanged, unwitnessed)


def _announce(token_ids: list[int]) -> None:
    prices_changed.send(sender=LatestQuote, token_ids=token_ids)


def _is_no_news(tick: Tick, row: Latest) -> bool:
    """The same again, or a little older than a poll, whose clock may run ahead."""
    if row.streamed:
        return (row.observed_at, row.price_usd) == (tick.observed_at, tick.price_usd)
    return row.observed_at - SKEW <= tick.observed_at <= row.observed_at


def _refused(tick: Tick, row: Latest | None, candle: Edge | None) -> str:
    if row and tick.observed_at < row.observed_at:
        return OLDER
    if row and tick.observed_at == row.observed_at:
        return "another price for the same instant"
    if _is_vouched(tick, row, candle):
        return ""
    witness = (row.polled[1] if row.polled else row.price_usd) if row else candle.close if candle else 0.0
    return f"the price, {tick.price_usd:.6g}, is far from what other sources say ({witness:.6g})"


def _is_vouched(tick: Tick, row: Latest | None, candle: Edge | None) -> bool:
    """By whom else there is."""
    if _vouches_poll(tick, row) or (candle is not None and _vouches_candle(tick, candle)):
        return True
    is_alone = row is not None and row.polled is None and candle is None
    return row is not None and is_alone and _vouches(tick, row.price_usd, row.observed_at)


def _vouches_poll(tick: Tick, row: Latest | None) -> bool:
    return row is not None and row.polled is not None and _vouches(tick, row.polled[1], row.polled[0])


def _vouches_candle(tick: Tick, candle: Edge) -> bool:
    age = tick.observed_at.timestamp() - candle.opens - QUARTER
    return not is_apart(candle.close, tick.price_usd, age)


def _vouches(tick: Tick, price: float, at: datetime) -> bool:
    return not is_apart(price, tick.price_usd, (tick.observed_at - at).total_seconds())


def _write(fresh: Named, rows: Mapping[int, Latest], source: str, now: datetime) -> None:
    latest = [
        [token_id, now, source, True, tick.observed_at, tick.price_usd, *_day(tick)]
        for token_id, tick in fresh
    ]
    upsert_newer(LatestQuote, [*_FIELDS, *_DAY], latest, key="token", newer_by="observed_at")
    _stand_in([(pk, tick) for pk, tick in fresh if _is_due(tick, rows.get(pk))], source, now)


def _day(tick: Tick) -> Sequence[float | None]:
    change = None if tick.opened_24h is None else tick.price_usd - tick.opened_24h
    percentage = None if change is None or not tick.opened_24h else change / tick.opened_24h * 100
    return tick.high_24h, tick.low_24h, change, percentage


def _is_due(tick: Tick, row: Latest | None) -> bool:
    kept = row and (row.kept_at or (row.polled and row.polled[0]))
    return not kept or tick.observed_at - kept > QUOTE_LIMIT


def _stand_in(due: Named, source: str, now: datetime) -> None:
    history = [[pk, tick.observed_at, now, tick.price_usd, _day(tick)[3], source] for pk, tick in due]
    insert_missing(Quote, _KEPT, history)
    update_existing(
        LatestQuote, ["token", "kept_at"], [[pk, tick.observed_at] for pk, tick in due], key="token"
    )
