"""What a lot book holds: lots, what used them up, and each holding's sums. The tables keep the same fields."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.accounting.exact import ZERO


@dataclass(slots=True, eq=False)
class LotLine:
    """What came in at once and how much of it is left; unknown cost is None. Where average cost is counted, everything
    that comes in joins the open lot.
    """

    portfolio: str
    asset: str
    opened_by: str
    acquired_at: datetime
    place: int
    quantity: Decimal
    cost_usd: Decimal | None
    remaining: Decimal
    remaining_cost_usd: Decimal | None
    each_usd: Decimal = ZERO
    """Cost of one when it came in, for finding the highest; an unknown cost counts as nothing."""


@dataclass(slots=True, eq=False)
class JoinLine:
    """What came in and joined an open lot, as it was then."""

    pool: LotLine
    lot: LotLine


@dataclass(slots=True, eq=False)
class UseLine:
    """`proceeds_usd` is None where it was moved (`is_moved`), or where nobody knows."""

    lot: LotLine
    transaction: str
    quantity: Decimal
    cost_usd: Decimal | None
    proceeds_usd: Decimal | None
    is_moved: bool = False


@dataclass(slots=True, eq=False)
class ShortLine:
    """What went out without having come in."""

    portfolio: str
    asset: str
    transaction: str
    quantity: Decimal
    proceeds_usd: Decimal | None
    is_moved: bool = False


@dataclass(slots=True, eq=False)
class FeeLine:
    """A fee at its worth. `is_lost`: dollars of what isn't a trade, which are in no cost and no proceeds. `quantity`:
    what was lost on the way, where nobody booked it as a fee.
    """

    portfolio: str
    asset: str
    transaction: str
    fee_usd: Decimal
    is_lost: bool = False
    quantity: Decimal | None = None


@dataclass(slots=True, eq=False)
class HoldingLine:
    """Sums of an asset in a portfolio, each over what is known."""

    portfolio: str
    asset: str
    last_at: datetime
    quantity: Decimal = ZERO
    cost_usd: Decimal = ZERO
    quantity_of_unknown_cost: Decimal = ZERO
    short: Decimal = ZERO
    realised_usd: Decimal = ZERO
    """Proceeds less cost where both are known, less the dollar fees of what isn't a trade."""
    proceeds_of_unknown_cost_usd: Decimal = ZERO
    cost_of_unknown_proceeds_usd: Decimal = ZERO
    fees_usd: Decimal = ZERO
    income_usd: Decimal = ZERO
    lots: int = 0
    """Opened so far; the next one's place."""
