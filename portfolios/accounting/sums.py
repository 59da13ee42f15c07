"""Every figure of a holding opened into the terms that it is the sum of, so that a person can add them up again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from portfolios.accounting.book import Book, Spot
from portfolios.accounting.exact import ZERO, exact, total
from portfolios.accounting.lines import FeeLine, HoldingLine, LotLine, ShortLine, UseLine
from portfolios.accounting.money import is_held
from portfolios.accounting.movements import Booked, Kind, Movement, Way

_COMES_IN = (Way.ACQUIRED, Way.EARNED, Way.ARRIVED)


class HasAmount(Protocol):
    @property
    def amount(self) -> Decimal | None: ...


Term = TypeVar("Term", bound=HasAmount)


@dataclass(frozen=True)
class Sum(Generic[Term]):
    """`total` adds up the amounts of all terms, oldest first; those without an amount are unknown and left out."""

    terms: tuple[Term, ...]
    total: Decimal

    @property
    def unknown(self) -> int:
        return sum(term.amount is None for term in self.terms)


@dataclass(frozen=True, slots=True)
class QuantityTerm:
    """What came in or went out; below zero where it went. A last term without a transaction is what went out without
    having come in."""

    amount: Decimal
    at: datetime | None = None
    transaction: Booked | None = None
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class CostTerm:
    """An open lot: what came in (`parts`: one, or all that joined a pool), less what was used, at its cost."""

    lot: LotLine
    parts: tuple[LotLine, ...]
    uses: tuple[UseLine, ...]
    transaction: Booked
    valued: int = 0
    """So many of the parts have a cost that was valued at market."""

    @property
    def amount(self) -> Decimal | None:
        return self.lot.remaining_cost_usd

    @property
    def used(self) -> Decimal:
        """How much of the lot went out again."""
        with exact():
            return self.lot.quantity - self.lot.remaining


@dataclass(frozen=True, slots=True)
class RealisedTerm:
    """Part of a disposal and the lot that it used: proceeds less cost. Without a lot it is the part that had not come
    in, or a fee in dollars that was lost."""

    transaction: Booked
    quantity: Decimal
    proceeds_usd: Decimal | None
    cost_usd: Decimal | None
    lot: LotLine | None = None
    opener: Booked | None = None
    """What brought the lot."""

    @property
    def amount(self) -> Decimal | None:
        if self.proceeds_usd is None or self.cost_usd is None:
            return None
        with exact():
            return self.proceeds_usd - self.cost_usd


@dataclass(frozen=True, slots=True)
class WorthTerm:
    """A fee, or an income, at its worth in dollars."""

    transaction: Booked
    asset: str
    quantity: Decimal
    amount: Decimal | None


@dataclass(frozen=True)
class Opened:
    """A holding and what each of its figures is the sum of."""

    holding: HoldingLine
    quantity: Sum[QuantityTerm]
    cost: Sum[CostTerm]
    realised: Sum[RealisedTerm]
    fees: Sum[WorthTerm]
    income: Sum[WorthTerm]


def opened(book: Book, spot: Spot, transactions: Iterable[Booked], movements: Iterable[Movement]) -> Opened:
    """`book` was worked out of these movements, and they of these transactions."""
    named = {one.id: one for one in transactions}
    own = [one for one in movements if (one.portfolio, one.asset) == spot]
    return Opened(
        holding=book.holdings[spot],
        quantity=_quantity(own, named, book.holdings[spot].short),
        cost=_cost(book, spot, named),
        realised=_realised(book, spot, named),
        fees=_fees(book, spot, own, named),
        income=_income(own, named),
    )


def _quantity(movements: list[Movement], named: Mapping[str, Booked], short: Decimal) -> Sum[QuantityTerm]:
    terms = [
        QuantityTerm(
            one.quantity if one.way in _COMES_IN else -one.quantity, one.at, named[one.transaction], one.way
        )
        for one in sorted(movements, key=lambda one: (one.at, one.way not in _COMES_IN, one.transaction))
    ]
    if short:
        terms.append(QuantityTerm(short))
    return _sum(terms)


def _cost(book: Book, spot: Spot, named: Mapping[str, Booked]) -> Sum[CostTerm]:
    uses: dict[LotLine, list[UseLine]] = defaultdict(list)
    for use in book.uses:
        uses[use.lot].append(use)
    joins: dict[LotLine, list[LotLine]] = defaultdict(list)
    for join in book.joins:
        joins[join.pool].append(join.lot)
    return _sum(
        CostTerm(
            lot,
            _parts(lot, joins[lot]),
            tuple(uses[lot]),
            named[lot.opened_by],
            sum(bool(named[part.opened_by].valued) for part in (lot, *joins[lot])),
        )
        for lot in book.lots
        if (lot.portfolio, lot.asset) == spot and lot.remaining
    )


def _parts(pool: LotLine, joined: list[LotLine]) -> tuple[LotLine, ...]:
    """The first of a pool is what it holds beyond all that joined it later."""
    if not joined:
        return (pool,)
    with exact():
        quantity = pool.quantity - total(lot.quantity for lot in joined)
        cost = None
        if pool.cost_usd is not None:
            cost = pool.cost_usd - total(lot.cost_usd or ZERO for lot in joined)
    first = LotLine(
        pool.portfolio,
        pool.asset,
        pool.opened_by,
        pool.acquired_at,
        pool.place,
        quantity,
        cost,
        quantity,
        cost,
    )
    return (first, *joined)


def _realised(book: Book, spot: Spot, named: Mapping[str, Booked]) -> Sum[RealisedTerm]:
    used = [
        RealisedTerm(
            named[use.transaction],
            use.quantity,
            use.proceeds_usd,
            use.cost_usd,
            use.lot,
            named[use.lot.opened_by],
        )
        for use in book.uses
        if not use.is_moved and (use.lot.portfolio, use.lot.asset) == spot
    ]
    short = [_without_lot(line, named) for line in book.shorts if _is_sold_at(line, spot)]
    lost = [
        RealisedTerm(named[line.transaction], ZERO, ZERO, line.fee_usd)
        for line in book.fees
        if line.is_lost and (line.portfolio, line.asset) == spot
    ]
    return _sum(sorted([*used, *short, *lost], key=lambda term: (term.transaction.at, term.transaction.id)))


def _is_sold_at(line: ShortLine, spot: Spot) -> bool:
    return not line.is_moved and (line.portfolio, line.asset) == spot


def _without_lot(line: ShortLine, named: Mapping[str, Booked]) -> RealisedTerm:
    return RealisedTerm(named[line.transaction], line.quantity, line.proceeds_usd, None)


def _fees(book: Book, spot: Spot, movements: list[Movement], named: Mapping[str, Booked]) -> Sum[WorthTerm]:
    """Those that were counted, and those that nobody knows the worth of."""
    counted = [line for line in book.fees if (line.portfolio, line.asset) == spot]
    known = {line.transaction for line in counted}
    unknown = {one.transaction for one in movements if one.transaction not in known} & {
        booked.id for booked in named.values() if _fee_counts_at(booked) == spot[1]
    }
    terms = [_fee_term(line, named[line.transaction]) for line in counted]
    terms += [WorthTerm(named[name], *_paid(named[name]), None) for name in unknown]
    return _sum(sorted(terms, key=lambda term: (term.transaction.at, term.transaction.id)))


def _fee_term(line: FeeLine, booked: Booked) -> WorthTerm:
    asset, quantity = _paid(booked) if line.quantity is None else (line.asset, line.quantity)
    return WorthTerm(booked, asset, quantity, line.fee_usd)


def _fee_counts_at(booked: Booked) -> str | None:
    """The asset among whose fees it is: what was traded, or what it was paid in; None where there is no fee."""
    if booked.kind is Kind.FEE:
        return booked.asset
    if not booked.fee_quantity:
        return None
    is_trade = booked.kind in (Kind.BUY, Kind.SELL)
    return booked.asset if is_trade or not is_held(booked.fee_asset) else booked.fee_asset


def _paid(booked: Booked) -> tuple[str, Decimal]:
    return (booked.fee_asset, booked.fee_quantity) if booked.fee_quantity else (booked.asset, booked.quantity)


def _income(movements: list[Movement], named: Mapping[str, Booked]) -> Sum[WorthTerm]:
    earned = sorted(
        (one for one in movements if one.way is Way.EARNED), key=lambda one: (one.at, one.transaction)
    )
    return _sum(WorthTerm(named[one.transaction], one.asset, one.quantity, one.worth_usd) for one in earned)


def _sum(terms: Iterable[Term]) -> Sum[Term]:
    kept = tuple(terms)
    return Sum(kept, total(term.amount for term in kept if term.amount is not None))
