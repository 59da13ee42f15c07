"""A run of candles as arrays, the currency in which candles pass from files and sources to arithmetic."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]
Figures = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CandleSeries:
    """Candles of one instrument, one interval and one source, ascending, none twice.

    `open_times` are Unix seconds; a candle closes at its opening time plus its interval. `volume` is in the
    token.
    """

    open_times: Seconds
    open: Figures
    high: Figures
    low: Figures
    close: Figures
    volume: Figures

    def __len__(self) -> int:
        return len(self.open_times)

    @classmethod
    def empty(cls) -> Self:
        nothing = np.empty(0)
        return cls(np.empty(0, np.int64), nothing, nothing, nothing, nothing, nothing)

    def pick(self, chosen: slice | NDArray[np.bool_] | NDArray[np.intp]) -> "CandleSeries":
        """The candles that a slice, a mask or positions choose; a slice copies nothing."""
        return CandleSeries(
            self.open_times[chosen],
            self.open[chosen],
            self.high[chosen],
            self.low[chosen],
            self.close[chosen],
            self.volume[chosen],
        )

    def between(self, first: int, last: int) -> "CandleSeries":
        """Candles that open at `first` or later and at `last` or earlier."""
        start, stop = np.searchsorted(self.open_times, [first, last + 1])
        return self.pick(slice(int(start), int(stop)))

    def closed_by(self, moment: float, interval: int) -> "CandleSeries":
        """Candles that had closed at `moment`: what could be known then."""
        return self.pick(slice(0, int(np.searchsorted(self.open_times, moment - interval, side="right"))))

    def join(self, other: "CandleSeries") -> "CandleSeries":
        """Both runs in order of time; they may not share an opening time."""
        times = np.concatenate([self.open_times, other.open_times])
        order = np.argsort(times, kind="stable")
        return CandleSeries(
            times[order],
            np.concatenate([self.open, other.open])[order],
            np.concatenate([self.high, other.high])[order],
            np.concatenate([self.low, other.low])[order],
            np.concatenate([self.close, other.close])[order],
            np.concatenate([self.volume, other.volume])[order],
        )
