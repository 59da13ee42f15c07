"""What an exchange tells of an account, as typed records: amounts are Decimal from the text of the number, times are
aware and UTC, tickers are those people use (BTC, not XXBT).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from portfolios.exchanges.errors import AnswerUnusable

LONGEST_CURSOR = 2_000
"""Characters that are kept of the place where reading goes on."""


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, slots=True)
class Balance:
    """All that an account holds of one token, what is staked or bound in orders included."""

    asset: str
    total: Decimal
    parts: Mapping[str, Decimal] = field(default_factory=dict)
    """The total under the exchange's own names: a staked part, another wallet (`SOL.S`, `main`)."""


@dataclass(frozen=True, slots=True)
class Trade:
    """`external_id` is unique within the exchange; the fee may be in any token, or zero."""

    external_id: str
    executed_at: datetime
    side: Side
    base: str
    quote: str
    quantity: Decimal
    quote_quantity: Decimal
    price: Decimal
    fee_asset: str = ""
    fee_quantity: Decimal = Decimal(0)
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Deposit:
    """What arrived and may be used. `quantity` is what was credited; a fee was taken off before."""

    external_id: str
    executed_at: datetime
    asset: str
    quantity: Decimal
    fee_quantity: Decimal = Decimal(0)
    transaction_hash: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What left. `quantity` arrives elsewhere; the fee (in the same token) left the account too."""

    external_id: str
    executed_at: datetime
    asset: str
    quantity: Decimal
    fee_quantity: Decimal = Decimal(0)
    transaction_hash: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that made no sense. The rest of its page is sound, yet the window cannot be called complete."""

    subject: str
    reason: str


Move = Deposit | Withdrawal
Record = TypeVar("Record", Trade, Deposit, Withdrawal, Move)


OVERLAP = timedelta(minutes=10)
"""A window begins so long before the end of the one before it: exchanges tell of some things a little late."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` (None: the account's beginning) up to, not including, `until`."""

    since: datetime | None
    until: datetime

    def holds(self, moment: datetime) -> bool:
        return moment < self.until and (self.since is None or moment >= self.since)


@dataclass(frozen=True)
class Page(Generic[Record]):
    """One answer of the exchange. Ask again with `cursor` until `is_last`; rows may come twice and in any order."""

    records: list[Record]
    cursor: str = ""
    """Opaque; holds nothing secret. Good for the same window and tokens alone."""
    is_last: bool = True
    refused: list[Refused] = field(default_factory=list)
    open_from: datetime | None = None
    """Since then something is not settled yet (a deposit on its way): the next window must begin here."""

    def __post_init__(self) -> None:
        if len(self.cursor) > LONGEST_CURSOR:
            raise AnswerUnusable("The exchange names its next page by more characters than can be kept.")


class Verdict(StrEnum):
    READ_ONLY = "read_only"
    CAN_DO_MORE = "can_do_more"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rights:
    """What keys may do. What is not known to be reading counts as more."""

    verdict: Verdict
    more: tuple[str, ...] = ()
    """What they may do beyond reading, in the exchange's words as far as those are plain."""
    lacking: tuple[str, ...] = ()
    """What Khalsi wants to read and these keys may not."""
