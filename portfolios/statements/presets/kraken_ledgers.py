"""Kraken, ledgers: every change of a balance is a line, in UTC; the two lines of a trade share their `refid`.

`txid, refid, time, type, subtype, aclass, asset, amount, fee, balance`; newer files add `wallet` and more. After
Kraken's own "How to interpret Ledger history fields" (support.kraken.com, article 360001169383).
"""

from datetime import UTC
from decimal import Decimal

from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored
from portfolios.statements.presets.base import InGroups
from portfolios.statements.presets.kraken_assets import kraken_asset
from portfolios.statements.row import Row
from portfolios.statements.trades import move, trade

_TRADES = {"trade", "spend", "receive", "adjustment", "conversion", "sale"}
_REWARDS = {"staking", "dividend", "invite bonus", "reward", "credit", "earn"}
_INSIDE_EARN = ("allocation", "deallocation", "autoallocation", "migration")


class KrakenLedgers(InGroups):
    name, label, prefix = "kraken_ledgers", "Kraken ledgers", "kraken"
    where = "Kraken: Documents, New export, Ledgers, CSV."
    needs = frozenset({"txid", "refid", "time", "type", "asset", "amount", "fee"})

    def key(self, row: Row) -> str:
        return row.text("refid") if row.word("type") in _TRADES and row.text("txid") else ""

    def several(self, rows: list[Row], names: Names) -> Draft | Ignored:
        if rows[0].word("type") in _TRADES and rows[0].text("txid"):
            return _traded(rows, names)
        return _moved(rows[0], names)


def _moved(row: Row, names: Names) -> Draft | Ignored:
    kind, sub, amount = row.word("type"), row.word("subtype"), row.amount("amount")
    if not row.text("txid"):
        return Ignored(row.line, "Not settled when it was exported; Kraken repeats it with an id.")
    if "futures" in sub or "staking" in sub or (kind == "earn" and sub in _INSIDE_EARN):
        return Ignored(row.line, "Moved inside Kraken: you have as much as before.")
    if not amount:
        return Ignored(row.line, "Nothing changed.")
    fee = row.maybe("fee") or Decimal(0)
    asset = kraken_asset(row, "asset")
    if fee < 0:
        raise CellError("fee", "Kraken gave a fee back: enter by hand what it was for.")
    return move(
        row.line,
        _kind(kind, amount),
        row.moment("time", UTC),
        (asset, row.size("amount")),
        fee_asset=asset if fee else "",
        fee_quantity=fee,
        external_id=names.own(row.text("txid")),
    )


def _kind(kind: str, amount: Decimal) -> str:
    if kind in ("deposit", "withdrawal"):
        return "transfer_in" if amount > 0 else "transfer_out"
    if kind == "transfer":
        return "airdrop" if amount > 0 else "transfer_out"
    if kind in _REWARDS and amount > 0:
        return "reward"
    if kind in ("margin", "margin trade", "rollover", "settled"):
        raise CellError("type", "Margin trading is not kept here: enter by hand what you paid or won.")
    raise CellError("type", "This type is not known here: leave the line out and enter by hand what it did.")


def _traded(rows: list[Row], names: Names) -> Draft | Ignored:
    """A fee may stand at either line; where both have one the transaction has no room for the second."""
    got = [row for row in rows if row.amount("amount") > 0]
    given = [row for row in rows if row.amount("amount") < 0]
    paid = [row for row in rows if row.maybe("fee")]
    if len(got) != 1 or len(given) != 1:
        raise CellError(
            "refid", "A trade has two lines with this refid, one got and one given: export all of them."
        )
    if len(paid) > 1:
        raise CellError(
            "fee", "This trade has fees in two assets: enter it by hand, and the second fee apart."
        )
    fee = paid[0].amount("fee") if paid else Decimal(0)
    if fee < 0:
        raise CellError("fee", "Write zero or more.")
    first = rows[0]
    return trade(
        first.line,
        first.moment("time", UTC),
        (kraken_asset(got[0], "asset"), got[0].size("amount")),
        (kraken_asset(given[0], "asset"), given[0].size("amount")),
        fee_asset=kraken_asset(paid[0], "asset") if paid else "",
        fee_quantity=fee,
        external_id=names.own(first.text("refid")),
    )
