"""A trade as two sides, got and given, whatever the file calls them."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, ClassVar, Protocol, TypeVar

from portfolios.accounting.money import DOLLARS, is_held
from portfolios.accounting.movements import Sided
from portfolios.statements.outcomes import Draft, Ignored
from portfolios.statements.row import PLACES

Side = tuple[str, Decimal]
"""An asset and how much of it."""


class Worthy(Sided, Protocol):
    """A dataclass with the fields of a transaction, whoever's it is."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


OneWorthy = TypeVar("OneWorthy", bound=Worthy)
_TRANSFERS = ("transfer_in", "transfer_out")
MONEY_FOR_MONEY = "Money was changed for money, which is not held here."
MONEY_MOVED = "Money came or went, which is counted in and not held here."


def trade(
    line: int,
    at: datetime,
    got: Side,
    given: Side,
    *,
    is_sale: bool = False,
    worth_usd: Decimal | None = None,
    **rest: Any,
) -> Draft | Ignored:
    """What was held leads, and money follows; of two tokens the one got leads, unless it was a sale. `worth_usd` is
    what either side was worth in dollars, where the file tells it.
    """
    if not is_held(got[0]) and not is_held(given[0]):
        return Ignored(line, MONEY_FOR_MONEY)
    sells = not is_held(got[0]) or (is_sale and is_held(given[0]))
    (asset, quantity), (quote, paid) = (given, got) if sells else (got, given)
    worth = paid if quote == DOLLARS else worth_usd
    return Draft(
        line,
        "sell" if sells else "buy",
        at,
        asset,
        quantity,
        price_usd=price_of(worth, quantity),
        quote_asset=quote,
        quote_quantity=paid,
        **rest,
    )


def move(
    line: int, kind: Any, at: datetime, moved: Side, *, worth_usd: Decimal | None = None, **rest: Any
) -> Draft | Ignored:
    """What comes or goes without anything in return. What a transfer was worth on its day is not what it had cost, so
    it is left out; of income it is the cost.
    """
    asset, quantity = moved
    if not is_held(asset):
        return Ignored(line, MONEY_MOVED)
    if kind in _TRANSFERS:
        worth_usd = None
    return Draft(line, kind, at, asset, quantity, price_usd=price_of(worth_usd, quantity), **rest)


def price_of(worth: Decimal | None, quantity: Decimal) -> Decimal | None:
    """Dollars for one, to the places that are kept."""
    if worth is None:
        return None
    with localcontext(prec=80):
        return (worth.copy_abs() / quantity).quantize(Decimal(1).scaleb(-PLACES))


def with_worths(draft: OneWorthy, dollar_coins: frozenset[str]) -> OneWorthy:
    """The worths that follow from the row itself, and from what its owner takes for a dollar. Nothing is looked up."""
    price = draft.price_usd
    if price is None and draft.asset in dollar_coins:
        price = Decimal(1)
    if price is None and draft.quote_quantity and draft.quote_asset in dollar_coins:
        price = price_of(draft.quote_quantity, draft.quantity)
    fee = draft.fee_usd
    if fee is None and draft.fee_quantity:
        fee = _fee_worth(draft, price, dollar_coins)
    if (price, fee) == (draft.price_usd, draft.fee_usd):
        return draft
    return replace(draft, price_usd=price, fee_usd=fee)


def _fee_worth(draft: Worthy, price: Decimal | None, dollar_coins: frozenset[str]) -> Decimal | None:
    """A fee in one of the two sides is worth what that side is."""
    paid_in, much = draft.fee_asset, draft.fee_quantity
    if paid_in == DOLLARS or paid_in in dollar_coins:
        return much
    with localcontext(prec=80):
        if price is not None and paid_in == draft.asset:
            each = price
        elif price is not None and paid_in == draft.quote_asset and draft.quote_quantity:
            each = price * draft.quantity / draft.quote_quantity
        else:
            return None
        return (much * each).quantize(Decimal(1).scaleb(-PLACES))
