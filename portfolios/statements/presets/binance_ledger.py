"""Binance, transaction history (the ledger, formerly "statements"): every change of a balance is a line, in UTC.

`User_ID, UTC_Time, Account, Operation, Coin, Change, Remark`; headers and operations after BittyTax
(`conv/parsers/binance/parse_binance_statements.py`) and cran/cryptoTax. The lines of a trade share only their second:
they are added up, which is exact where one coin was got for one other, and refused where it may have been several.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, localcontext

from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored
from portfolios.statements.presets.base import InGroups
from portfolios.statements.row import Row, fitting
from portfolios.statements.trades import Side, move, trade

_FEES = {"fee", "transaction fee"}
_SPOT = _FEES | {
    "buy", "sell", "transaction related", "transaction buy", "transaction spend", "transaction sold",
    "transaction revenue",
}  # fmt: skip
_OTHER_TRADES = {
    "binance convert", "large otc trading", "buy crypto with card", "buy crypto with fiat", "small assets exchange bnb",
    "eth 2.0 staking", "stablecoins auto-conversion", "liquid swap sell", "swap farming transaction",
}  # fmt: skip
_INSIDE = {
    "transfer_out", "transfer_in", "savings purchase", "savings principal redemption", "pos savings purchase",
    "pos savings redemption", "staking purchase", "staking redemption", "simple earn locked subscription",
    "simple earn locked redemption", "simple earn flexible subscription", "simple earn flexible redemption",
    "transfer between spot account and um futures account", "transfer between spot account and cm futures account",
    "transfer between main account/futures and margin account", "transfer between main and funding wallet",
    "launchpool subscription/redemption", "launchpad subscribe", "main and funding account transfer",
}  # fmt: skip
_AIRDROP_WORDS = ("airdrop", "voucher distribution", "megadrop")
_REWARD_WORDS = (
    "reward", "interest", "cashback", "referral", "rebate", "commission", "mining", "distribution", "bonus", "kickback",
)  # fmt: skip
_IN = {"deposit", "fiat deposit", "crypto box", "asset - transfer"}
_OUT = {"withdraw", "withdrawal", "fiat withdraw", "fiat withdrawal", "send"}


class BinanceLedger(InGroups):
    name, label, prefix = "binance_ledger", "Binance transaction history", "binance"
    where = "Binance: Assets, Transaction history, Export transaction records."

    def knows(self, header: Sequence[str]) -> bool:
        names = set(header)
        return {"Account", "Operation", "Coin", "Change"} <= names and bool(names & {"UTC_Time", "Time"})

    def key(self, row: Row) -> str:
        operation = row.word("Operation")
        if operation in _SPOT:
            return f"spot {_time(row)} {row.word('Account')}"
        return f"{operation} {_time(row)} {row.word('Account')}" if operation in _OTHER_TRADES else ""

    def several(self, rows: list[Row], names: Names) -> Draft | Ignored:
        if self.key(rows[0]):
            return _traded(rows, names)
        return _moved(rows[0], names)


def _time(row: Row) -> str:
    return row.text("UTC_Time") or row.text("Time")


def _moved(row: Row, names: Names) -> Draft | Ignored:
    operation, change = row.word("Operation"), row.amount("Change")
    if operation in _INSIDE:
        return Ignored(row.line, "Moved inside Binance: you have as much as before.")
    if not change:
        return Ignored(row.line, "Nothing changed.")
    return move(
        row.line,
        _kind(operation, change),
        _at(row),
        (row.ticker("Coin"), row.size("Change")),
        note=row.text("Operation", 200),
        external_id=names.of([row.cells]),
    )


def _kind(operation: str, change: Decimal) -> str:
    if operation in _IN | _OUT:
        return "transfer_in" if change > 0 else "transfer_out"
    if change > 0 and any(word in operation for word in _AIRDROP_WORDS):
        return "airdrop"
    if change > 0 and any(word in operation for word in _REWARD_WORDS):
        return "reward"
    raise CellError(
        "Operation", "This operation is not known here: leave the line out and enter by hand what it did."
    )


def _traded(rows: list[Row], names: Names) -> Draft | Ignored:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    fees: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(prec=80):
        for row in rows:
            side = fees if row.word("Operation") in _FEES else sums
            side[row.ticker("Coin")] += row.amount("Change")
    got = [(coin, much) for coin, much in sums.items() if much > 0]
    given = [(coin, much.copy_abs()) for coin, much in sums.items() if much < 0]
    paid = [(coin, much.copy_abs()) for coin, much in fees.items() if much]
    if len(got) != 1 or len(given) != 1 or len(paid) > 1 or any(much > 0 for much in fees.values()):
        raise CellError(
            "Operation",
            "Which of this second's lines belong together cannot be told: import Binance's trade history for them.",
        )
    fee: Side = paid[0] if paid else ("", Decimal(0))
    return trade(
        rows[0].line,
        _at(rows[0]),
        _fits(got[0]),
        _fits(given[0]),
        fee_asset=fee[0],
        fee_quantity=fee[1],
        external_id=names.of(row.cells for row in rows),
    )


def _fits(side: Side) -> Side:
    return side[0], fitting(side[1], "Change")


def _at(row: Row) -> datetime:
    return row.moment("UTC_Time" if row.has("UTC_Time") else "Time", UTC, short_years=True)
