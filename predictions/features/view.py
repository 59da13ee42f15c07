"""The panel as feature modules see it: logs and running sums of one grid of candles, and the rows that are
asked for.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from predictions.features.history import Floats
from predictions.features.rolling import Rows, Running, lagged, take
from predictions.features.scale import NORMAL

Feature = tuple[str, Floats]
Features = Iterator[Feature]
_LEAST_RATIO = 1e-4


class View:
    """Candles (n, tokens) on one grid, `rows` (R,) at which features are wanted, and M(t) there (R, tokens).

    `hours` is the length of a row in hours, so that a return over k rows is told in units of M(t)·√(k·hours).
    """

    def __init__(
        self, bars: tuple[Floats, Floats, Floats, Floats], rows: Rows, scale: Floats, hours: float
    ) -> None:
        self.close, self.high, self.low, self.volume = bars
        self.rows, self.scale, self.hours = rows, scale, hours

    @cached_property
    def logs(self) -> Floats:
        return np.asarray(np.log(self.close))

    @cached_property
    def moved(self) -> Floats:
        """Log return of each row."""
        return np.asarray(self.logs - lagged(self.logs, 1))

    @cached_property
    def squares(self) -> Running:
        return Running(self.moved**2)

    @cached_property
    def sizes(self) -> Running:
        return Running(np.abs(self.moved))

    def now(self, values: Floats) -> Floats:
        return take(values, self.rows)

    def past_return(self, rows: int) -> Floats:
        """Log return over the last `rows` rows, in units of what is usual over that time."""
        moved = self.now(self.logs) - take(self.logs, self.rows - rows)
        return np.asarray(moved / (self.scale * np.sqrt(rows * self.hours)))

    def against_usual(self, deviation: Floats) -> Floats:
        """ln of a deviation of one row's return over the usual one."""
        return log_ratio(deviation, NORMAL * self.scale * np.sqrt(self.hours))


def log_ratio(value: Floats, unit: Floats) -> Floats:
    """ln(value ÷ unit), not below ln(0.0001); NaN where either is missing or the unit is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(unit > 0, value / unit, np.nan)
    return np.asarray(np.log(np.maximum(ratio, _LEAST_RATIO)))
