"""Which candles are missing from a run."""

import numpy as np

from markets.candles.series import Seconds


def missing_spans(open_times: Seconds, interval: int, first: int, end: int) -> list[tuple[int, int]]:
    """Spans `(from, to)` of opening times that are missing in [first, end); `from` is missing, `to` no
    longer is.

    `open_times` are sorted and lie on the interval's grid; those outside the span do not matter. `first` is
    moved up and `end` down to the grid: only candles that open at `first` or later and close at `end` or
    earlier are expected. [0, 60, 240] with interval 60 in [0, 300) lack (120, 240).
    """
    first, end = -(-first // interval) * interval, end // interval * interval
    if end <= first:
        return []
    inside = open_times[(open_times >= first) & (open_times < end)]
    before = np.r_[first, inside + interval]
    after = np.r_[inside, end]
    holes = after > before
    return [(int(start), int(stop)) for start, stop in zip(before[holes], after[holes], strict=True)]
