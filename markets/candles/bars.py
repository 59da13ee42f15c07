"""Candles of many tokens on one grid, and what can be told of each from itself and the ones before it.

Every verdict here is final when its candle closes: no later candle changes it, so a back-test that looks at all
candles at once and a server that has only the past agree.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from markets.candles.series import Figures, Seconds

Mask = NDArray[np.bool_]
FROZEN_AFTER = 6
"""So many hourly candles in a row that say the same: from this one on the price is frozen, not calm."""
WICK = 2.0
"""A high so many times above the closes around it, or a low as far below, is no price anybody can trade on."""


@dataclass(frozen=True, eq=False)
class Bars:
    """`times` (n,): closing seconds since 1970 on an unbroken grid; the rest (n, tokens), NaN where missing."""

    times: Seconds
    close: Figures
    high: Figures
    low: Figures
    volume: Figures

    def __len__(self) -> int:
        return len(self.times)

    def without(self, gone: Mask) -> "Bars":
        """The same with some candles missing in every column."""
        if not gone.any():
            return self
        columns = (self.close, self.high, self.low, self.volume)
        return Bars(self.times, *(np.where(gone, np.nan, column) for column in columns))


@dataclass(frozen=True, eq=False)
class Faults:
    """Masks (n, tokens). `filled`: nothing was traded and the candle repeats the close before it. `frozen`: the
    candle repeats the one before it, and at least four before that one did. `wick`: high or low is
    unbelievable beside the closes. `untold`: the volume is 0 though the price moved, so it was not told.
    `still` (n, tokens): how many candles in a row, this one included, have said the same.
    """

    filled: Mask
    frozen: Mask
    wick: Mask
    untold: Mask
    still: NDArray[np.int64]

    @property
    def unmoved(self) -> Mask:
        """Candles whose close is nobody's price: missing, not a return of zero."""
        return self.filled | self.frozen


def faults(bars: Bars, frozen_after: int | None = FROZEN_AFTER, wick: float = WICK) -> Faults:
    """What is wrong with each candle. Without `frozen_after` no run is long enough to be frozen."""
    there = np.isfinite(bars.close)
    flat = ~(bars.high > bars.low)
    repeats = _repeats(bars, flat)
    idle = bars.volume == 0
    known = ~idle & np.isfinite(bars.volume)
    traded = known & (bars.volume != _before(bars.volume)) & ~flat  # a calm market: new trades, same prices
    still = _run_lengths(repeats & ~traded) + 1
    return Faults(
        filled=repeats & idle & flat,
        frozen=np.zeros(still.shape, np.bool_) if frozen_after is None else still >= frozen_after,
        wick=there & _has_wick(bars, wick),
        untold=there & idle & ~(repeats & flat),
        still=np.where(there, still, 0),
    )


def mended(bars: Bars, found: Faults) -> Bars:
    """Without unbelievable highs and lows and without volumes that were not told; closes stay."""
    if found.wick.any():
        bars = replace(
            bars,
            high=np.where(found.wick, np.nan, bars.high),
            low=np.where(found.wick, np.nan, bars.low),
        )
    if found.untold.any():
        bars = replace(bars, volume=np.where(found.untold, np.nan, bars.volume))
    return bars


def _before(values: Figures) -> Figures:
    moved = np.full(values.shape, np.nan)
    moved[1:] = values[:-1]
    return moved


def _repeats(bars: Bars, flat: Mask) -> Mask:
    """The close of the candle before it, and no range of its own or the same one."""
    same = np.zeros(bars.close.shape, np.bool_)
    same[1:] = bars.close[1:] == bars.close[:-1]
    if same.any():
        for column in (bars.high, bars.low):
            same[1:] &= (column[1:] == column[:-1]) | flat[1:]
    return same


def _run_lengths(where: Mask) -> NDArray[np.int64]:
    """How many True in a row end at each row."""
    every = np.arange(len(where), dtype=np.int64)[:, None]
    last = np.maximum.accumulate(np.where(where, -1, every), axis=0)
    return np.asarray(every - last)


def _has_wick(bars: Bars, wick: float) -> Mask:
    before = _before(bars.close)
    top, bottom = np.fmax(bars.close, before), np.fmin(bars.close, before)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((bars.high >= wick * top) | (bars.low * wick <= bottom))
