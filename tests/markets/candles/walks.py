"""Candles of a random walk, for tests that need some."""

import numpy as np

from markets.candles.series import CandleSeries


def walk(open_times, seed=0) -> CandleSeries:
    """Candles that hang together (low <= open, close <= high) at the given opening times."""
    times = np.asarray(open_times, np.int64)
    numbers = np.random.default_rng(seed)
    edges = 100 * np.exp(np.cumsum(numbers.normal(0, 0.01, len(times) + 1)))
    opens, closes = edges[:-1], edges[1:]
    spread = np.abs(numbers.normal(0, 0.005, (2, len(times))))
    high = np.maximum(opens, closes) * (1 + spread[0])
    low = np.minimum(opens, closes) * (1 - spread[1])
    return CandleSeries(times, opens, high, low, closes, numbers.exponential(1000, len(times)))
