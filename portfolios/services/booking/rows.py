"""Lots and holdings as rows of the tables and as lines of the lot book."""

from collections.abc import Mapping
from dataclasses import fields
from uuid import UUID

from portfolios.accounting.book import Book, Spot
from portfolios.accounting.lines import HoldingLine, LotLine
from portfolios.models import Holding, Lot, LotUse

AT_ONCE = 2000
_SUMS = [field.name for field in fields(HoldingLine) if field.name not in ("portfolio", "asset")]


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


def put_on(row: Lot, line: LotLine) -> Lot:
    row.acquired_at = line.acquired_at
    row.quantity, row.cost_usd = line.quantity, line.cost_usd
    row.remaining, row.remaining_cost_usd = line.remaining, line.remaining_cost_usd
    row.is_open = bool(line.remaining)
    return row


def store_lines(book: Book, known: Mapping[LotLine, Lot] | None = None) -> None:
    """What a book opened and used up. `known` are the rows of lots that it began with."""
    rows = dict(known or {})
    for line in book.lots:
        rows[line] = put_on(
            Lot(
                portfolio_id=line.portfolio,
                asset=line.asset,
                opened_by_id=line.opened_by,
                place=line.place,
                each_usd=line.each_usd,
            ),
            line,
        )
    Lot.objects.bulk_create([rows[line] for line in book.lots], batch_size=AT_ONCE)
    uses = (
        LotUse(
            lot=rows[use.lot],
            transaction_id=use.transaction,
            quantity=use.quantity,
            cost_usd=use.cost_usd,
            proceeds_usd=use.proceeds_usd,
        )
        for use in book.uses
    )
    LotUse.objects.bulk_create(uses, batch_size=AT_ONCE)


def store_holdings(book: Book, known: Mapping[Spot, Holding] | None = None) -> None:
    """`known` are the rows of holdings that it began with."""
    rows = known or {}
    for spot, line in book.holdings.items():
        row = rows.get(spot) or Holding(portfolio_id=UUID(line.portfolio), asset=line.asset)
        for name in _SUMS:
            setattr(row, name, getattr(line, name))
        row.save()
