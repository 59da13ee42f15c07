"""What exports call dollars."""

from portfolios.accounting.money import DOLLARS

USUAL_DOLLAR_COINS = frozenset({"USDT", "USDC", "FDUSD", "DAI", "PYUSD", "TUSD", "USDP", "BUSD", "GUSD"})
"""Tickers that an owner may take at one dollar each."""


def without_dollars(ticker: str) -> str:
    """As transactions name it: dollars by nothing."""
    return DOLLARS if ticker == "USD" else ticker
