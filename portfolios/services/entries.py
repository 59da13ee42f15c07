"""A transaction as somebody asks for it, and what must be true of it before it is booked."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.lib.errors import BadInput, FieldError
from core.lib.text import is_one_line
from markets.models import Token
from portfolios.accounting.exact import PLACES, ZERO, exact, share
from portfolios.accounting.money import DOLLARS, MONEY
from portfolios.accounting.movements import Booked, Kind
from portfolios.accounting.taking_apart import taken_apart

MOST_QUANTITY, MOST_USD = Decimal(10) ** 16, Decimal(10) ** 13
EARLIEST = datetime(2009, 1, 3, tzinfo=UTC)
CLOCKS_DIFFER_BY = timedelta(minutes=5)
MOST_NOTE, MOST_EXTERNAL_ID = 200, 160
_TRADES = (Kind.BUY, Kind.SELL)
_TICKER = re.compile(r"[A-Z0-9$][A-Z0-9$._-]{0,31}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Fields as in `portfolios.models.Transaction`."""

    kind: Kind
    executed_at: datetime
    asset: str
    quantity: Decimal
    price_usd: Decimal | None = None
    quote_asset: str = ""
    quote_quantity: Decimal | None = None
    fee_asset: str = ""
    fee_quantity: Decimal = ZERO
    fee_usd: Decimal | None = None
    note: str = ""
    external_id: str = ""


def checked(entry: Entry, *, now: datetime) -> Entry:
    """In its one spelling. `now` is market time. Raises BadInput that names every field at fault."""
    entry = tidied(entry)
    faults = tuple(faults_of(entry, now=now, tokens=known_tokens([entry])))
    if faults:
        raise BadInput("; ".join(f"{fault.field}: {fault.message}" for fault in faults), details=faults)
    return entry


def known_tokens(entries: Iterable[Entry]) -> set[str]:
    """Those of their assets that are registered tokens."""
    named = {name for entry in entries for name in (entry.asset, entry.quote_asset, entry.fee_asset)}
    return set(Token.objects.filter(coingecko_id__in=named).values_list("coingecko_id", flat=True))


def tidied(entry: Entry) -> Entry:
    """Dollars have no name; a dollar fee is worth what it is; a price follows from the dollars that were paid."""
    quote = DOLLARS if entry.quote_asset == "USD" else entry.quote_asset
    fee_asset = DOLLARS if entry.fee_asset == "USD" else entry.fee_asset
    fee, fee_usd, price = entry.fee_quantity, entry.fee_usd, entry.price_usd
    if not fee and fee_usd:
        fee_asset, fee = DOLLARS, fee_usd
    if fee_asset == DOLLARS:
        fee_usd = fee or None
    if price is None and quote == DOLLARS:
        price = _price_of(entry.quote_quantity, entry.quantity)
    return replace(
        entry,
        quote_asset=quote,
        fee_asset=fee_asset if fee else DOLLARS,
        fee_quantity=fee,
        fee_usd=fee_usd if fee else None,
        price_usd=price,
    )


def _price_of(paid: Decimal | None, quantity: Decimal) -> Decimal | None:
    if paid is None or not paid.is_finite() or not quantity.is_finite() or not quantity:
        return None
    with exact():
        return share(paid, Decimal(1), quantity)


def faults_of(entry: Entry, *, now: datetime, tokens: Container[str]) -> Iterator[FieldError]:
    """Everything that is wrong with a tidied entry. `tokens` are those that are registered."""
    faults = list(_amounts(entry))
    yield from faults or _worths(entry)
    yield from _names(entry, tokens)
    yield from _sense(entry)
    if entry.executed_at.tzinfo is None:
        yield FieldError("executed_at", "Write the time with its zone.")
    elif not EARLIEST <= entry.executed_at <= now + CLOCKS_DIFFER_BY:
        yield FieldError("executed_at", "Write a time from 2009 on that is not still to come.")
    for name, most in (("note", MOST_NOTE), ("external_id", MOST_EXTERNAL_ID)):
        text = getattr(entry, name)
        if len(text) > most or not is_one_line(text):
            yield FieldError(name, f"At most {most} characters in one line.")


def _amounts(entry: Entry) -> Iterator[FieldError]:
    limits = (
        ("quantity", MOST_QUANTITY),
        ("price_usd", MOST_USD),
        ("quote_quantity", MOST_QUANTITY if entry.quote_asset else MOST_USD),
        ("fee_quantity", MOST_QUANTITY if entry.fee_asset else MOST_USD),
        ("fee_usd", MOST_USD),
    )
    broken = False
    for name, most in limits:
        value = getattr(entry, name)
        if value is not None and (fault := _amount_fault(value, most)):
            broken = True
            yield FieldError(name, fault)
    if not broken and entry.price_usd is not None:
        with exact():
            if entry.price_usd * entry.quantity >= MOST_USD:
                yield FieldError("price_usd", f"Quantity times price must be under {MOST_USD:f} dollars.")
    if not broken and not entry.quantity:
        yield FieldError("quantity", "Write more than nothing; the kind says which way it went.")
    if not broken and entry.quote_asset and not entry.quote_quantity:
        yield FieldError("quote_quantity", f"Write how much {entry.quote_asset} was paid or got.")


def _worths(entry: Entry) -> Iterator[FieldError]:
    """A fee's worth follows from the price of its trade, and may be more than any amount holds."""
    booked = Booked("", "", entry.kind, entry.executed_at, entry.asset, entry.quantity, **_terms(entry))
    if is_beyond_counting(booked):
        yield FieldError(
            "fee_quantity", f"By the price of its trade the fee is worth over {MOST_USD:f} dollars."
        )


def is_beyond_counting(booked: Booked) -> bool:
    """Whether it is worth more dollars than figures are kept of."""
    return any(
        abs(one.worth_usd or ZERO) > 2 * MOST_USD or one.fee_usd > MOST_USD for one in taken_apart([booked])
    )


def _terms(entry: Entry) -> dict[str, Any]:
    names = ("price_usd", "quote_asset", "quote_quantity", "fee_asset", "fee_quantity", "fee_usd")
    return {name: getattr(entry, name) for name in names}


def _amount_fault(value: Decimal, most: Decimal) -> str:
    if not value.is_finite() or not ZERO <= value < most:
        return f"Write a number from 0 to under {most:f}."
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PLACES:
        return f"At most {PLACES} digits after the point."
    return ""


def _names(entry: Entry, tokens: Container[str]) -> Iterator[FieldError]:
    if entry.asset in MONEY or not entry.asset:
        yield FieldError("asset", "Money is not held; name the token that was traded or moved.")
    for name in ("asset", "quote_asset", "fee_asset"):
        asset = getattr(entry, name)
        if asset and asset not in tokens and not _TICKER.fullmatch(asset):
            yield FieldError(name, "Name a token that is followed, or write a ticker in capitals.")


def _sense(entry: Entry) -> Iterator[FieldError]:
    is_trade = entry.kind in _TRADES
    if not is_trade and (entry.quote_asset or entry.quote_quantity is not None):
        yield FieldError("quote_asset", "Only what is bought or sold is paid for.")
    if is_trade and entry.quote_asset == entry.asset:
        yield FieldError("quote_asset", "Nothing is paid for with itself.")
    if entry.kind is Kind.FEE and entry.fee_quantity:
        yield FieldError("fee_quantity", "A fee has no fee of its own.")
    if entry.kind is Kind.BUY and entry.fee_asset == entry.asset and entry.fee_quantity >= entry.quantity:
        yield FieldError("fee_quantity", "The fee is kept back from what was bought: it must be less.")
