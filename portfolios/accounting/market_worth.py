"""An amount valued at market: how much of what, by which close. What it is worth follows from these alone."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portfolios.accounting.exact import exact, times


class Part(StrEnum):
    """Of which amount a worth is."""

    WORTH = "worth"
    """What was traded, earned, or paid as a fee alone: all of it."""
    FEE = "fee"
    """The fee of a trade or a transfer."""


@dataclass(frozen=True, slots=True)
class MarketClose:
    """What one of a token was worth in dollars when a candle of so many seconds closed."""

    symbol: str
    price_usd: Decimal
    closed_at: datetime
    interval_seconds: int
    source: str
    is_stable: bool = False
    """A stablecoin's: it moves least between the close and the moment it stands for."""


@dataclass(frozen=True, slots=True)
class MarketWorth:
    """An amount valued at market: so many of an asset, times the close that told it."""

    part: Part
    asset: str
    quantity: Decimal
    close: MarketClose

    @property
    def usd(self) -> Decimal:
        with exact():
            return times(self.quantity, self.close.price_usd)

    def stored(self) -> dict[str, Any]:
        """As JSON, every digit as text."""
        return {
            "part": self.part.value,
            "asset": self.asset,
            "symbol": self.close.symbol,
            "quantity": f"{self.quantity:f}",
            "price_usd": f"{self.close.price_usd:f}",
            "closed_at": self.close.closed_at.isoformat(),
            "interval_seconds": self.close.interval_seconds,
            "source": self.close.source,
        }


def worth_of(stored: dict[str, Any]) -> MarketWorth:
    close = MarketClose(
        stored["symbol"],
        Decimal(stored["price_usd"]),
        datetime.fromisoformat(stored["closed_at"]),
        stored["interval_seconds"],
        stored["source"],
    )
    return MarketWorth(Part(stored["part"]), stored["asset"], Decimal(stored["quantity"]), close)
