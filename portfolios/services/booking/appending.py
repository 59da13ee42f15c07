"""Movements at the end of an asset's history: only the lots that they use are read, so that one more transaction costs
the same however many there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from markets.services.bulk import Row, prepared, update_existing
from portfolios.accounting.book import Book, Spot
from portfolios.accounting.exact import exact, total
from portfolios.accounting.movements import Method, Movement, Way
from portfolios.models import Holding, Lot
from portfolios.services.booking.rows import (
    CHANGING,
    as_it_stands,
    holding_line,
    lot_line,
    store_holdings,
    store_lines,
)

LOTS_AT_FIRST = 16
_GOES_OUT = (Way.DEPARTED, Way.DISPOSED, Way.SPENT)
_ORDERS = {
    Method.FIFO: ("acquired_at", "place"),
    Method.LIFO: ("-acquired_at", "-place"),
    Method.HIFO: ("-each_usd", "place"),
    Method.AVERAGE: ("acquired_at", "place"),
}


def append(asset: str, movements: Sequence[Movement], methods: Mapping[str, Method]) -> bool:
    """Whether they could be: all of them are later than what their holdings counted, and no transfer leads to one that
    is booked already. Their portfolios are locked.
    """
    by_portfolio: dict[str, list[Movement]] = defaultdict(list)
    for movement in movements:
        by_portfolio[movement.portfolio].append(movement)
    holdings = {
        (str(row.portfolio_id), asset): row
        for row in Holding.objects.filter(portfolio_id__in=[UUID(name) for name in by_portfolio], asset=asset)
    }
    if not _are_last(movements, holdings):
        return False
    book, ids = Book(methods), {}
    for spot, holding in holdings.items():
        lots = {lot_line(lot): lot.pk for lot in _needed(holding, by_portfolio[spot[0]], methods[spot[0]])}
        book.restore(holding_line(holding), lots)
        ids.update(lots)
    before = {line: (line.quantity, line.remaining) for line in ids}
    book.post(movements)
    store_lines(book, ids)
    _update(
        (pk, *as_it_stands(line))
        for line, pk in ids.items()
        if before[line] != (line.quantity, line.remaining)
    )
    store_holdings(book, holdings)
    return True


def _are_last(movements: Iterable[Movement], holdings: Mapping[Spot, Holding]) -> bool:
    """At one and the same time the order depends on all that happened then."""
    named = {movement.transaction for movement in movements}
    for movement in movements:
        holding = holdings.get((movement.portfolio, movement.asset))
        if (holding and movement.at <= holding.last_at) or (movement.pair and movement.pair not in named):
            return False
    return True


def _needed(holding: Holding, movements: Iterable[Movement], method: Method) -> list[Lot]:
    """As many open lots, in the order of use, as what goes out could use up; of a pool, all of it."""
    open_lots = Lot.objects.filter(portfolio=holding.portfolio_id, asset=holding.asset, is_open=True)
    in_turn = open_lots.order_by(*_ORDERS[method])
    if method is Method.AVERAGE:
        return list(in_turn)
    leaving = total(movement.quantity for movement in movements if movement.way in _GOES_OUT)
    return _enough(in_turn, min(leaving, holding.quantity))


def _enough(in_turn: QuerySet[Lot], quantity: Decimal) -> list[Lot]:
    lots: list[Lot] = []
    at_once = LOTS_AT_FIRST
    with exact():
        while quantity > 0:
            some = list(in_turn[len(lots) : len(lots) + at_once])
            if not some:
                break
            lots += some
            quantity -= total(lot.remaining for lot in some)
            at_once *= 2
    return lots


def _update(rows: Iterable[Row]) -> None:
    columns = ("id", *CHANGING)
    update_existing(Lot, columns, prepared(Lot, columns, rows), key="id")
