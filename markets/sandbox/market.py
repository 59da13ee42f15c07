"""What a market behind the sandbox must answer, whether replayed or simulated. Times are Unix seconds of
market time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from markets.candles.series import CandleSeries
from markets.sandbox.registry import Listing

DAY = 86_400
PERIODS = {
    "1h": 3600,
    "24h": DAY,
    "7d": 7 * DAY,
    "14d": 14 * DAY,
    "30d": 30 * DAY,
    "60d": 60 * DAY,
    "200d": 200 * DAY,
    "1y": 365 * DAY,
}


@dataclass(frozen=True)
class Supply:
    circulating: float
    total: float
    maximum: float | None


@dataclass(frozen=True)
class Extremes:
    """The highest and lowest price that the market remembers, and when."""

    high: float
    high_at: float
    low: float
    low_at: float


@dataclass(frozen=True)
class Snapshot:
    """What a market knows of one token at one moment; None is unknown, never zero."""

    listing: Listing
    price: float
    observed_at: float
    earlier: Mapping[str, float] = field(default_factory=dict)  # price one period of PERIODS ago, where known
    high_24h: float | None = None
    low_24h: float | None = None
    volume_24h: float | None = None  # in USD
    market_cap: float | None = None
    market_cap_24h_ago: float | None = None
    rank: int | None = None
    supply: Supply | None = None
    extremes: Extremes | None = None


@dataclass(frozen=True)
class Pair:
    """A pair listed at the exchange; `volume_share` is the exchange's part of the token's whole volume."""

    symbol: str
    base: str
    coingecko_id: str
    trading: bool
    decimals: int = 8
    volume_share: float = 1.0


@dataclass(frozen=True)
class Point:
    """One point of CoinGecko's charts."""

    at: float
    price: float
    market_cap: float | None
    volume_24h: float | None


@dataclass(frozen=True)
class Bar:
    """One candle, closed or still running. `trades` is None where nobody counted them."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int | None = None


class Market(Protocol):
    """Every answer holds only what could be known at `at`."""

    kind: str
    identity: str

    def board(self, at: float) -> Sequence[Snapshot]:
        """All tokens that the market shows, best rank first."""

    def last_price(self, coingecko_id: str, at: float) -> tuple[float, float] | None:
        """The newest price of one token and when it was observed."""

    def pairs(self, at: float) -> Sequence[Pair]:
        """All pairs that the exchange lists, trading or halted."""

    def candles(self, coingecko_id: str, interval: int, first: int, last: int, at: float) -> CandleSeries:
        """Closed candles that open from `first` to `last`; volume is that of all exchanges together."""

    def running(self, coingecko_id: str, interval: int, at: float) -> Bar | None:
        """The candle that has not closed yet, as far as it has come; None where nothing is known of it."""

    def chart(self, coingecko_id: str, step: int, first: float, last: float, at: float) -> Sequence[Point]:
        """Points about `step` seconds apart, ascending."""

    def sparkline(self, coingecko_id: str, at: float) -> Sequence[float]:
        """Up to 168 hourly prices, ascending."""

    def trending(self, at: float) -> Sequence[str]:
        """Ids of the tokens most looked for, first first; empty where nobody counts."""
