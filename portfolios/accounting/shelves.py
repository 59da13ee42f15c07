"""The open lots of an asset in a portfolio, and which of them a disposal uses up: the difference between methods."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from typing import Any, Protocol

from portfolios.accounting.exact import UNIT, ZERO, share
from portfolios.accounting.lines import LotLine
from portfolios.accounting.movements import Method

Taken = tuple[LotLine, Decimal]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_EACH = Decimal(10) ** 20 - UNIT


class Shelf(Protocol):
    def put(self, lot: LotLine) -> LotLine | None:
        """Where the lot joins another: that one."""

    def take(self, quantity: Decimal) -> Iterator[Taken]:
        """Lots and how much of each; there must be enough. A lot's `remaining` is the caller's to lower, before it asks
        for the next.
        """


def shelf_for(method: Method) -> Shelf:
    return PooledShelf() if method is Method.AVERAGE else OrderedShelf(method)


def cost_of_one(cost: Decimal | None, quantity: Decimal) -> Decimal:
    """An unknown cost counts as nothing: it is used last."""
    if cost is None:
        return ZERO
    each = cost / quantity
    return each.quantize(UNIT) if each < _MOST_EACH else _MOST_EACH


class OrderedShelf:
    """Lots apart from each other: the first acquired first, the last first, or the dearest first."""

    def __init__(self, method: Method) -> None:
        self._key = _KEYS[method]
        self._lots: list[tuple[Any, int, LotLine]] = []

    def put(self, lot: LotLine) -> LotLine | None:
        heappush(self._lots, (*self._key(lot), lot))
        return None

    def take(self, quantity: Decimal) -> Iterator[Taken]:
        lots = self._lots
        while quantity:
            lot = lots[0][2]
            if lot.remaining > quantity:
                yield lot, quantity
                return
            heappop(lots)
            quantity -= lot.remaining
            yield lot, lot.remaining


class PooledShelf:
    """All lots in one, at their average cost. What is of unknown cost stays in a second one, so that it does not make
    the rest unknown; both are used in proportion.
    """

    def __init__(self) -> None:
        self._known: LotLine | None = None
        self._unknown: LotLine | None = None

    def put(self, lot: LotLine) -> LotLine | None:
        pool = self._unknown if lot.cost_usd is None else self._known
        if pool is not None and pool.remaining:
            _join(pool, lot)
            return pool
        if lot.cost_usd is None:
            self._unknown = lot
        else:
            self._known = lot
        return None

    def take(self, quantity: Decimal) -> Iterator[Taken]:
        known, unknown = self._known, self._unknown
        there = known.remaining if known else ZERO
        unclear = unknown.remaining if unknown else ZERO
        of_unknown = share(unclear, quantity, there + unclear)
        if known and quantity > of_unknown:
            yield known, quantity - of_unknown
        if unknown and of_unknown:
            yield unknown, of_unknown


def _join(pool: LotLine, lot: LotLine) -> None:
    pool.acquired_at = min(pool.acquired_at, lot.acquired_at)
    pool.quantity += lot.quantity
    pool.remaining += lot.quantity
    if pool.cost_usd is not None and pool.remaining_cost_usd is not None and lot.cost_usd is not None:
        pool.cost_usd += lot.cost_usd
        pool.remaining_cost_usd += lot.cost_usd


def _moment(at: datetime) -> int:
    """In microseconds: a number can be turned round."""
    return (at - _EPOCH) // _MICROSECOND


_MICROSECOND = timedelta(microseconds=1)
_KEYS: dict[Method, Any] = {
    Method.FIFO: lambda lot: (_moment(lot.acquired_at), lot.place),
    Method.LIFO: lambda lot: (-_moment(lot.acquired_at), -lot.place),
    Method.HIFO: lambda lot: (-lot.each_usd, lot.place),
}
