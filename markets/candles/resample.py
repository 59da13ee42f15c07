"""Coarse candles from fine ones."""

import numpy as np

from markets.candles.series import CandleSeries


def resample(series: CandleSeries, fine: int, coarse: int) -> CandleSeries:
    """Candles of `coarse` seconds from candles of `fine` seconds, on UTC's grid.

    A coarse candle exists only where every one of its fine candles does: a part of an hour says neither its
    high nor its volume. Raises ValueError where `fine` does not divide `coarse`.
    """
    if coarse % fine:
        raise ValueError(f"Candles of {fine} s do not add up to candles of {coarse} s.")
    if coarse == fine or not len(series):
        return series
    whole = coarse // fine
    buckets = series.open_times // coarse
    starts = np.flatnonzero(np.r_[True, np.diff(buckets) > 0])
    complete = starts[np.diff(np.r_[starts, len(series)]) == whole]
    members = complete[:, None] + np.arange(whole)
    return CandleSeries(
        buckets[complete] * coarse,
        series.open[complete],
        series.high[members].max(axis=1, initial=0.0),
        series.low[members].min(axis=1, initial=np.inf),
        series.close[complete + whole - 1],
        series.volume[members].sum(axis=1),
    )
