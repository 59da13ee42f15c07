"""Coinbase, transaction history. A few lines of prose stand above the header; times are UTC.

`ID, Timestamp, Transaction Type, Asset, Quantity Transacted, Price Currency, Price at Transaction, Subtotal, Total
(inclusive of fees and/or spread), Fees and/or Spread, Notes`; before 2023 without `ID` and with `Spot Price …`. After
BittyTax (`conv/parsers/coinbase.py`) and dickwolff's Export-To-Ghostfolio. What a trade was paid with stands in `Notes`
alone where that is a token: "Bought 2 SOL for 300 USDC on SOL-USDC at 150 USDC/SOL".
"""

import re
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

from portfolios.accounting.money import DOLLARS, is_held
from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored
from portfolios.statements.presets.base import EachRow
from portfolios.statements.row import Row, as_ticker, parse_amount
from portfolios.statements.trades import Side, move, trade

_CURRENCY = ("Price Currency", "Spot Price Currency")
_FEES = ("Fees and/or Spread", "Fees")
_TOTAL = ("Total (inclusive of fees and/or spread)", "Total (inclusive of fees)")
_PAID = re.compile(r"(?:Bought|Sold) [\d,.]+ \S+ for \D?([\d,.]+) ([A-Za-z0-9]+)\b.*")
_CONVERTED = re.compile(r"Converted [\d,.]+ \S+ to ([\d,.]+) ([A-Za-z0-9]+)\b.*")
_TRADES = {
    "buy",
    "sell",
    "advanced trade buy",
    "advanced trade sell",
    "advance trade buy",
    "advance trade sell",
}
_REWARDS = {
    "rewards income", "reward income", "staking income", "inflation reward", "learning reward", "coinbase earn",
    "interest payout", "subscription rebate", "subscription rebates (24 hours)", "incentives rewards payout",
}  # fmt: skip
_IN = {"receive", "deposit", "exchange withdrawal", "pro withdrawal"}
_OUT = {"send", "withdrawal", "exchange deposit", "pro deposit", "donation"}
_INSIDE = {"vault withdrawal", "cash to savings", "retail staking transfer", "retail unstaking transfer"}


class Coinbase(EachRow):
    name, label, prefix = "coinbase", "Coinbase transaction history", "coinbase"
    where = "Coinbase: Manage account, Statements, Generate custom statement, All transactions, CSV."

    def knows(self, header: Sequence[str]) -> bool:
        names = set(header)
        return {
            "Timestamp",
            "Transaction Type",
            "Asset",
            "Quantity Transacted",
            "Subtotal",
        } <= names and bool(names & set(_CURRENCY))

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        kind = row.word("Transaction Type")
        if kind in _INSIDE:
            return Ignored(row.line, "Moved inside Coinbase: you have as much as before.")
        side = (row.ticker("Asset"), row.size("Quantity Transacted"))
        common: dict[str, Any] = {
            "note": row.text("Notes", 200),
            "external_id": names.own(row.text("ID")) if row.text("ID") else names.of([row.cells]),
        }
        if kind in _TRADES:
            return _traded(row, side, is_sale=kind.endswith("sell"), common=common)
        if kind == "convert":
            return _converted(row, side, common)
        worth = _worth(row, _TOTAL)
        return move(row.line, _kind(row, kind), row.moment("Timestamp", UTC), side, worth_usd=worth, **common)


def _kind(row: Row, kind: str) -> str:
    if kind in _REWARDS:
        return "reward"
    if kind in _IN:
        return "transfer_in"
    if kind in _OUT:
        return "transfer_out"
    if "airdrop" in kind:
        return "airdrop"
    raise CellError(
        "Transaction Type", "This type is not known here: leave the line out and enter by hand what it did."
    )


def _traded(row: Row, side: Side, *, is_sale: bool, common: dict[str, Any]) -> Draft | Ignored:
    currency = row.ticker(_column(row, _CURRENCY))
    subtotal = row.size("Subtotal")
    fee = (row.maybe(_column(row, _FEES)) or Decimal(0)).copy_abs()
    named = _PAID.fullmatch(row.text("Notes"))
    quote = as_ticker(named[2], "Notes") if named else currency
    paid: Side = (currency, subtotal)
    if named and is_held(quote):
        paid = (quote, _positive(named[1]))
    worth = subtotal if currency == DOLLARS else None
    return trade(
        row.line,
        row.moment("Timestamp", UTC),
        *((paid, side) if is_sale else (side, paid)),
        is_sale=is_sale,
        worth_usd=worth,
        fee_asset=currency if fee else "",
        fee_quantity=fee,
        **common,
    )


def _converted(row: Row, side: Side, common: dict[str, Any]) -> Draft | Ignored:
    named = _CONVERTED.fullmatch(row.text("Notes"))
    if named is None:
        raise CellError("Notes", 'Write what it was converted to, such as "Converted 1 SOL to 150 USDC".')
    got = (as_ticker(named[2], "Notes"), _positive(named[1]))
    worth = _worth(row, ("Subtotal",))
    return trade(row.line, row.moment("Timestamp", UTC), got, side, is_sale=True, worth_usd=worth, **common)


def _positive(text: str) -> Decimal:
    found = parse_amount(text.rstrip("."), "Notes")
    if not found:
        raise CellError("Notes", "This is zero: a transaction moves something.")
    return found


def _worth(row: Row, names: Sequence[str]) -> Decimal | None:
    """Where it is told in dollars."""
    if row.ticker(_column(row, _CURRENCY)) != DOLLARS:
        return None
    return row.maybe(_column(row, names)) or None


def _column(row: Row, names: Sequence[str]) -> str:
    return next((name for name in names if row.has(name)), names[0])
