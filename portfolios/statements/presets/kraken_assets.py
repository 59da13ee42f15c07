"""Kraken's own names of assets: `XXBT` is bitcoin, `ZEUR` the euro, `SOL.S` staked SOL."""

import re

from portfolios.statements.outcomes import CellError
from portfolios.statements.pairs import split_pair
from portfolios.statements.row import Row, as_ticker

_OLD = {
    "XXBT": "BTC", "XBT": "BTC", "XETC": "ETC", "XETH": "ETH", "XLTC": "LTC", "XMLN": "MLN", "XREP": "REP",
    "XXDG": "DOGE", "XDG": "DOGE", "XXLM": "XLM", "XXMR": "XMR", "XXRP": "XRP", "XZEC": "ZEC", "ZAUD": "AUD",
    "ZCAD": "CAD", "ZEUR": "EUR", "ZGBP": "GBP", "ZJPY": "JPY", "ZUSD": "USD", "ETH2": "ETH",
}  # fmt: skip
_BALANCE = re.compile(r"\d*\.[SMFBPT]$|\.HOLD$")
"""Staked, rewarded and held balances of the same asset; `SOL03.S` is SOL bonded for three days."""


def kraken_ticker(text: str, column: str) -> str:
    bare = _BALANCE.sub("", text.upper())
    return as_ticker(_OLD.get(bare, bare), column)


def kraken_asset(row: Row, column: str) -> str:
    found = row.text(column)
    if not found:
        raise CellError(column, "This is empty: write the ticker, such as SOL.")
    return kraken_ticker(found, column)


def kraken_pair(row: Row, column: str) -> tuple[str, str]:
    base, quote = split_pair(row.text(column).upper(), column)
    return kraken_ticker(base or "USD", column), kraken_ticker(quote or "USD", column)
