"""What a portfolio was worth over time, from what was held and the closes, and what passed its border meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Course:
    """Values stand at `times` (n + 1), NaN where a price is missing; dollars put in and taken out between them (n), NaN
    where nobody knows what was paid.
    """

    times: Seconds
    values: Floats
    put_in: Floats
    taken_out: Floats

    @property
    def gain(self) -> float:
        """What is there in the end, less what was in the beginning and came in, with what went out; NaN where any of it
        is unknown.
        """
        return float(self.values[-1] - self.values[0] - self.put_in.sum() + self.taken_out.sum())

    def cut(self, first: int, last: int) -> "Course":
        """From one place to another, both with them."""
        steps = slice(first, last)
        places = slice(first, last + 1)
        return Course(self.times[places], self.values[places], self.put_in[steps], self.taken_out[steps])


@dataclass(frozen=True)
class Gap:
    """Without a value from one place to another, since these assets were held and had no close."""

    first: int
    last: int
    assets: tuple[str, ...]


def values(held: Mapping[str, Floats], closes: Mapping[str, Floats], length: int) -> Floats:
    """Quantity times close, added up. A close that is missing (NaN) while something is held leaves the value unknown:
    the others alone would look like a loss.
    """
    total = np.zeros(length)
    for asset, quantities in held.items():
        total += np.where(quantities > 0, quantities * closes[asset], 0.0)
    return total


def gaps(held: Mapping[str, Floats], closes: Mapping[str, Floats], length: int) -> list[Gap]:
    """Each run of places without a value, with the assets to blame."""
    lacking = {asset: (quantities > 0) & np.isnan(closes[asset]) for asset, quantities in held.items()}
    unknown = np.zeros(length, bool)
    for one in lacking.values():
        unknown |= one
    return [
        Gap(first, last, tuple(asset for asset, one in lacking.items() if one[first : last + 1].any()))
        for first, last in _runs(unknown)
    ]


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.astype(np.int8), [0]))))
    return [(int(first), int(after) - 1) for first, after in edges.reshape(-1, 2)]
