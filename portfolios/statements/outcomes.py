"""What becomes of a line of a file: a draft of a transaction, nothing to book, or a rejection that says why."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Literal

Kind = Literal["buy", "sell", "transfer_in", "transfer_out", "reward", "airdrop", "fee"]
DateOrder = Literal["auto", "day", "month"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction in the fields of `portfolios.models.Transaction`. Assets are tickers in capitals, or CoinGecko ids
    in lower case where the file has them; an empty quote or fee asset is US dollars.
    """

    line: int
    kind: Kind
    executed_at: datetime
    asset: str
    quantity: Decimal
    price_usd: Decimal | None = None
    quote_asset: str = ""
    quote_quantity: Decimal | None = None
    fee_asset: str = ""
    fee_quantity: Decimal = Decimal(0)
    fee_usd: Decimal | None = None
    note: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """`cells` as they stood in the file, for its owner alone; the message never repeats them."""

    line: int
    column: str
    message: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """Understood, and nothing to book: money moved, a transfer inside the exchange, an order that was cancelled."""

    line: int
    reason: str


Outcome = Draft | Rejected | Ignored


@dataclass(frozen=True, slots=True)
class Terms:
    """What a file does not say of itself, and its owner does.

    `zone` is where a time without a zone was written; presets whose files say UTC go by the file. `dollar_coins` are
    tickers that count as one dollar each where the file tells no worth: nobody but the owner decides so.
    """

    zone: tzinfo = UTC
    date_order: DateOrder = "auto"
    decimal_comma: bool = False
    is_comma_unsure: bool = False
    """Neither the owner nor the file says whether `1,500` is one and a half."""
    dollar_coins: frozenset[str] = frozenset()
    latest: datetime | None = None
    """Nothing happened after this."""


class CellError(Exception):
    """A cell that cannot be taken, and what to write instead."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message
