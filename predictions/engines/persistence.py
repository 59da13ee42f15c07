"""What came last comes again: the class of the last move of the same length says how often each class follows.

One table for all tokens, shrunk to a third each with the weight of 30 independent outcomes.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats
from predictions.engines.sight import Seen, Sight, say
from predictions.horizons import Timeframe, classify

ENGINE = "persistence"
LAST_RETURN = {
    "15m": "return_15m",
    "1h": "return_1h",
    "4h": "return_4h",
    "1d": "return_24h",
    "7d": "return_168h",
    "14d": "return_336h",
    "30d": "return_720h",
}
UNKNOWN = 3
SHRINK = 30.0


@dataclass(frozen=True, eq=False)
class Persistence:
    """`table` (4, 3): after up, down, sideways and an unknown move, how likely each class is."""

    sight: Sight
    table: Floats
    name = ENGINE

    @property
    def version(self) -> str:
        return self.sight.version

    def forecast(self, batch: Batch) -> Answer:
        return say(self, self.sight, batch)

    def probabilities(self, seen: Seen) -> Floats:
        return np.asarray(self.table[last_class(seen, self.sight.names)])

    def quantiles(self, seen: Seen) -> Floats:
        return seen.baseline_quantiles

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"table": self.table}

    @classmethod
    def of_arrays(cls, sight: Sight, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(sight, arrays["table"])


def last_class(seen: Seen, names: tuple[str, ...]) -> NDArray[np.int64]:
    """Class of the past return over one horizon (N,), UNKNOWN where it is missing."""
    column = LAST_RETURN[seen.timeframe.name]
    if column not in names:
        return np.full(len(seen.X), UNKNOWN)
    moved = seen.X[:, names.index(column)] * seen.scale * np.sqrt(seen.timeframe.hours)
    came = classify(np.nan_to_num(moved), seen.band).astype(np.int64)
    return np.where(np.isfinite(moved), came, UNKNOWN)


def count(last: NDArray[np.int64], came: NDArray[np.int8], timeframe: Timeframe) -> Floats:
    """The table (4, 3) of matured rows."""
    found = np.zeros((4, 3))
    np.add.at(found, (last, came), 1.0)
    found[UNKNOWN] = found.sum(axis=0)
    independent = min(1.0, timeframe.counts_every / timeframe.seconds)
    weighed = found * independent + SHRINK / 3
    return np.asarray(weighed / weighed.sum(axis=1, keepdims=True))
