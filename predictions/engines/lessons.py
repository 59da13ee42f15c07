"""Matured rows as the parts of a pool learn from them, split by time.

The last fifth of the time decides how many trees there are, slopes, shrinkage and residuals; what is served
is then fitted again on all of it. Between both parts lie h + 1 day, so that no outcome of the earlier part
reaches into the later.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.lib.errors import NotEnoughHistory
from predictions.engines.base import Batch, Floats
from predictions.engines.sight import Seen, Sight
from predictions.features.examples import EMBARGO, Examples
from predictions.features.history import Seconds
from predictions.horizons import DIRECTION_UNPROVEN, SIDEWAYS, UP, Timeframe, classify

LEAST_ROWS = 400
VALIDATION_SHARE = 0.2

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Lesson:
    """N matured rows. `early` and `late` (N,) are the parts; `activity` is what liveliness learns."""

    sight: Sight
    seen: Seen
    log_return: Floats
    activity: Floats
    early: Mask
    late: Mask
    seed: int

    @classmethod
    def of(cls, rows: Examples, batch: Batch, sight: Sight, seed: int) -> Self:
        """From rows that have all matured. Raises NotEnoughHistory for too few of them."""
        use = np.isfinite(rows.log_return) & np.isfinite(rows.activity) & (rows.scale > 0)
        use &= np.isfinite(batch.baseline_quantiles).all(axis=1)
        early, late = parts(rows.as_of[use], rows.timeframe)
        if early.sum() < LEAST_ROWS or late.sum() < LEAST_ROWS // 4:
            raise NotEnoughHistory(
                f"{rows.timeframe.name}: {int(use.sum())} matured rows are too few to train on; "
                "wait for more candles."
            )
        seen = sight.look(batch, use)
        return cls(sight, seen, rows.log_return[use], rows.activity[use], early, late, seed)

    @property
    def timeframe(self) -> Timeframe:
        return self.seen.timeframe

    @property
    def X(self) -> Floats:
        return self.seen.X

    @property
    def everything(self) -> Mask:
        return np.ones(len(self.log_return), bool)

    @property
    def direction_is_open(self) -> bool:
        return self.timeframe.name not in DIRECTION_UNPROVEN

    @cached_property
    def came(self) -> NDArray[np.int8]:
        return classify(self.log_return, self.seen.band)

    @cached_property
    def sideways(self) -> Floats:
        return np.asarray(self.came == SIDEWAYS, np.float64)

    @cached_property
    def up(self) -> Floats:
        return np.asarray(self.came == UP, np.float64)

    def some(self, rows: Mask) -> Seen:
        known = self.seen
        figures = (known.X, known.scale, known.band, known.baseline, known.baseline_quantiles)
        return Seen(known.timeframe, *(one[rows] for one in figures))


def parts(as_of: Seconds, timeframe: Timeframe) -> tuple[Mask, Mask]:
    """Earlier rows to learn from and the last fifth of time to decide on, with a purge between them."""
    if not len(as_of):
        return np.zeros(0, bool), np.zeros(0, bool)
    first, last = int(as_of.min()), int(as_of.max())
    border = last - int((last - first) * VALIDATION_SHARE)
    return as_of + timeframe.seconds + EMBARGO <= border, as_of > border
