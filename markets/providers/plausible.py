"""What prices can be believed beside the ones before them: no jump beyond twenty times within an hour."""

import numpy as np
from numpy.typing import NDArray

LARGEST_JUMP = 20.0
WITHIN_SECONDS = 3600


def is_jump(before: float, after: float, seconds: float) -> bool:
    """Whether the price went beyond twenty times up or down within an hour."""
    ratio = after / before
    return seconds <= WITHIN_SECONDS and not 1 / LARGEST_JUMP <= ratio <= LARGEST_JUMP


def believable_closes(open_times: NDArray[np.int64], closes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """A mask of the closes that do not jump, each compared with the last one believed before it.

    An hour later a new level is believed, so that a market which really moved loses one candle only.
    """
    believed = np.ones(len(closes), np.bool_)
    if len(closes) < 2 or not _jumps(open_times, closes).any():
        return believed
    last = 0
    for place in range(1, len(closes)):
        seconds = float(open_times[place] - open_times[last])
        believed[place] = not is_jump(float(closes[last]), float(closes[place]), seconds)
        last = place if believed[place] else last
    return believed


def _jumps(open_times: NDArray[np.int64], closes: NDArray[np.float64]) -> NDArray[np.bool_]:
    ratios = closes[1:] / closes[:-1]
    near = np.diff(open_times) <= WITHIN_SECONDS
    return np.asarray(near & ~((ratios <= LARGEST_JUMP) & (ratios >= 1 / LARGEST_JUMP)))
