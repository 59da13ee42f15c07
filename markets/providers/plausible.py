"""What prices can be believed beside the ones before them: no jump beyond twenty times within an hour.

After a longer silence more is believed, twenty times for each hour that passed: a market that really moved is
found again, and a source whose figures are a thousand times too large is not believed for two days.
"""

import numpy as np
from numpy.typing import NDArray

LARGEST_JUMP = 20.0
HOUR = 3600.0
FARTHEST = 2.0
QUARTER = 900.0


def is_jump(before: float, after: float, seconds: float) -> bool:
    """Whether a price cannot have gone from `before` to `after` in that time."""
    most = LARGEST_JUMP * max(seconds / HOUR, 1.0)
    return not 1 / most <= after / before <= most


def is_apart(witness: float, price: float, seconds: float) -> bool:
    """Whether a price is too far from what another source said so many seconds before: more than twice or less than
    half, for each quarter hour that passed. Narrower than a jump: a stream speaks each second, and one wrong message
    of it would be shown at once."""
    most = FARTHEST * max(seconds / QUARTER, 1.0)
    return not 1 / most <= price / witness <= most


def believable_closes(open_times: NDArray[np.int64], closes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """A mask of the closes that do not jump, each compared with the last one believed before it."""
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
    most = LARGEST_JUMP * np.maximum(np.diff(open_times) / HOUR, 1.0)
    return np.asarray(~((ratios <= most) & (ratios >= 1 / most)))
