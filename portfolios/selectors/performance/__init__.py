"""How portfolios did: value over time, returns, and what the same money would have become elsewhere."""
