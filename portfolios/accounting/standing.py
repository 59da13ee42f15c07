"""How a holding stands at a price: its value, and how much of that is known to be profit. Unknown stays unknown."""

from dataclasses import dataclass
from decimal import Decimal

from portfolios.accounting.exact import UNIT, ZERO, exact, times


@dataclass(frozen=True, slots=True)
class Held:
    """What the book says of an asset; fields as in `portfolios.models.Holding`."""

    quantity: Decimal
    cost_usd: Decimal
    quantity_of_unknown_cost: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Standing:
    """None where nobody knows. `unrealised_usd` and `cost_usd` are of all of it, and so unknown where the cost of any
    part is; `…_known_usd` are of the part whose cost is known.
    """

    value_usd: Decimal | None
    cost_usd: Decimal | None
    cost_known_usd: Decimal
    average_cost_usd: Decimal | None
    unrealised_usd: Decimal | None
    unrealised_known_usd: Decimal | None
    day_change_usd: Decimal | None


def standing(held: Held, price: Decimal | None, price_a_day_ago: Decimal | None = None) -> Standing:
    """The day's change is of what is held now: price now less price a day ago, times the quantity."""
    with exact():
        known = held.quantity - held.quantity_of_unknown_cost
        is_whole = held.quantity_of_unknown_cost == 0
        value = None if price is None else times(held.quantity, price)
        unrealised = None
        if price is not None and (known > 0 or is_whole):
            unrealised = times(known, price) - held.cost_usd
        before = None if price_a_day_ago is None else times(held.quantity, price_a_day_ago)
        return Standing(
            value_usd=value,
            cost_usd=held.cost_usd if is_whole else None,
            cost_known_usd=held.cost_usd,
            average_cost_usd=(held.cost_usd / known).quantize(UNIT) if known > 0 else None,
            unrealised_usd=unrealised if is_whole else None,
            unrealised_known_usd=unrealised,
            day_change_usd=None if value is None or before is None else value - before,
        )


def percent_of(change: Decimal | None, before: Decimal | None) -> float | None:
    """None where either is unknown, or there was nothing before."""
    if change is None or before is None or before <= 0:
        return None
    return float(change / before * 100)


def price_before(price: float, change_percent: float | None) -> Decimal | None:
    """The price of which `price` is a change of so many percent."""
    if change_percent is None or change_percent <= -100:
        return None
    with exact():
        return (as_written(price) / (1 + as_written(change_percent) / 100)).quantize(UNIT)


def as_written(figure: float) -> Decimal:
    """A market figure as it is written: its shortest decimal form."""
    return Decimal(repr(figure))
