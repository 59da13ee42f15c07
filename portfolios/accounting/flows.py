"""What passed the border of a portfolio: money and tokens put in and taken out, which are no gain and no loss.

Inside are the assets that have a price. Outside are dollars, other money, and assets that nobody quotes: buying with
them is putting in, selling for them is taking out. A trade of one priced asset for another is no flow; rewards and
airdrops are return, and fees paid in tokens are loss.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from portfolios.accounting.exact import ZERO
from portfolios.accounting.money import DOLLARS, is_held
from portfolios.accounting.movements import Kind, Sided

INWARDS: frozenset[str] = frozenset({Kind.BUY, Kind.TRANSFER_IN, Kind.REWARD, Kind.AIRDROP})
TRADES: frozenset[str] = frozenset({Kind.BUY, Kind.SELL})
TRANSFERS: frozenset[str] = frozenset({Kind.TRANSFER_IN, Kind.TRANSFER_OUT})


class Bookable(Sided, Protocol):
    """What is read of a transaction: a `Booked`, or a row with fields of the same names."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...


Market = Callable[[str, datetime], Decimal | None]
"""Dollars for one of an asset at a time; None where nobody quoted it."""
Crossing = tuple[str, Decimal, Decimal | None]
"""Asset, quantity (above zero inwards) and worth of what came in or went out."""


class Leg(NamedTuple):
    """What a transaction does to one asset: above zero comes in, below goes out."""

    transaction: int
    at: datetime
    asset: str
    quantity: Decimal


class Flow(NamedTuple):
    """`quantity` of `asset` crossed the border, above zero inwards, with `fee_usd` paid in dollars beside it.

    `usd` is what was paid or got for it, None where that is not known; `by_market` says that the market's worth counts
    first, as with transfers, in which nothing is paid.
    """

    at: datetime
    asset: str
    quantity: Decimal
    usd: Decimal | None
    fee_usd: Decimal
    by_market: bool


def legs(transactions: Iterable[Bookable]) -> Iterator[Leg]:
    """In the order given; `transaction` is the place in it. Money is not held and has no leg."""
    for place, booked in enumerate(transactions):
        inwards = booked.kind in INWARDS
        quantity = booked.quantity if inwards else -booked.quantity
        yield Leg(place, booked.at, booked.asset, quantity)
        if booked.quote_quantity and booked.kind in TRADES and is_held(booked.quote_asset):
            paid = -booked.quote_quantity if inwards else booked.quote_quantity
            yield Leg(place, booked.at, booked.quote_asset, paid)
        if booked.fee_quantity and is_held(booked.fee_asset):
            yield Leg(place, booked.at, booked.fee_asset, -booked.fee_quantity)


@dataclass(frozen=True, slots=True)
class Border:
    """`priced` lies inside. `missing` is what went out without having come in, by the transaction's place and the asset
    (see `holding.walk`): that part had no worth before and takes none out, as if it had been put in at the same moment.
    """

    priced: Collection[str]
    missing: Mapping[tuple[int, str], Decimal]

    def flows(self, transactions: Iterable[Bookable]) -> Iterator[Flow]:
        for place, booked in enumerate(transactions):
            crossing = self._crossing(place, booked)
            fee = self._dollar_fee(booked)
            if crossing or fee:
                asset, quantity, usd = crossing or ("", ZERO, ZERO)
                yield Flow(booked.at, asset, quantity, usd, fee, booked.kind in TRANSFERS)

    def _crossing(self, place: int, booked: Bookable) -> Crossing | None:
        if booked.kind in TRADES:
            return self._of_trade(place, booked)
        if booked.kind not in TRANSFERS or booked.asset not in self.priced:
            return None
        worth = None if booked.price_usd is None else booked.price_usd * booked.quantity
        if booked.kind == Kind.TRANSFER_IN:
            return booked.asset, booked.quantity, worth
        return _part(booked.asset, -booked.quantity, worth, self._lacking(place, booked.asset))

    def _of_trade(self, place: int, booked: Bookable) -> Crossing | None:
        """What was got came in where what was given lies outside, and the other way round."""
        main, other = (booked.asset, booked.quantity), (booked.quote_asset, booked.quote_quantity or ZERO)
        (got, came), (given, went) = (main, other) if booked.kind == Kind.BUY else (other, main)
        worth = _worth(booked)
        if given not in self.priced:
            return (got, came, worth) if got in self.priced else None
        lacking = self._lacking(place, given)
        if got not in self.priced:
            return _part(given, -went, worth, lacking)
        return _part(got, came, worth, came - came * lacking / went) if lacking else None

    def _lacking(self, place: int, asset: str) -> Decimal:
        return self.missing.get((place, asset), ZERO)

    def _dollar_fee(self, booked: Bookable) -> Decimal:
        """What of the fee was paid from outside. A fee in a priced token leaves the portfolio by itself."""
        if booked.fee_asset == DOLLARS:
            return booked.fee_quantity
        return ZERO if booked.fee_asset in self.priced else booked.fee_usd or ZERO


def needs_market(flow: Flow) -> bool:
    """Whether it has to be asked what the flow was worth."""
    return bool(flow.quantity) and (flow.by_market or flow.usd is None)


def settled(flow: Flow, market: Market) -> tuple[Decimal, Decimal] | None:
    """Dollars put in and taken out; None where nobody knows what it was worth."""
    worth = flow.usd
    if needs_market(flow):
        price = market(flow.asset, flow.at)
        worth = abs(flow.quantity) * price if price is not None else worth
    if worth is None:
        return None
    net = (worth if flow.quantity > 0 else -worth) + flow.fee_usd
    return (net, ZERO) if net > 0 else (ZERO, -net)


def _part(asset: str, quantity: Decimal, worth: Decimal | None, lacking: Decimal) -> Crossing | None:
    """All of it but what was lacking, worth its share."""
    size = abs(quantity)
    if lacking >= size:
        return None
    share = (size - lacking) / size
    return asset, quantity * share, None if worth is None else worth * share


def _worth(booked: Bookable) -> Decimal | None:
    if booked.quote_asset == DOLLARS and booked.quote_quantity is not None:
        return booked.quote_quantity
    return None if booked.price_usd is None else booked.price_usd * booked.quantity
