"""Lots and holdings as rows of the tables and as lines of the lot book."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from markets.services.bulk import AT_ONCE, insert_all
from portfolios.accounting.book import Book, Spot
from portfolios.accounting.lines import HoldingLine, LotLine
from portfolios.models import Holding, Lot, LotUse

_SUMS = [field.name for field in fields(HoldingLine) if field.name not in ("portfolio", "asset")]
_FIXED = ("portfolio", "asset", "opened_by", "place", "each_usd")
CHANGING = ("acquired_at", "quantity", "cost_usd", "remaining", "remaining_cost_usd", "is_open")


def holding_line(row: Holding) -> HoldingLine:
    return HoldingLine(str(row.portfolio_id), row.asset, **{name: getattr(row, name) for name in _SUMS})


def lot_line(row: Lot) -> LotLine:
    return LotLine(
        str(row.portfolio_id),
        row.asset,
        str(row.opened_by_id),
        row.acquired_at,
        row.place,
        row.quantity,
        row.cost_usd,
        row.remaining,
        row.remaining_cost_usd,
        row.each_usd,
    )


def as_it_stands(line: LotLine) -> tuple[Any, ...]:
    """Columns of a lot that change while it is used up or joined, as in `CHANGING`."""
    return (
        line.acquired_at,
        line.quantity,
        line.cost_usd,
        line.remaining,
        line.remaining_cost_usd,
        bool(line.remaining),
    )


def store_lines(book: Book, known: Mapping[LotLine, int] | None = None) -> None:
    """What a book opened and used up. `known` are the ids of lots that it began with."""
    ids = dict(known or {})
    insert_all(Lot, (*_FIXED, *CHANGING), map(_lot, book.lots))
    ids |= _new_ids({use.lot for use in book.uses} - ids.keys())
    uses = (
        (ids[use.lot], UUID(use.transaction), use.quantity, use.cost_usd, use.proceeds_usd)
        for use in book.uses
    )
    insert_all(LotUse, ("lot", "transaction", "quantity", "cost_usd", "proceeds_usd"), uses)


def _lot(line: LotLine) -> tuple[Any, ...]:
    fixed = (UUID(line.portfolio), line.asset, UUID(line.opened_by), line.place, line.each_usd)
    return (*fixed, *as_it_stands(line))


def _new_ids(lines: Collection[LotLine]) -> dict[LotLine, int]:
    """By their places: a statement of many rows does not tell ids back."""
    by_spot: dict[Spot, dict[int, LotLine]] = defaultdict(dict)
    for line in lines:
        by_spot[line.portfolio, line.asset][line.place] = line
    found: dict[LotLine, int] = {}
    for (portfolio, asset), by_place in by_spot.items():
        rows = Lot.objects.filter(portfolio_id=UUID(portfolio), asset=asset, place__gte=min(by_place))
        for place, pk in rows.values_list("place", "pk").iterator(AT_ONCE):
            if place in by_place:
                found[by_place[place]] = pk
    return found


def store_holdings(book: Book, known: Mapping[Spot, Holding] | None = None) -> None:
    """`known` are the rows of holdings that it began with."""
    rows = known or {}
    for spot, line in book.holdings.items():
        row = rows.get(spot) or Holding(portfolio_id=UUID(line.portfolio), asset=line.asset)
        for name in _SUMS:
            setattr(row, name, getattr(line, name))
        row.save()
