"""Sums, extremes and fading means over the last rows of a panel, for every row at once.

Arrays are (rows, tokens). Every result in row t comes from rows up to t alone: running sums start at the
first row, so later rows, whatever they hold, cannot change an earlier one by a single bit. NaN is missing and
is left out of sums.
"""

import numpy as np

from predictions.features.history import Floats


def lagged(values: Floats, rows: int) -> Floats:
    """The value `rows` earlier; NaN where there is none yet."""
    moved = np.full(values.shape, np.nan)
    if rows < len(values):
        moved[rows:] = values[: len(values) - rows]
    return moved


def rolling_sum(values: Floats, rows: int) -> Floats:
    """Sum of what is present in the last `rows` rows (fewer at the start); 0 where nothing is."""
    running = np.cumsum(np.where(np.isfinite(values), values, 0.0), axis=0)
    total = running.copy()
    if rows < len(values):
        total[rows:] -= running[:-rows]
    return total


def rolling_count(values: Floats, rows: int) -> Floats:
    """How many of the last `rows` rows are present."""
    return rolling_sum(np.where(np.isfinite(values), 1.0, np.nan), rows)


def rolling_mean(values: Floats, rows: int, present: float = 0.75) -> Floats:
    """Mean over the last `rows` rows; NaN where less than the share `present` of them is there."""
    count = rolling_count(values, rows)
    enough = count >= np.ceil(present * rows)
    total = rolling_sum(values, rows)
    return np.divide(total, count, out=np.full(values.shape, np.nan), where=enough & (count > 0))


def rolling_max(values: Floats, rows: int) -> Floats:
    """Largest of what is present in the last `rows` rows, by doubling; NaN where nothing is."""
    best, width = values.copy(), 1
    while width < rows:
        step = min(width, rows - width)
        best[step:] = np.fmax(best[step:], best[:-step].copy()) if step < len(best) else best[step:]
        width += step
    return best


def rolling_min(values: Floats, rows: int) -> Floats:
    return -rolling_max(-values, rows)


def fading_mean(values: Floats, half_life: float, rows: int) -> Floats:
    """Mean in which a row's weight halves every `half_life` rows, over the last `rows` rows that are present.

    The window makes the mean the same whatever lies before it. NaN where the rows present weigh less than
    half of all.
    """
    fade = 0.5 ** (1.0 / half_life)
    known = np.isfinite(values)
    total = _fading_sum(np.where(known, values, 0.0), fade, rows)
    weight = _fading_sum(known.astype(np.float64), fade, rows)
    full = (1 - fade**rows) / (1 - fade)
    return np.divide(total, weight, out=np.full(values.shape, np.nan), where=weight >= 0.5 * full)


def _fading_sum(values: Floats, fade: float, rows: int) -> Floats:
    out, gone = np.empty_like(values), fade**rows
    last = np.zeros(values.shape[1])
    for row in range(len(values)):
        last = last * fade + values[row]
        if row >= rows:
            last -= gone * values[row - rows]
        out[row] = last
    return np.maximum(out, 0.0)
