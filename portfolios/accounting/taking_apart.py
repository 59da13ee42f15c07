"""Transactions taken apart into movements of one asset each.

Worth of a trade: the dollars that were paid or got, else quantity × price, else what it was valued at by the market,
else unknown. Its fee is part of what was paid, or taken off what was got:

    fee in dollars or other money   worth ± fee
    fee in what is bought or sold   less comes in, or more goes out, for the same worth
    fee in what is paid with        more goes out, or less comes in, and it is worth as much more or less
    fee in a third asset            worth ± fee, and the third asset is disposed of at the fee's worth

A fee outside a trade buys nothing: its lots go for nothing, its dollars are a loss.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from portfolios.accounting.exact import ZERO, exact, share, times
from portfolios.accounting.money import DOLLARS, is_held
from portfolios.accounting.movements import Booked, Kind, Movement, Way

_TRADES = (Kind.BUY, Kind.SELL)
_WAYS = {
    Kind.TRANSFER_IN: Way.ARRIVED,
    Kind.TRANSFER_OUT: Way.DEPARTED,
    Kind.REWARD: Way.EARNED,
    Kind.AIRDROP: Way.EARNED,
}


def taken_apart(transactions: Iterable[Booked]) -> list[Movement]:
    """In no order yet. A bought quantity must be more than the fee that is kept back from it."""
    with exact():
        return [
            movement
            for booked in transactions
            for movement in (_trade(booked) if booked.kind in _TRADES else _other(booked))
        ]


def _trade(booked: Booked) -> Iterator[Movement]:
    gross, fee = _gross(booked), ZERO
    worth: Decimal | None = gross
    quantity, is_bought = booked.quantity, booked.kind is Kind.BUY
    if booked.fee_quantity:
        known_fee = _fee_worth(booked, gross)
        fee = known_fee or ZERO
        if booked.fee_asset == booked.asset:
            quantity += -booked.fee_quantity if is_bought else booked.fee_quantity
        elif known_fee is None or gross is None:
            worth = None
        else:
            worth = gross + fee if is_bought else gross - fee
        if _is_third(booked):
            yield _moved(booked, booked.fee_asset, Way.SPENT, booked.fee_quantity, known_fee)
    yield _moved(booked, booked.asset, Way.ACQUIRED if is_bought else Way.DISPOSED, quantity, worth, fee)
    if is_held(booked.quote_asset):
        yield from _quote_side(booked, gross, worth)


def _quote_side(booked: Booked, gross: Decimal | None, net: Decimal | None) -> Iterator[Movement]:
    """What was paid with, or got; a fee in it goes the same way, or is kept back."""
    quantity, worth = booked.quote_quantity or ZERO, gross
    is_bought = booked.kind is Kind.BUY
    if booked.fee_quantity and booked.fee_asset == booked.quote_asset:
        quantity += booked.fee_quantity if is_bought else -booked.fee_quantity
        worth = net
    if quantity > 0:
        yield _moved(booked, booked.quote_asset, Way.DISPOSED if is_bought else Way.ACQUIRED, quantity, worth)
    elif quantity < 0:  # the fee was more than all that was got
        yield _moved(booked, booked.quote_asset, Way.SPENT, -quantity, None if worth is None else -worth)


def _other(booked: Booked) -> Iterator[Movement]:
    worth = _worth(booked)
    if booked.kind is Kind.FEE:
        yield _moved(booked, booked.asset, Way.SPENT, booked.quantity, ZERO, worth or ZERO)
        return
    fee = (_fee_worth(booked, worth) or ZERO) if booked.fee_quantity else ZERO
    in_kind = bool(booked.fee_quantity) and is_held(booked.fee_asset)
    way, pair = _WAYS[booked.kind], booked.pair
    yield _moved(booked, booked.asset, way, booked.quantity, worth, ZERO if in_kind else fee, pair)
    if in_kind:
        yield _moved(booked, booked.fee_asset, Way.SPENT, booked.fee_quantity, ZERO, fee)


def _gross(booked: Booked) -> Decimal | None:
    if booked.quote_asset == DOLLARS and booked.quote_quantity is not None:
        return booked.quote_quantity
    return _worth(booked)


def _worth(booked: Booked) -> Decimal | None:
    """By the price that was stated, else by the market's."""
    if booked.price_usd is None:
        return booked.market_worth_usd
    return times(booked.quantity, booked.price_usd)


def _fee_worth(booked: Booked, gross: Decimal | None) -> Decimal | None:
    """As given, else by the price of the trade itself, else by the market's; None where nobody knows."""
    if booked.fee_asset == DOLLARS:
        return booked.fee_quantity
    if booked.fee_usd is not None:
        return booked.fee_usd
    if gross is not None and booked.fee_asset == booked.asset:
        return share(gross, booked.fee_quantity, booked.quantity)
    if gross is not None and booked.fee_asset == booked.quote_asset and booked.quote_quantity:
        return share(gross, booked.fee_quantity, booked.quote_quantity)
    return booked.market_fee_usd


def _is_third(booked: Booked) -> bool:
    return is_held(booked.fee_asset) and booked.fee_asset not in (booked.asset, booked.quote_asset)


def _moved(
    booked: Booked,
    asset: str,
    way: Way,
    quantity: Decimal,
    worth: Decimal | None,
    fee: Decimal = ZERO,
    pair: str = "",
) -> Movement:
    return Movement(booked.id, booked.portfolio, asset, booked.at, way, quantity, worth, fee, pair)
