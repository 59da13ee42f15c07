"""How far a portfolio lay below its highest point so far: of its time-weighted index, so that money taken out is no
loss and money put in hides none.
"""

from dataclasses import dataclass

import numpy as np

from portfolios.accounting.course import Floats, Seconds


@dataclass(frozen=True)
class Drawdown:
    """The deepest one, −0.25 for a quarter. Seconds since 1970; `recovered_at` is None while it lasts."""

    depth: float
    peak_at: int
    trough_at: int
    recovered_at: int | None


def below_peak(index: Floats) -> Floats:
    """At each place 0 or less, NaN where the index is."""
    peaks = np.fmax.accumulate(index)
    return np.asarray(index / peaks - 1)


def deepest(times: Seconds, index: Floats) -> Drawdown | None:
    """None without an index, or where it never fell."""
    depths = below_peak(index)
    if not np.isfinite(depths).any() or np.nanmin(depths) >= 0:
        return None
    trough = int(np.nanargmin(depths))
    peak = int(np.nanargmax(index[: trough + 1]))
    back = np.flatnonzero(index[trough:] >= index[peak])
    recovered_at = int(times[trough + back[0]]) if len(back) else None
    return Drawdown(float(depths[trough]), int(times[peak]), int(times[trough]), recovered_at)
