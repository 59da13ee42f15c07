"""Binance, spot trade history: one fill a line, times in UTC.

Columns as Binance writes them, after the public converters of BittyTax (`conv/parsers/binance`), of troyxmccall's
cointracker-converters and of dickwolff's Export-To-Ghostfolio: `Date(UTC), Pair, Side, Price, Executed, Amount, Fee`
with the ticker glued to the amounts (`1.5SOL`), and before 2021 `Date(UTC), Market, Type, Price, Amount, Total, Fee,
Fee Coin`. Newer files write the year with two digits. No fill has an id.
"""

import re
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal

from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored
from portfolios.statements.pairs import split_pair
from portfolios.statements.presets.base import EachRow
from portfolios.statements.row import Row, as_ticker, parse_amount
from portfolios.statements.trades import Side, trade

_GLUED = re.compile(r"([0-9.,]+)([A-Za-z].*)", re.ASCII)
_NEW = frozenset({"Pair", "Side", "Price", "Executed", "Amount", "Fee"})
_OLD = frozenset({"Market", "Type", "Price", "Amount", "Total", "Fee", "Fee Coin"})
_DATES = ("Date(UTC)", "Time(UTC)", "Date")


class BinanceTrades(EachRow):
    name, label, prefix = "binance_trades", "Binance trade history", "binance"
    where = "Binance: Orders, Spot order, Trade history, Export."

    def knows(self, header: Sequence[str]) -> bool:
        names = set(header)
        return bool(names & set(_DATES)) and (_NEW.issubset(names) or _OLD.issubset(names))

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        date = next(name for name in _DATES if row.has(name))
        at = row.moment(date, UTC, short_years=True)
        side_column = "Side" if row.has("Side") else "Type"
        side = row.word(side_column)
        if side not in ("buy", "sell"):
            raise CellError(side_column, "Write BUY or SELL.")
        (base, quote), fee = _sides(row), _fee(row)
        got, given = (base, quote) if side == "buy" else (quote, base)
        return trade(
            row.line,
            at,
            got,
            given,
            is_sale=side == "sell",
            fee_asset=fee[0],
            fee_quantity=fee[1],
            external_id=names.of([row.cells]),
        )


def _sides(row: Row) -> tuple[Side, Side]:
    if row.has("Market"):
        base, quote = split_pair(row.text("Market").upper(), "Market")
        return (base, row.size("Amount")), (quote, row.size("Total"))
    pair = re.sub("[-_/]", "", row.text("Pair").upper())
    executed, amount = row.text("Executed").upper(), row.text("Amount").upper()
    for end in range(1, len(pair)):
        base, quote = pair[:end], pair[end:]
        if executed.endswith(base) and amount.endswith(quote):
            return _glued(executed, base, "Executed"), _glued(amount, quote, "Amount")
    raise CellError("Executed", "Write the amount with its ticker, such as 1.5SOL, as Binance does.")


def _glued(text: str, ticker: str, column: str) -> Side:
    found = parse_amount(text.removesuffix(ticker), column)
    if found <= 0:
        raise CellError(column, "Write an amount above zero.")
    return as_ticker(ticker, column), found


def _fee(row: Row) -> Side:
    text = row.text("Fee").upper()
    if row.has("Fee Coin"):
        much = row.maybe("Fee") or Decimal(0)
        return (row.ticker("Fee Coin") if much else ""), much
    if not text or not text.strip("0."):
        return "", Decimal(0)
    found = _GLUED.fullmatch(text)
    if found is None:
        raise CellError("Fee", "Write the fee with its ticker, such as 0.001BNB.")
    much = parse_amount(found[1], "Fee")
    return (as_ticker(found[2], "Fee") if much else ""), much
