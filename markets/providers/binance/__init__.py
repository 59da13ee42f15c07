"""Binance's public market data: candles with volume, no key needed."""
