"""Market data for apps: Solana, trending tokens, candles, history, and how the sources fare."""
