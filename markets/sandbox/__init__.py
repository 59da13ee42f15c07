"""A small HTTP server that speaks CoinGecko's and Binance's market-data APIs over a replayed or simulated
market.

It stands in for the providers in development, in tests of reliability and where no network is. The fetching
code does not know it: it is the same client with another base URL. Only the `sandbox` command starts it; it
imports nothing of Khalsi but `markets.candles`.
"""
