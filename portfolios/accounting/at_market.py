"""Worths that nobody stated, by the market's price: which of a transaction's amounts want one, and which side's price
tells it best. What the owner stated is never looked at twice, and what a transfer brought had its cost elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple, Protocol

from portfolios.accounting.market_worth import MarketClose, MarketWorth, Part
from portfolios.accounting.money import DOLLARS, is_held
from portfolios.accounting.movements import Kind, Sided

_TRADES = frozenset({Kind.BUY, Kind.SELL})
_TRANSFERS = frozenset({Kind.TRANSFER_IN, Kind.TRANSFER_OUT})


class Side(NamedTuple):
    asset: str
    quantity: Decimal


class Valuable(Sided, Protocol):
    @property
    def kind(self) -> str: ...


Wanted = dict[Part, tuple[Side, ...]]
CloseOf = Callable[[str], MarketClose | None]
"""Of an asset, right before the transaction."""


def wanting(row: Valuable) -> Wanted:
    """Amounts of unknown worth that a price would tell, each with the sides that it may be told by. What was paid in
    dollars that nobody wrote down is not among them: that is for its owner to say.
    """
    wanted: Wanted = {}
    if row.price_usd is None and (sides := _sides(row)):
        wanted[Part.WORTH] = sides
    if row.fee_usd is None and row.fee_quantity and is_held(row.fee_asset) and not _follows(row):
        wanted[Part.FEE] = (Side(row.fee_asset, row.fee_quantity),)
    return wanted


def _sides(row: Valuable) -> tuple[Side, ...]:
    """Of a trade what it was quoted in leads: pairs are quoted in what is traded most."""
    own = Side(row.asset, row.quantity)
    if row.kind in _TRANSFERS or (row.kind in _TRADES and row.quote_asset == DOLLARS):
        return ()
    if row.kind in _TRADES and row.quote_quantity and is_held(row.quote_asset):
        return Side(row.quote_asset, row.quote_quantity), own
    return (own,)


def _follows(row: Valuable) -> bool:
    """Whether the fee's worth follows from the worth of what it was paid in."""
    if row.kind in _TRADES:
        return row.fee_asset in (row.asset, row.quote_asset)
    return row.fee_asset == row.asset and not (row.kind in _TRANSFERS and row.price_usd is None)


def valued(wanted: Wanted, known: Sequence[MarketWorth], close_of: CloseOf) -> tuple[MarketWorth, ...]:
    """Those of the wanted amounts that have a price. By what was `known` before where it still fits, so that a worth
    stays what it was; else a stablecoin's close before others, the newest before older ones, and of two alike that of
    the side that leads.
    """
    found = []
    for part, sides in wanted.items():
        before = {one.asset: one for one in known if one.part is part}
        kept = next((side for side in sides if side.asset in before), None)
        if kept is not None:
            found.append(replace(before[kept.asset], quantity=kept.quantity))
        elif told := [(side, close) for side in sides if (close := close_of(side.asset)) is not None]:
            (asset, quantity), close = min(told, key=_poorness)
            found.append(MarketWorth(part, asset, quantity, close))
    return tuple(found)


def _poorness(told: tuple[Side, MarketClose]) -> tuple[bool, float]:
    _, close = told
    return not close.is_stable, -close.closed_at.timestamp()
