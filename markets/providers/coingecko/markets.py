"""Parses `/coins/markets`: rows that make sense become records, the others are refused one by one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.lib.errors import ReplyRefused
from core.lib.finite import finite_or_none
from markets.providers.base import MarketRecord, Parsed, Refusal
from markets.providers.reading import SKEW, at_least_zero, moment, positive, rank, text, web_address

_NEVER_NEGATIVE = {
    "market_cap": "market_cap",
    "fully_diluted_valuation": "fully_diluted_valuation",
    "total_volume": "volume_24h",
    "high_24h": "high_24h",
    "low_24h": "low_24h",
    "circulating_supply": "circulating_supply",
    "total_supply": "total_supply",
    "max_supply": "max_supply",
    "ath": "ath",
    "atl": "atl",
}
_ANY_SIGN = {
    "price_change_24h": "change_24h",
    "price_change_percentage_1h_in_currency": "change_percentage_1h",
    "price_change_percentage_24h": "change_percentage_24h",
    "price_change_percentage_7d_in_currency": "change_percentage_7d",
    "price_change_percentage_30d_in_currency": "change_percentage_30d",
    "market_cap_change_24h": "market_cap_change_24h",
    "market_cap_change_percentage_24h": "market_cap_change_percentage_24h",
    "ath_change_percentage": "ath_change_percentage",
    "atl_change_percentage": "atl_change_percentage",
}
_TIMES = ("ath_date", "atl_date")


def parse_markets(body: Any, asked: Sequence[str], now: datetime) -> Parsed[MarketRecord]:
    """Records of tokens that were asked for; `missing` are those that the reply says nothing about."""
    if not isinstance(body, list):
        raise ReplyRefused("CoinGecko's markets are no list; nothing of them is used.")
    if not body and len(asked) > 1:  # one token may have been taken off the list, all of them cannot
        raise ReplyRefused(f"CoinGecko's markets say nothing about any of {len(asked)} tokens.")
    reading = _Reading(set(asked), now)
    for row in body:
        reading.take(row)
    reading.refuse_shapeless_reply(len(body))
    missing = [coingecko_id for coingecko_id in asked if coingecko_id not in reading.seen]
    return Parsed(reading.records, reading.refusals, missing)


class _Reading:
    def __init__(self, asked: set[str], now: datetime) -> None:
        self.asked, self.now = asked, now
        self.records: list[MarketRecord] = []
        self.refusals: list[Refusal] = []
        self.seen: set[str] = set()

    def take(self, row: Any) -> None:
        coingecko_id = row.get("id") if isinstance(row, dict) else None
        if not isinstance(coingecko_id, str) or coingecko_id not in self.asked:
            self._refuse(text(coingecko_id, 128), "not a token that was asked for")
        elif coingecko_id in self.seen:
            self._refuse(coingecko_id, "a second row for the same token")
        else:
            self.seen.add(coingecko_id)
            self._read(coingecko_id, row)

    def _read(self, coingecko_id: str, row: dict[str, Any]) -> None:
        price, observed_at = positive(row.get("current_price")), moment(row.get("last_updated"))
        if price is None:
            self._refuse(coingecko_id, "the price is absent or no positive number")
        elif observed_at is None:
            self._refuse(coingecko_id, "last_updated is absent or no time")
        elif observed_at > self.now + SKEW:
            self._refuse(coingecko_id, f"observed in the future ({observed_at:%Y-%m-%d %H:%M:%S})")
        else:
            self.records.append(self._record(coingecko_id, row, price, observed_at))

    def _record(
        self, coingecko_id: str, row: dict[str, Any], price: float, observed_at: datetime
    ) -> MarketRecord:
        figures: dict[str, Any] = {
            ours: finite_or_none(row.get(theirs)) for theirs, ours in _ANY_SIGN.items()
        }
        figures |= {ours: at_least_zero(row.get(theirs)) for theirs, ours in _NEVER_NEGATIVE.items()}
        figures |= {name: moment(row.get(name)) for name in _TIMES}
        for theirs in _NEVER_NEGATIVE:
            if (finite_or_none(row.get(theirs)) or 0) < 0:
                self._refuse(coingecko_id, f"{theirs} is negative; that field is left out")
        return MarketRecord(
            coingecko_id=coingecko_id,
            observed_at=observed_at,
            price_usd=price,
            image_url=web_address(row.get("image")),
            market_cap_rank=rank(row.get("market_cap_rank")),
            **figures,
        )

    def refuse_shapeless_reply(self, rows: int) -> None:
        """A reply none of whose rows can be used says nothing about the market, only about its source."""
        if rows and not self.records:
            raise ReplyRefused(
                f"None of the {rows} rows of CoinGecko's markets makes sense ({self.refusals[0].reason});"
                " nothing of them is used."
            )

    def _refuse(self, subject: str, reason: str) -> None:
        self.refusals.append(Refusal(subject[:128], reason))
