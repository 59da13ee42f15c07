"""Which instants count: a 30-day forecast made every quarter hour is one piece of evidence repeated 2,880
times.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from predictions.horizons import Timeframe


def counts(timeframe: Timeframe, as_of: ArrayLike) -> NDArray[np.bool_]:
    """Whether forecasts at these moments (seconds since 1970) count in statistics."""
    return np.asarray(np.asarray(as_of, np.int64) % timeframe.counts_every == 0)


def counts_at(timeframe: Timeframe, as_of: int) -> bool:
    """The same for one moment."""
    return as_of % timeframe.counts_every == 0


def independent(timeframe: Timeframe, as_of: ArrayLike) -> float:
    """How many outcomes of forecasts made at these moments do not overlap: the time they span, over h."""
    moments = np.asarray(as_of, np.int64)
    if not moments.size:
        return 0.0
    return float(moments.max() - moments.min() + timeframe.seconds) / timeframe.seconds
