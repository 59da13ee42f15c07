"""Kraken, trades: one fill a line, times in UTC, fees in the quote.

`txid, ordertxid, pair, time, type, ordertype, price, cost, fee, vol, margin, misc, ledgers`, after Kraken's own "How to
interpret trades history fields". A fill's `txid` is the `refid` of its two ledger lines, so that a trade that comes in
both files is known again.
"""

from datetime import UTC
from decimal import Decimal

from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored
from portfolios.statements.presets.base import EachRow
from portfolios.statements.presets.kraken_assets import kraken_pair
from portfolios.statements.row import Row
from portfolios.statements.trades import trade


class KrakenTrades(EachRow):
    name, label, prefix = "kraken_trades", "Kraken trades", "kraken"
    where = "Kraken: Documents, New export, Trades, CSV. Ledgers tell more."
    needs = frozenset({"txid", "ordertxid", "pair", "time", "type", "cost", "fee", "vol"})

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        side = row.word("type")
        if side not in ("buy", "sell"):
            raise CellError("type", "Write buy or sell.")
        if row.maybe("margin"):
            raise CellError("margin", "Margin trading is not kept here: enter by hand what you paid or won.")
        base, quote = kraken_pair(row, "pair")
        sold, cost = (base, row.size("vol")), (quote, row.size("cost"))
        fee = row.maybe("fee") or Decimal(0)
        if fee < 0:
            raise CellError("fee", "Write zero or more.")
        return trade(
            row.line,
            row.moment("time", UTC),
            *((sold, cost) if side == "buy" else (cost, sold)),
            is_sale=side == "sell",
            fee_asset=quote if fee else "",
            fee_quantity=fee,
            external_id=names.own(row.text("txid")) if row.text("txid") else names.of([row.cells]),
        )
