"""What transactions do to lots: each is taken apart into movements of one asset in one portfolio.

Assets are accounted for apart from each other. A trade of one token for another is a disposal of the one at its worth
in dollars and an acquisition of the other at the same worth; a fee paid in a third is a disposal of that one.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from portfolios.accounting.market_worth import MarketWorth


class Method(StrEnum):
    """Which lots a disposal uses up."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    AVERAGE = "average"


class Kind(StrEnum):
    """What a user booked."""

    BUY = "buy"
    SELL = "sell"
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"
    REWARD = "reward"
    AIRDROP = "airdrop"
    FEE = "fee"


class Way(StrEnum):
    """What a movement does. At one and the same time what comes in is booked before what goes out."""

    ACQUIRED = "acquired"
    EARNED = "earned"
    """A reward or an airdrop: its worth when it came is income, and its cost from then on."""
    ARRIVED = "arrived"
    """Moved in from another own portfolio, lots and all (`pair` names the departure), or from elsewhere."""
    DEPARTED = "departed"
    DISPOSED = "disposed"
    SPENT = "spent"
    """Paid as a fee: a disposal at its worth that earns nothing."""


class Sided(Protocol):
    """The sides of a transaction and its fee, whoever's row it is; fields as in `portfolios.models.Transaction`."""

    @property
    def asset(self) -> str: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def price_usd(self) -> Decimal | None: ...
    @property
    def quote_asset(self) -> str: ...
    @property
    def quote_quantity(self) -> Decimal | None: ...
    @property
    def fee_asset(self) -> str: ...
    @property
    def fee_quantity(self) -> Decimal: ...
    @property
    def fee_usd(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Booked:
    """A transaction as the arithmetic sees it; fields as in `portfolios.models.Transaction`."""

    id: str
    portfolio: str
    kind: Kind
    at: datetime
    asset: str
    quantity: Decimal
    price_usd: Decimal | None = None
    quote_asset: str = ""
    quote_quantity: Decimal | None = None
    fee_asset: str = ""
    fee_quantity: Decimal = Decimal(0)
    fee_usd: Decimal | None = None
    pair: str = ""
    """Id of the other end of a transfer between own portfolios."""
    market_worth_usd: Decimal | None = None
    """What was traded or earned at the market's price; counts where no price was stated."""
    market_fee_usd: Decimal | None = None
    valued: tuple[MarketWorth, ...] = ()
    """What the two follow from; read where a sum is shown."""


@dataclass(frozen=True, slots=True)
class Movement:
    """`worth_usd` is what was paid, fees included, or what was got, fees taken off; None where nobody knows."""

    transaction: str
    portfolio: str
    asset: str
    at: datetime
    way: Way
    quantity: Decimal
    worth_usd: Decimal | None
    fee_usd: Decimal = Decimal(0)
    pair: str = ""
