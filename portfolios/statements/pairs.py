"""Names of markets without a mark between their two assets."""

import re

from portfolios.statements.outcomes import CellError
from portfolios.statements.row import as_ticker

_QUOTES = (
    "FDUSD", "PYUSD", "USDT", "USDC", "BUSD", "TUSD", "USDP", "BIDR", "BVND", "IDRT", "AEUR", "ZUSD", "ZEUR", "ZGBP",
    "ZJPY", "ZCAD", "ZAUD", "XXBT", "XETH", "DAI", "BTC", "XBT", "ETH", "BNB", "SOL", "TRX", "XRP", "EUR", "USD", "GBP",
    "AUD", "CAD", "CHF", "JPY", "TRY", "BRL", "RUB", "UAH", "NGN", "ZAR", "PLN", "RON", "ARS", "MXN", "CZK",
)  # fmt: skip
"""Longest first, so that `SOLUSDT` is not taken for a market in `USD` of something else."""


def split_pair(pair: str, column: str) -> tuple[str, str]:
    """Base and quote. Raises CellError where it is not known where one ends."""
    marked = re.split(r"[-/_:]", pair)
    if len(marked) == 2:
        return as_ticker(marked[0], column), as_ticker(marked[1], column)
    for quote in _QUOTES:
        if pair.endswith(quote) and len(pair) > len(quote):
            return as_ticker(pair.removesuffix(quote), column), as_ticker(quote, column)
    raise CellError(column, "Write the two tickers with a mark between them, such as SOL-USDT.")
