"""One moment's features for every token, and many moments' at once, by the same arithmetic.

`serving_matrix` looks at the last 91 days of hours and 5 days of quarter hours, so its cost does not grow
with history. `training_matrix` computes the same figures for many moments; tests hold both together.
"""

from predictions.features.history import (
    QUARTER,
    WINDOW_HOURS,
    WINDOW_QUARTERS,
    Floats,
    History,
    Quarters,
    Seconds,
    cut,
    pick,
    reference_interval,
    reference_prices,
    window,
)

__all__ = [
    "QUARTER",
    "WINDOW_HOURS",
    "WINDOW_QUARTERS",
    "Floats",
    "History",
    "Quarters",
    "Seconds",
    "cut",
    "pick",
    "reference_interval",
    "reference_prices",
    "window",
]
