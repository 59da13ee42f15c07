"""The lot book: movements in, lots, uses and sums of holdings out, by whichever method each portfolio counts.

Quantity and cost are conserved to the last digit: a partly used lot gives up `cost × used ÷ remaining`, rounded to 18
places, and its last use takes what is left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.accounting.exact import ZERO, exact, share
from portfolios.accounting.lines import FeeLine, HoldingLine, JoinLine, LotLine, ShortLine, UseLine
from portfolios.accounting.movements import Method, Movement, Way
from portfolios.accounting.ordering import Ordered, arrived_at, in_order
from portfolios.accounting.shelves import Shelf, cost_of_one, shelf_for

Spot = tuple[str, str]
"""A portfolio and an asset in it."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A lot, or part of one, on its way to another portfolio."""

    acquired_at: datetime
    quantity: Decimal
    cost_usd: Decimal | None


class Book:
    """May begin empty, or where it stood: `restore` what the movements to come need, then `post` them."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods
        self._shelves: dict[Spot, Shelf] = {}
        self._travelling: dict[str, list[_Piece]] = {}
        self._transfers = Ordered([])
        self.holdings: dict[Spot, HoldingLine] = {}
        self.lots: list[LotLine] = []
        """Opened by what was posted, in order."""
        self.joins: list[JoinLine] = []
        self.uses: list[UseLine] = []
        self.shorts: list[ShortLine] = []
        self.fees: list[FeeLine] = []

    def restore(self, holding: HoldingLine, open_lots: Iterable[LotLine]) -> None:
        """A holding as it stood, with as many of its open lots, in the method's order, as will be used."""
        spot = (holding.portfolio, holding.asset)
        self.holdings[spot] = holding
        shelf = self._shelves[spot] = shelf_for(self._methods[holding.portfolio])
        for lot in open_lots:
            shelf.put(lot)

    def post(self, movements: Iterable[Movement]) -> None:
        """All of them must be later than what was posted before; both ends of a transfer come together."""
        with exact():
            self._transfers = in_order(movements)
            for movement in self._transfers.movements:
                self._post(movement)

    def _post(self, movement: Movement) -> None:
        spot = (movement.portfolio, movement.asset)
        holding = self.holdings.get(spot)
        if holding is None:
            holding = self.holdings[spot] = HoldingLine(*spot, movement.at)
            self._shelves[spot] = shelf_for(self._methods[movement.portfolio])
        elif movement.at > holding.last_at:
            holding.last_at = movement.at
        way = movement.way
        if movement.fee_usd:
            is_lost = way in (Way.EARNED, Way.ARRIVED, Way.DEPARTED)  # a trade's is in its worth already
            self._count_fee(holding, FeeLine(*spot, movement.transaction, movement.fee_usd, is_lost))
        if way is Way.ACQUIRED:
            self._open(movement, holding, movement.at, movement.quantity, movement.worth_usd)
        elif way is Way.EARNED:
            holding.income_usd += movement.worth_usd or ZERO
            self._open(movement, holding, movement.at, movement.quantity, movement.worth_usd)
        elif way is Way.ARRIVED:
            self._arrive(movement, holding)
        elif way is Way.DEPARTED:
            self._depart(movement, holding)
        else:
            self._dispose(movement, holding)

    def _open(
        self, movement: Movement, holding: HoldingLine, at: datetime, quantity: Decimal, cost: Decimal | None
    ) -> None:
        lot = LotLine(
            holding.portfolio,
            holding.asset,
            movement.transaction,
            at,
            holding.lots,
            quantity,
            cost,
            quantity,
            cost,
            cost_of_one(cost, quantity),
        )
        holding.quantity += quantity
        if cost is None:
            holding.quantity_of_unknown_cost += quantity
        else:
            holding.cost_usd += cost
        pool = self._shelves[holding.portfolio, holding.asset].put(lot)
        if pool is None:
            holding.lots += 1
            self.lots.append(lot)
        else:
            self.joins.append(JoinLine(pool, lot))

    def _arrive(self, movement: Movement, holding: HoldingLine) -> None:
        """What left elsewhere comes with its lots; what nobody knows the origin of has the worth that was given."""
        departure = self._transfers.departures.get(movement.transaction)
        missing = movement.quantity
        if departure is not None:
            holding.last_at = max(holding.last_at, arrived_at(movement, departure))
            for piece in self._travelling.pop(movement.transaction, ()):
                self._open(movement, holding, piece.acquired_at, piece.quantity, piece.cost_usd)
                missing -= piece.quantity
        if missing:
            worth = movement.worth_usd if departure is None else None
            self._open(movement, holding, movement.at, missing, worth)

    def _depart(self, movement: Movement, holding: HoldingLine) -> None:
        """What arrives elsewhere moves there with its lots; what is lost on the way was a fee. Without a known arrival
        the lots leave at cost.
        """
        arrival = self._transfers.arrivals.get(movement.transaction)
        moved = movement.quantity if arrival is None else min(movement.quantity, arrival.quantity)
        uses = self._use_up(movement, holding, moved, None, is_moved=True)
        if arrival is not None:
            self._travelling[arrival.transaction] = _pieces(uses)
        lost = movement.quantity - moved
        if lost:
            if movement.worth_usd is not None:
                fee = share(movement.worth_usd, lost, movement.quantity)
                line = FeeLine(*_spot(holding), movement.transaction, fee, quantity=lost)
                self._count_fee(holding, line)
            self._realise(holding, self._use_up(movement, holding, lost, ZERO))

    def _dispose(self, movement: Movement, holding: HoldingLine) -> None:
        uses = self._use_up(movement, holding, movement.quantity, movement.worth_usd)
        self._realise(holding, uses)

    def _use_up(
        self,
        movement: Movement,
        holding: HoldingLine,
        quantity: Decimal,
        proceeds: Decimal | None,
        is_moved: bool = False,
    ) -> list[UseLine]:
        """The part without a lot has its share of the proceeds first: it is the same whatever the method."""
        covered = min(quantity, holding.quantity)
        if covered != quantity:
            lacking = quantity - covered
            without = None if proceeds is None else share(proceeds, lacking, quantity)
            self.shorts.append(ShortLine(*_spot(holding), movement.transaction, lacking, without, is_moved))
            holding.short += lacking
            if proceeds is not None and without is not None:
                holding.proceeds_of_unknown_cost_usd += without
                proceeds -= without
        uses: list[UseLine] = []
        if not covered:
            return uses
        left = covered
        for lot, used in self._shelves[holding.portfolio, holding.asset].take(covered):
            got = None
            if proceeds is not None:
                got = share(proceeds, used, left)
                proceeds -= got
                left -= used
            uses.append(UseLine(lot, movement.transaction, used, _lower(lot, used), got, is_moved))
        _take_out(holding, covered, uses)
        self.uses += uses
        return uses

    def _count_fee(self, holding: HoldingLine, line: FeeLine) -> None:
        self.fees.append(line)
        holding.fees_usd += line.fee_usd
        if line.is_lost:
            holding.realised_usd -= line.fee_usd

    def _realise(self, holding: HoldingLine, uses: Iterable[UseLine]) -> None:
        for use in uses:
            if use.cost_usd is None:
                holding.proceeds_of_unknown_cost_usd += use.proceeds_usd or ZERO
            elif use.proceeds_usd is None:
                holding.cost_of_unknown_proceeds_usd += use.cost_usd
            else:
                holding.realised_usd += use.proceeds_usd - use.cost_usd


def worked_out(methods: Mapping[str, Method], movements: Iterable[Movement]) -> Book:
    """The whole book of these movements, from nothing."""
    book = Book(methods)
    book.post(movements)
    return book


def _spot(holding: HoldingLine) -> Spot:
    return holding.portfolio, holding.asset


def _lower(lot: LotLine, used: Decimal) -> Decimal | None:
    """Takes `used` out of a lot and returns its cost."""
    cost = lot.remaining_cost_usd
    if cost is not None:
        gone = share(cost, used, lot.remaining)
        lot.remaining_cost_usd = cost - gone
        cost = gone
    lot.remaining -= used
    return cost


def _take_out(holding: HoldingLine, covered: Decimal, uses: Iterable[UseLine]) -> None:
    holding.quantity -= covered
    for use in uses:
        if use.cost_usd is None:
            holding.quantity_of_unknown_cost -= use.quantity
        else:
            holding.cost_usd -= use.cost_usd


def _pieces(uses: Iterable[UseLine]) -> list[_Piece]:
    """As they were acquired, whatever the order they left in."""
    by_age = sorted(uses, key=lambda use: (use.lot.acquired_at, use.lot.place))
    return [_Piece(use.lot.acquired_at, use.quantity, use.cost_usd) for use in by_age]
