"""What a source must answer: typed records, beside them what was refused and why. No tables, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from core.lib.errors import SourceFailure
from markets.candles.series import CandleSeries

POINTS = "coingecko-points"
"""The source of a series that has closes alone, made from CoinGecko's points."""

Record = TypeVar("Record")


class NotListed(SourceFailure):
    """The source does not have this token or pair; another source may."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row, or one field of it, that made no sense. `subject` is the token's id where one is known."""

    subject: str
    reason: str


@dataclass(frozen=True)
class Parsed(Generic[Record]):
    """What a reply held: `records` may be trusted in shape and range; `refusals` are shown to staff."""

    records: list[Record]
    refusals: list[Refusal] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MarketRecord:
    """One token's market as its source sees it. Prices, caps and volumes are USD; percentages are percent."""

    coingecko_id: str
    observed_at: datetime
    price_usd: float
    image_url: str = ""
    market_cap: float | None = None
    market_cap_rank: int | None = None
    fully_diluted_valuation: float | None = None
    volume_24h: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None
    change_24h: float | None = None
    change_percentage_1h: float | None = None
    change_percentage_24h: float | None = None
    change_percentage_7d: float | None = None
    change_percentage_30d: float | None = None
    market_cap_change_24h: float | None = None
    market_cap_change_percentage_24h: float | None = None
    circulating_supply: float | None = None
    total_supply: float | None = None
    max_supply: float | None = None
    ath: float | None = None
    ath_change_percentage: float | None = None
    ath_date: datetime | None = None
    atl: float | None = None
    atl_change_percentage: float | None = None
    atl_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """What an exchange's stream says of one pair at one moment: its last trade, and the 24 hours before it."""

    listing: str
    observed_at: datetime
    price_usd: float
    opened_24h: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None


@dataclass(frozen=True)
class CandleBundle:
    """Closed candles of one token and interval, ascending; points have NaN in open, high, low and volume."""

    series: CandleSeries
    refusals: list[Refusal] = field(default_factory=list)
    rows: int = 0
    """How many rows the reply held, the unfinished one included: a page that is not full is the last one."""


@dataclass(frozen=True, slots=True)
class TrendingRecord:
    rank: int
    coingecko_id: str
    symbol: str
    name: str
    market_cap_rank: int | None
    price_usd: float | None
    change_percentage_24h: float | None


@dataclass(frozen=True, slots=True)
class DetailsRecord:
    coingecko_id: str
    description: str
    links: dict[str, str]
    image_url: str
    mint: str


class QuoteSource(Protocol):
    """Prices of many tokens in one request."""

    name: str

    def quotes(self, coingecko_ids: Sequence[str], now: datetime) -> Parsed[MarketRecord]: ...


class CandleSource(Protocol):
    """Closed candles of one token. Raises NotListed where the source does not have it."""

    name: str
    page_rows: int

    def calls_made(self) -> int:
        """How many calls went out since this was asked last."""

    def candles(
        self, listing: str, interval: int, since: datetime, now: datetime, limit: int
    ) -> CandleBundle: ...
