"""KuCoin: spot orders, deposits and withdrawals. The header names the zone: `Filled Time(UTC+08:00)`.

Columns after the converters of BittyTax (`conv/parsers/kucoin.py`) and jbelanger's exitbook. Orders come filled as a
whole or fill by fill, in which case the order's id repeats: a line is named by its cells.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored
from portfolios.statements.pairs import split_pair
from portfolios.statements.presets.base import EachRow
from portfolios.statements.row import Row
from portfolios.statements.trades import move, trade

_ZONED = re.compile(r",?(?P<name>[A-Za-z ]+)\(UTC(?P<offset>[+-]\d{2}:\d{2})?\)", re.ASCII)


class KuCoinOrders(EachRow):
    name, label, prefix = "kucoin_orders", "KuCoin spot orders", "kucoin"
    where = "KuCoin: Orders, Spot orders, Filled orders (or Order splitting), Export."
    needs = frozenset({"Symbol", "Side", "Filled Amount", "Filled Volume", "Fee", "Fee Currency"})

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        side = row.word("Side")
        if side not in ("buy", "sell"):
            raise CellError("Side", "Write BUY or SELL.")
        if row.maybe("Filled Amount") == 0:
            return Ignored(row.line, "An order that was not filled.")
        base, quote = split_pair(row.text("Symbol").upper(), "Symbol")
        sold, cost = (base, row.size("Filled Amount")), (quote, row.size("Filled Volume"))
        fee = (row.maybe("Fee") or Decimal(0)).copy_abs()
        return trade(
            row.line,
            _at(row, ("Filled Time", "Time Filled")),
            *((sold, cost) if side == "buy" else (cost, sold)),
            is_sale=side == "sell",
            fee_asset=row.ticker("Fee Currency") if fee else "",
            fee_quantity=fee,
            external_id=names.of([row.cells]),
        )


class KuCoinTransfers(EachRow):
    name, label, prefix = "kucoin_transfers", "KuCoin deposits and withdrawals", "kucoin"
    where = "KuCoin: Assets, Deposit and withdrawal history, Export."
    needs = frozenset({"Coin", "Amount", "Fee", "Transfer Network", "Status"})

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        if row.word("Status") not in ("success", "succeeded"):
            return Ignored(row.line, "It did not succeed.")
        leaves = any(row.has(name) for name in ("Withdrawal Address/Account", "Withdrawal Address"))
        coin, fee = row.ticker("Coin"), (row.maybe("Fee") or Decimal(0)).copy_abs()
        return move(
            row.line,
            "transfer_out" if leaves else "transfer_in",
            _at(row, ("Time",)),
            (coin, row.size("Amount")),
            fee_asset=coin if fee else "",
            fee_quantity=fee,
            note=row.text("Remarks", 200),
            external_id=names.of([row.cells]),
        )


class KuCoinEarn(EachRow):
    name, label, prefix = "kucoin_earn", "KuCoin earnings", "kucoin"
    where = "KuCoin: Earn orders, Profit history, Export."
    needs = frozenset({"Earnings Coin", "Earnings Type", "Amount"})

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        return move(
            row.line,
            "reward",
            _at(row, ("Time",)),
            (row.ticker("Earnings Coin"), row.size("Amount")),
            note=row.text("Product Name", 200),
            external_id=names.of([row.cells]),
        )


def _at(row: Row, names: Sequence[str]) -> datetime:
    """Files before 2023 name no zone; KuCoin wrote those in Singapore's, which the owner is asked to choose."""
    for column in row.places:
        found = _ZONED.fullmatch(column)
        if found and found["name"].strip() in names:
            return row.moment(column, _zone(found["offset"]))
    plain = next((name for name in names if row.has(name)), names[0])
    return row.moment(plain)


def _zone(offset: str | None) -> tzinfo:
    if not offset:
        return UTC
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:])))
