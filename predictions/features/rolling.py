"""Looking back over the rows of a panel: lags, sums, extremes and fading means.

Arrays are (rows, tokens). Whatever is told of row t comes from rows up to t alone: running sums start at the
first row, so later rows, whatever they hold, cannot change an earlier one by a single bit. NaN is missing and
is left out of sums.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from predictions.features.history import Floats

Rows = NDArray[np.int64]


def take(values: Floats, rows: Rows) -> Floats:
    """Those rows of `values`; NaN where a row lies before the first one."""
    found = values[np.maximum(rows, 0)]
    found[rows < 0] = np.nan
    return found


def lagged(values: Floats, rows: int) -> Floats:
    """Every row's value `rows` earlier; NaN where there is none yet."""
    moved = np.full(values.shape, np.nan)
    if rows < len(values):
        moved[rows:] = values[: len(values) - rows]
    return moved


class Running:
    """Prefix sums of a series, from which means over any window cost the same."""

    def __init__(self, values: Floats) -> None:
        known = np.isfinite(values)
        self._total = _prefix(np.where(known, values, 0.0))
        self._count = _prefix(known.astype(np.float64))

    def count(self, rows: Rows, length: int) -> Floats:
        """How many of the last `length` rows are present."""
        return self._between(self._count, rows, length)

    def mean(self, rows: Rows, length: int, present: float = 0.75) -> Floats:
        """Mean over the last `length` rows; NaN where less than the share `present` of them is there."""
        count = self.count(rows, length)
        enough = count >= max(1.0, np.ceil(present * length))
        return divide(self._between(self._total, rows, length), count, enough)

    def _between(self, prefix: Floats, rows: Rows, length: int) -> Floats:
        end = np.maximum(rows + 1, 0)
        return np.asarray(prefix[end] - prefix[np.maximum(end - length, 0)])


def _prefix(values: Floats) -> Floats:
    running = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=running[1:])
    return running


def divide(total: Floats, count: Floats, where: NDArray[np.bool_]) -> Floats:
    """The quotient; NaN where it is not wanted."""
    result = np.full(np.broadcast(total, count).shape, np.nan)
    np.divide(total, count, out=result, where=where)
    return result


def rolling_max(values: Floats, rows: int) -> Floats:
    """Largest of what is present in the last `rows` rows, by doubling; NaN where nothing is."""
    best, width = values.copy(), 1
    while width < rows and width < len(values):
        step = min(width, rows - width)
        best[step:] = np.fmax(best[step:], best[:-step].copy())
        width += step
    return best


def rolling_min(values: Floats, rows: int) -> Floats:
    return -rolling_max(-values, rows)


def fading_means(values: Floats, half_lives: Sequence[float], length: int) -> list[Floats]:
    """Means in which a row's weight halves every so many rows, over the last `length` rows that are present.

    The window makes a mean the same whatever lies before it. NaN where the rows present weigh less than half
    of all. All half-lives share one pass, whose steps follow each other and cannot be vectorised.
    """
    known = np.isfinite(values)
    both = np.concatenate([np.where(known, values, 0.0), known.astype(np.float64)], axis=1)
    fades = 0.5 ** (1.0 / np.asarray(half_lives, np.float64))
    sums = _fading_sums(both, fades[:, None], length)
    tokens = values.shape[1]
    full = (1 - fades**length) / (1 - fades)
    return [
        divide(one[:, :tokens], one[:, tokens:], one[:, tokens:] >= 0.5 * whole)
        for one, whole in zip(sums, full, strict=True)
    ]


def _fading_sums(values: Floats, fades: Floats, length: int) -> Floats:
    out = np.empty((len(fades), *values.shape))
    gone, last = fades**length, np.zeros((len(fades), values.shape[1]))
    for row in range(len(values)):
        last = last * fades + values[row]
        if row >= length:
            last -= gone * values[row - length]
        out[:, row] = last
    return np.maximum(out, 0.0, out=out)
