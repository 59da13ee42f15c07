"""Small markets as arrays: correlated walks whose volatility comes and goes by the hour of the day."""

from dataclasses import replace

import numpy as np

from predictions.features.frame import History, Quarters

END = 1_732_147_200
"""2024-11-21 00:00 UTC, a full day."""
HOUR = 3600


def market(days: int = 120, tokens: int = 3, seed: int = 0, quarter_days: int = 8, end: int = END) -> History:
    """A history that ends at `end`; its hourly candles are those that its quarter hours add up to."""
    rng = np.random.default_rng(seed)
    n = days * 96
    times = end - np.arange(n)[::-1] * 900
    lively = (
        0.004 * (1 + 0.8 * np.sin(times / 86_400 * 2 * np.pi)) * np.exp(0.5 * np.sin(np.arange(n) / 3000))
    )
    common, own = rng.standard_t(5, (n, 1)), rng.standard_t(5, (n, tokens))
    close = 100 * np.exp(np.cumsum(lively[:, None] / 2 * (0.6 * common + 0.8 * own) / 1.3, axis=0))
    volume = rng.lognormal(3, 0.5, (n, tokens)) * (1 + 50 * lively[:, None])
    four = close.reshape(-1, 4, tokens)
    q = quarter_days * 96
    quarters = Quarters(times[-q:], close[-q:], close[-q:] * 1.002, close[-q:] * 0.998, volume[-q:])
    return History(
        tokens=tuple(range(tokens)),
        hours=times[3::4],
        close=np.ascontiguousarray(four[:, 3]),
        high=four.max(axis=1) * 1.001,
        low=four.min(axis=1) * 0.999,
        volume=volume.reshape(-1, 4, tokens).sum(axis=1),
        quarters=quarters if q else None,
        btc=0,
        eth=1,
    )


def changed_after(history: History, as_of: int, factor: float) -> History:
    """The same until `as_of`; every later figure multiplied (NaN blanks them)."""

    def late(times: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.where((times > as_of)[:, None], values * factor, values)

    bars = ("close", "high", "low", "volume")
    quarters = history.quarters
    if quarters is not None:
        quarters = replace(quarters, **{b: late(quarters.times, getattr(quarters, b)) for b in bars})
    return replace(history, quarters=quarters, **{b: late(history.hours, getattr(history, b)) for b in bars})
