"""CoinGecko v3: prices of all tokens in one request, points of those no exchange lists, trending, details."""
