"""Koinly: the universal template and the export of transactions. Times are UTC.

The template is `Date, Sent Amount, Sent Currency, Received Amount, Received Currency, Fee Amount, Fee Currency, Net
Worth Amount, Net Worth Currency, Label, Description, TxHash` (support.koinly.io, article 9489976, "How to create a
custom CSV file"); the export adds `Type`, wallets and `Net Value (USD)`, after BittyTax (`conv/parsers/koinly.py`).
"""

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

from portfolios.accounting.money import DOLLARS
from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored
from portfolios.statements.presets.base import EachRow
from portfolios.statements.row import Row, as_ticker
from portfolios.statements.trades import Side, move, trade

_DATES = ("Date", "Date (UTC)", "Koinly Date")
_IDS = ("ID", "ID (read-only)")
_SENT = (("Sent Amount", "Sent Currency"), ("From Amount", "From Currency"))
_RECEIVED = (("Received Amount", "Received Currency"), ("To Amount", "To Currency"))
_AIRDROPS = {"airdrop", "fork"}
_REWARDS = {
    "reward", "staking", "mining", "income", "other income", "lending interest", "loan_interest", "cashback", "salary",
    "interest",
}  # fmt: skip
_FEES = {"cost", "fee", "margin fee", "loan fee"}


class Koinly(EachRow):
    name, label, prefix = "koinly", "Koinly", "koinly"
    where = "Koinly: Transactions, Export; or its universal template."

    def knows(self, header: Sequence[str]) -> bool:
        names = set(header)
        return bool(names & set(_DATES)) and any(
            {*sent, *received} <= names for sent, received in zip(_SENT, _RECEIVED, strict=True)
        )

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        at = row.moment(_first(row, _DATES), UTC)
        sent, received = _side(row, _SENT), _side(row, _RECEIVED)
        fee = _side(row, (("Fee Amount", "Fee Currency"),))
        own = row.text(_first(row, _IDS))
        common: dict[str, Any] = {
            "fee_asset": fee[0] if fee else "",
            "fee_quantity": fee[1] if fee else Decimal(0),
            "note": row.text("Description", 200),
            "external_id": names.own(own) if own else names.of([row.cells]),
            "worth_usd": _worth(row),
        }
        label = row.word("Label") or row.word("Tag")
        if sent and received:
            if sent[0] == received[0]:
                return Ignored(row.line, "Moved between your own wallets: you have as much as before.")
            return trade(row.line, at, received, sent, is_sale=row.word("Type") == "sell", **common)
        if received:
            return move(row.line, _kind(label), at, received, **common)
        if sent:
            return move(row.line, "fee" if label in _FEES else "transfer_out", at, sent, **common)
        raise CellError(
            "Sent Amount", "Nothing was sent and nothing received: write at least one of the two."
        )


def _kind(label: str) -> str:
    if label in _AIRDROPS:
        return "airdrop"
    return "reward" if label in _REWARDS else "transfer_in"


def _side(row: Row, forms: Sequence[tuple[str, str]]) -> Side | None:
    amount, currency = next((one for one in forms if row.has(one[0])), forms[0])
    much = row.maybe(amount)
    return (_ticker(row, currency), much.copy_abs()) if much else None


def _ticker(row: Row, column: str) -> str:
    """The export writes `SOL;4012`, where the number is Koinly's own."""
    return as_ticker(row.text(column).partition(";")[0], column)


def _worth(row: Row) -> Decimal | None:
    """Where it is told in dollars."""
    if row.has("Net Value (USD)"):
        return row.maybe("Net Value (USD)") or None
    if row.text("Net Worth Currency") and row.ticker("Net Worth Currency") == DOLLARS:
        return row.maybe("Net Worth Amount") or None
    return None


def _first(row: Row, names: Sequence[str]) -> str:
    return next((name for name in names if row.has(name)), names[0])
