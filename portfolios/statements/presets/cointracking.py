"""CoinTracking: the full export of the trade table, and the form in which CoinTracking itself imports.

`Type, Buy, Cur., Sell, Cur., Fee, Cur., Exchange, Group, Comment, Date, Tx-ID` (three columns share a name), and
`Type, Buy Amount, Buy Currency, Sell Amount, Sell Currency, Fee, Fee Currency, …`. After BittyTax
(`conv/parsers/cointracking.py`) and raineorshine's crypto-gains. Times are in the zone of the account.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored
from portfolios.statements.presets.base import EachRow
from portfolios.statements.row import Row
from portfolios.statements.trades import Side, move, trade

_FULL = {"buy": ("Buy", "Cur."), "sell": ("Sell", "Cur. (2)"), "fee": ("Fee", "Cur. (3)")}
_SHORT = {
    "buy": ("Buy Amount", "Buy Currency"),
    "sell": ("Sell Amount", "Sell Currency"),
    "fee": ("Fee", "Fee Currency"),
}
_IN = {
    "deposit": "transfer_in",
    "income": "reward",
    "gift/tip": "transfer_in",
    "reward/bonus": "reward",
    "reward / bonus": "reward",
    "mining": "reward",
    "mining (commercial)": "reward",
    "staking": "reward",
    "masternode": "reward",
    "minting": "reward",
    "lending income": "reward",
    "interest income": "reward",
    "other income": "reward",
    "airdrop": "airdrop",
    "airdrop (non taxable)": "airdrop",
    "fork": "airdrop",
}
_OUT = {
    "withdrawal": "transfer_out",
    "gift": "transfer_out",
    "donation": "transfer_out",
    "lost": "transfer_out",
    "stolen": "transfer_out",
    "spend": "transfer_out",
    "other fee": "fee",
    "expense (non taxable)": "transfer_out",
}


class CoinTracking(EachRow):
    name, label, prefix = "cointracking", "CoinTracking", "cointracking"
    where = "CoinTracking: Enter coins, Export, CSV. Choose your account's time zone below."

    def knows(self, header: Sequence[str]) -> bool:
        names = set(header)
        return {"Type", "Exchange", "Date"} <= names and any(
            {column for pair in form.values() for column in pair} <= names for form in (_FULL, _SHORT)
        )

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        columns = _SHORT if row.has("Buy Amount") else _FULL
        kind, at = row.word("Type"), row.moment("Date")
        fee = _side(row, columns["fee"])
        own = row.text("Tx-ID")
        common: dict[str, Any] = {
            "fee_asset": fee[0] if fee else "",
            "fee_quantity": fee[1] if fee else Decimal(0),
            "note": row.text("Comment", 200),
            "external_id": names.once(own, row.cells) if own else names.of([row.cells]),
        }
        if kind == "trade":
            got, given = _needed(row, columns["buy"]), _needed(row, columns["sell"])
            return trade(row.line, at, got, given, **common)
        if kind in _IN:
            return move(row.line, _IN[kind], at, _needed(row, columns["buy"]), **common)
        if kind in _OUT:
            return move(row.line, _OUT[kind], at, _needed(row, columns["sell"]), **common)
        raise CellError(
            "Type", "This type is not known here: leave the line out and enter by hand what it did."
        )


def _needed(row: Row, columns: tuple[str, str]) -> Side:
    return row.ticker(columns[1]), row.size(columns[0])


def _side(row: Row, columns: tuple[str, str]) -> Side | None:
    much = row.maybe(columns[0])
    return (row.ticker(columns[1]), much.copy_abs()) if much else None
