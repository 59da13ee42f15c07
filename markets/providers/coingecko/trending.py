"""Parses `/search/trending`. It covers the whole market; money inside formatted text is never read."""

from typing import Any

from core.lib.errors import ReplyRefused
from core.lib.finite import finite_or_none
from markets.providers.base import Parsed, Refusal, TrendingRecord
from markets.providers.reading import positive, rank, text


def parse_trending(body: Any) -> Parsed[TrendingRecord]:
    coins = body.get("coins") if isinstance(body, dict) else None
    if not isinstance(coins, list):
        raise ReplyRefused("CoinGecko's trending has no list of coins; nothing of it is used.")
    records: list[TrendingRecord] = []
    refusals: list[Refusal] = []
    seen: set[str] = set()
    for coin in coins:
        record = _record(coin, len(records) + 1)
        if record is None or record.coingecko_id in seen:
            refusals.append(
                Refusal(record.coingecko_id if record else "", "a trending coin without an id, or twice")
            )
        else:
            seen.add(record.coingecko_id)
            records.append(record)
    if coins and not records:
        raise ReplyRefused(f"None of the {len(coins)} coins of CoinGecko's trending makes sense.")
    return Parsed(records, refusals)


def _record(coin: Any, place: int) -> TrendingRecord | None:
    item = coin.get("item") if isinstance(coin, dict) else None
    coingecko_id = text(item.get("id"), 128) if isinstance(item, dict) else ""
    if not isinstance(item, dict) or not coingecko_id:
        return None
    data: dict[str, Any] = item["data"] if isinstance(item.get("data"), dict) else {}
    changes = data.get("price_change_percentage_24h")
    return TrendingRecord(
        rank=place,
        coingecko_id=coingecko_id,
        symbol=text(item.get("symbol"), 32).upper(),
        name=text(item.get("name"), 128),
        market_cap_rank=rank(item.get("market_cap_rank")),
        price_usd=positive(data.get("price")),
        change_percentage_24h=finite_or_none(changes.get("usd")) if isinstance(changes, dict) else None,
    )
